/// Links by the level at which they would be full, lowest first.
///
/// Levels only rise while flows freeze, so an entry may be out of date: whoever takes the top
/// compares its level with the link's own and puts the new one in its place.
struct LinkHeap: ~Copyable {
  struct Entry: BitwiseCopyable {
    var level: Double
    var link: Int
  }

  private let entries: UnsafeMutablePointer<Entry>
  private(set) var count = 0

  /// A heap with room for every link.
  init(links: Int) { entries = .allocate(capacity: max(links, 1)) }

  deinit { entries.deallocate() }

  var top: Entry { entries[0] }

  mutating func removeAll() { count = 0 }

  /// Adds an entry without order; `order` follows.
  @inline(__always)
  mutating func add(_ entry: Entry) {
    entries[count] = entry
    count &+= 1
  }

  /// Makes a heap of what was added.
  ///
  /// - Complexity: O(`count`).
  mutating func order() {
    var index = count / 2
    while index > 0 {
      index &-= 1
      sift(entries[index], from: index)
    }
  }

  mutating func replaceTop(_ level: Double) {
    sift(Entry(level: level, link: entries[0].link), from: 0)
  }

  mutating func removeTop() {
    count &-= 1
    if count > 0 { sift(entries[count], from: 0) }
  }

  /// Puts an entry where its level belongs, at or below the hole.
  private func sift(_ entry: Entry, from start: Int) {
    let (entries, count) = (entries, count)
    var hole = start
    while true {
      var child = 2 &* hole &+ 1
      if child >= count { break }
      if child &+ 1 < count, entries[child &+ 1].level < entries[child].level { child &+= 1 }
      if entries[child].level >= entry.level { break }
      entries[hole] = entries[child]
      hole = child
    }
    entries[hole] = entry
  }
}
