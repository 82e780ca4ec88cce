/// The one of `names` that `word` most likely means, or nil where none is close: at most a third
/// of the letters differ, upper and lower case, blanks and the kind of dash aside.
///
///     suggestion(for: "microbatch", among: ["sequence_length", "micro_batch"])   // micro_batch
func suggestion(for word: String, among names: [String]) -> String? {
  let word = folded(word)
  guard !word.isEmpty, word.count <= 64 else { return nil }
  var best: (name: String, distance: Int)?
  for name in names {
    let distance = editDistance(word, folded(name))
    guard distance * 3 <= max(word.count, name.count) else { continue }
    if distance < best?.distance ?? .max { best = (name, distance) }
  }
  return best?.name
}

private func folded(_ word: String) -> [Character] {
  word.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
}

/// Letters to put in, take out, replace or swap with their neighbour to make `b` of `a`.
func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var before: [Int] = []
  var previous = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      var cost = min(
        previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
      current.append(cost)
    }
    before = previous
    previous = current
  }
  return previous[b.count]
}
