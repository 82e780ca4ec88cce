/// A list of indices that grows, and is emptied without giving its memory back.
struct IndexList: ~Copyable {
  private(set) var count = 0
  private var capacity = 16
  private(set) var items = UnsafeMutablePointer<Int32>.allocate(capacity: 16)

  deinit { items.deallocate() }

  subscript(position: Int) -> Int {
    @inline(__always) get { Int(items[position]) }
  }

  @inline(__always)
  mutating func append(_ index: Int) {
    if count == capacity { grow() }
    items[count] = Int32(truncatingIfNeeded: index)
    count &+= 1
  }

  mutating func removeLast() -> Int {
    count &-= 1
    return Int(items[count])
  }

  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Int32>.allocate(capacity: 2 * capacity)
    larger.update(from: items, count: count)
    items.deallocate()
    items = larger
    capacity *= 2
  }
}
