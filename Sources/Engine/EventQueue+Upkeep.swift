/// What the queue does rarely: memory, growth, renumbering; and the check of its invariant.
extension EventQueue {
  /// Nodes skipped at the front, so that node 1 begins a cache line and each family of four
  /// children fills one.
  static var padding: Int { 3 }

  /// Room for `capacity` nodes; `deallocate` gives it back.
  static func allocate(_ capacity: Int) -> UnsafeMutablePointer<EventKey> {
    let size = MemoryLayout<EventKey>.stride
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: (capacity + padding) * size, alignment: 4 * size)
    return (block + padding * size).bindMemory(to: EventKey.self, capacity: capacity)
  }

  /// Gives back what `allocate` returned.
  @usableFromInline
  static func deallocate(_ nodes: UnsafeMutablePointer<EventKey>) {
    UnsafeMutableRawPointer(nodes - padding).deallocate()
  }

  /// Doubles the room.
  @usableFromInline @inline(never)
  mutating func grow() {
    let larger = Self.allocate(2 * capacity)
    larger.initialize(from: nodes, count: used)
    Self.deallocate(nodes)
    nodes = larger
    capacity *= 2
  }

  /// Numbers the pending events afresh from zero, in the order in which they will pop.
  ///
  /// Called once in 2³² pushes, when the numbers run out; the order stays what it was. Keys sorted
  /// in ascending order are a heap as they stand. The key of a vacant root is still there and the
  /// least of all, so it stays in its place.
  @usableFromInline @inline(never)
  mutating func renumber() {
    precondition(used < Int(UInt32.max), "more events are pending than can be numbered")
    var pending = UnsafeMutableBufferPointer(start: nodes, count: used)
    pending.sort()
    for index in pending.indices {
      let key = pending[index]
      pending[index] = EventKey(
        time: key.time, sequence: UInt32(index), payload: key.payload)
    }
    sequence = UInt32(used)
  }

  /// Whether every key is at or above its parent's and below the next sequence number, and the
  /// counts make sense. For tests.
  ///
  /// - Complexity: O(`count`).
  var isConsistent: Bool {
    guard 0...capacity ~= used, used > 0 || !rootIsVacant else { return false }
    let first = rootIsVacant ? 1 : 0
    for node in first..<max(used, first) {
      guard nodes[node].sequence < sequence else { return false }
      let parent = (node - 1) / 4
      if node > 0, parent >= first, nodes[node] < nodes[parent] { return false }
    }
    return true
  }
}
