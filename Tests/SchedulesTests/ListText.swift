import Schedules

/// A list that does not read as actions.
struct UnreadableList: Error {
  var text: String
}

/// Reads lists as the tests write them: a line for each rank, actions apart by commas, and an
/// overlapped pair as `0F4+3B2`.
func lists(_ text: String) throws -> [[Action]] {
  try text.split(separator: "\n").map { line in
    try line.split(separator: ",").map { cell in
      let passes = try cell.filter { $0 != " " }.split(separator: "+").map(pass)
      guard passes.count == 2 else { return .single(passes[0]) }
      return .overlapped(forward: passes[0], backward: passes[1])
    }
  }
}

private func pass(_ text: Substring) throws -> Pass {
  guard let middle = text.firstIndex(where: \.isLetter),
    let kind = PassKind.allCases.first(where: { $0.letter == text[middle] }),
    let stage = Int(text[..<middle]), let microBatch = Int(text[text.index(after: middle)...])
  else { throw UnreadableList(text: String(text)) }
  return Pass(stage, kind, microBatch)
}

/// A stream of numbers that is the same in every run.
struct FixedStream {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  /// The next number of `range`, a multiple of 1/1024 so that sums stay exact.
  mutating func real(_ range: ClosedRange<Double>) -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let ratio = Double(state >> 40) / Double(1 << 24)
    let value = range.lowerBound + ratio * (range.upperBound - range.lowerBound)
    return min(max((value * 1024).rounded() / 1024, range.lowerBound), range.upperBound)
  }

  /// The next whole number of `range`.
  mutating func whole(_ range: ClosedRange<Int>) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return range.lowerBound + Int(state >> 33) % range.count
  }
}
