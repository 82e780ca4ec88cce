/// Links by the level at which they would be full, lowest first.
///
/// Levels rise while flows freeze, so an entry may be out of date: whoever takes the top compares
/// its level with the link's own and puts the new one in its place. Where a level has fallen there
/// is a second entry, and the link knows which one counts.
struct LinkHeap: ~Copyable {
  struct Entry: BitwiseCopyable {
    var level: Double
    var link: Int
  }

  private var entries = UnsafeMutablePointer<Entry>.allocate(capacity: 16)
  private var capacity = 16
  private(set) var count = 0

  deinit { entries.deallocate() }

  var top: Entry { entries[0] }

  /// The entries in no order that means anything but the first; `order` follows a change.
  subscript(index: Int) -> Entry {
    @inline(__always) get { entries[index] }
    @inline(__always) set { entries[index] = newValue }
  }

  /// Drops the entries from `count` on.
  mutating func cut(to count: Int) { self.count = count }

  mutating func removeAll() { count = 0 }

  /// Adds an entry without order; `order` follows.
  @inline(__always)
  mutating func add(_ entry: Entry) {
    if count == capacity { grow() }
    entries[count] = entry
    count &+= 1
  }

  /// Adds an entry to an ordered heap.
  mutating func push(_ entry: Entry) {
    add(entry)
    let entries = entries
    var hole = count &- 1
    while hole > 0, entries[(hole &- 1) / 2].level > entry.level {
      entries[hole] = entries[(hole &- 1) / 2]
      hole = (hole &- 1) / 2
    }
    entries[hole] = entry
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: 2 * capacity)
    larger.update(from: entries, count: count)
    entries.deallocate()
    entries = larger
    capacity *= 2
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
