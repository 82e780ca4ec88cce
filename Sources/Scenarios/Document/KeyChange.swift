/// A value put at a key path of a document, as `--set` and a point of `sweep` do; the word `null`
/// takes the key out.
struct KeyChange {
  /// The parts of the key path.
  let keys: [String]
  /// The value.
  let value: Document.Value
  /// Where the value was written.
  let place: Place

  /// Puts the value into the document, in place of what stands at the key path.
  ///
  /// - Throws: `ScenarioError` where the path leads into a value that is no table.
  func apply(to document: inout Document) throws(ScenarioError) {
    try set(value, at: keys[...], in: &document.root, path: [])
  }

  private func set(
    _ value: Document.Value, at keys: ArraySlice<String>, in table: inout Document.Table,
    path: [String]
  ) throws(ScenarioError) {
    guard let key = keys.first else { return }
    let index = table.entries.firstIndex { $0.key == key }
    var entry =
      index.map { table.entries[$0] }
      ?? Document.Entry(key: key, place: place, value: .scalar(text: "", isQuoted: false))
    if keys.count == 1 {
      if case .scalar("null", isQuoted: false) = value {
        if let index { table.entries.remove(at: index) }
        return
      }
      entry.value = value
      entry.place = place
    } else {
      entry.value = try changed(entry.value, value, at: keys.dropFirst(), path: path + [key])
    }
    if let index { table.entries[index] = entry } else { table.entries.append(entry) }
  }

  /// A table or a list with the value put into it; the values of a list are numbered from 1.
  private func changed(
    _ outer: Document.Value, _ value: Document.Value, at keys: ArraySlice<String>, path: [String]
  ) throws(ScenarioError) -> Document.Value {
    switch outer {
    case .table(var table):
      try set(value, at: keys, in: &table, path: path)
      return .table(table)
    case .list(var items):
      guard let key = keys.first, let number = Int(key), number >= 1,
        number <= items.count
      else {
        if items.isEmpty { break }
        throw ScenarioError(
          .run(
            .noItem(
              list: path.joined(separator: "."), item: shortened(keys.first ?? ""),
              count: items.count)), at: place)
      }
      if keys.count > 1 {
        items[number - 1].value = try changed(
          items[number - 1].value, value, at: keys.dropFirst(), path: path + [key])
      } else if case .scalar("null", isQuoted: false) = value {
        items.remove(at: number - 1)
      } else {
        items[number - 1] = Document.Item(place: place, value: value)
      }
      return .list(items)
    case let other where other.isEmpty:
      var table = Document.Table(entries: [])
      try set(value, at: keys, in: &table, path: path)
      return .table(table)
    case .scalar: break
    }
    throw ScenarioError(
      .overrideInValue(key: path.joined(separator: "."), value: outer.quoted), at: place)
  }
}
