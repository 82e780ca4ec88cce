/// A list that grows, and is emptied without giving its memory back.
struct GrowingList<Element: BitwiseCopyable>: ~Copyable {
  private(set) var count = 0
  private var capacity = 0
  private(set) var items = UnsafeMutablePointer<Element>.allocate(capacity: 1)

  deinit { items.deallocate() }

  /// Makes room for `count` elements in all.
  mutating func reserve(_ count: Int) {
    if count > capacity { move(to: count) }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { move(to: max(16, 2 * capacity)) }
    items[count] = element
    count &+= 1
  }

  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func move(to room: Int) {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: room)
    larger.update(from: items, count: count)
    items.deallocate()
    items = larger
    capacity = room
  }
}

/// Indices of flows or links.
typealias IndexList = GrowingList<Int32>

extension GrowingList where Element == Int32 {
  subscript(position: Int) -> Int {
    @inline(__always) get { Int(items[position]) }
  }

  @inline(__always)
  mutating func append(_ index: Int) { append(Int32(truncatingIfNeeded: index)) }

  mutating func removeLast() -> Int {
    count &-= 1
    return Int(items[count])
  }
}
