public import Quantities

/// The events still to happen, earliest first; of equal times, the one pushed first.
///
///     var queue = EventQueue()
///     queue.push(at: Time(picoseconds: 20), payload: 1)
///     queue.push(at: Time(picoseconds: 10), payload: 2)
///     queue.push(at: Time(picoseconds: 10), payload: 3)
///     while let event = queue.pop() { print(event.payload) }   // 2, 3, 1
///
/// The order is total, so a simulation that pushes the same events pops the same events.
///
/// It is a heap with four children to a node. The root sits so that the children of every node
/// fill one cache line, and a key that moves shifts the others into the hole it leaves and is
/// written once. A simulation mostly pops an event and soon pushes the one that follows from it,
/// so `pop` leaves the root vacant, and a push that comes next takes the root's place: one walk
/// down the heap in place of a walk down and one up.
///
/// Invariant: the key of a node is not below its parent's; a vacant root counts as the least key.
@frozen
public struct EventQueue: ~Copyable {
  /// Node 0 is the root; the children of node `i` are `4i + 1 ... 4i + 4`.
  @usableFromInline var nodes: UnsafeMutablePointer<EventKey>
  /// Nodes there is room for.
  @usableFromInline var capacity: Int
  /// Nodes in use, a vacant root included.
  @usableFromInline var used: Int
  /// Whether the root has been popped and nothing has taken its place.
  @usableFromInline var rootIsVacant: Bool
  /// The sequence number of the next push.
  @usableFromInline var sequence: UInt32

  /// An empty queue with room for `minimumCapacity` events before it has to grow.
  public init(minimumCapacity: Int = 0) {
    self.init(minimumCapacity: minimumCapacity, firstSequence: 0)
  }

  /// An empty queue whose first push gets the given sequence number.
  init(minimumCapacity: Int, firstSequence: UInt32) {
    capacity = max(minimumCapacity, 16)
    nodes = Self.allocate(capacity)
    used = 0
    rootIsVacant = false
    sequence = firstSequence
  }

  deinit { Self.deallocate(nodes) }
}

/// The queue is the only owner of its memory, so it may move to another thread.
extension EventQueue: @unchecked Sendable {}

extension EventQueue {
  /// Events pending.
  @inlinable
  public var count: Int { rootIsVacant ? used &- 1 : used }

  /// Whether nothing is pending.
  @inlinable
  public var isEmpty: Bool { count == 0 }

  /// When the next event happens; nil when nothing is pending.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var next: Time? {
    guard rootIsVacant else { return used > 0 ? nodes[0].time : nil }
    guard used > 1 else { return nil }
    var least = nodes[1]
    var child = 2
    while child < min(used, 5) {
      if nodes[child] < least { least = nodes[child] }
      child &+= 1
    }
    return least.time
  }

  /// Adds an event. The time may lie before the last one popped, but not before zero.
  ///
  /// - Complexity: O(log `count`), amortized over growth.
  @inlinable
  public mutating func push(at time: Time, payload: UInt32) {
    precondition(time.picoseconds >= 0, "an event cannot happen before time zero")
    if sequence == UInt32.max { renumber() }
    let key = EventKey(time: time, sequence: sequence, payload: payload)
    sequence &+= 1
    if rootIsVacant {
      rootIsVacant = false
      sink(key)
    } else {
      if used == capacity { grow() }
      rise(key)
    }
  }

  /// Takes out the earliest event, of equal times the one pushed first; nil when none is pending.
  ///
  /// - Complexity: O(log `count`).
  @inlinable
  public mutating func pop() -> Event? {
    if rootIsVacant { fillRoot() }
    guard used > 0 else { return nil }
    rootIsVacant = true
    return Event(time: nodes[0].time, payload: nodes[0].payload)
  }

  /// Drops every pending event and starts over, with the room it has.
  ///
  /// - Complexity: O(1).
  public mutating func removeAll() {
    used = 0
    rootIsVacant = false
    sequence = 0
  }

  /// Puts the last key in the place of a vacant root.
  @inlinable
  mutating func fillRoot() {
    rootIsVacant = false
    used &-= 1
    if used > 0 { sink(nodes[used]) }
  }

  /// Adds a node for `key` and moves it up to where its parent is below it.
  @inlinable
  mutating func rise(_ key: EventKey) {
    let nodes = nodes
    var hole = used
    while hole > 0 {
      let parent = (hole &- 1) >> 2
      guard key < nodes[parent] else { break }
      nodes[hole] = nodes[parent]
      hole = parent
    }
    nodes[hole] = key
    used &+= 1
  }

  /// Moves `key` from the root, which is free, down to where no child is below it.
  @inlinable
  mutating func sink(_ key: EventKey) {
    // Copies in locals, so that the loop does not reload the queue's fields. The four children are
    // loaded before they are compared, so that no load waits for what a compare finds.
    let nodes = nodes
    let used = used
    var hole = 0
    while true {
      let first = 4 &* hole &+ 1
      guard first < used else { break }
      var least = first
      if first &+ 4 <= used {
        var leastKey = nodes[first]
        let (second, third, fourth) = (nodes[first &+ 1], nodes[first &+ 2], nodes[first &+ 3])
        if second < leastKey { (least, leastKey) = (first &+ 1, second) }
        if third < leastKey { (least, leastKey) = (first &+ 2, third) }
        if fourth < leastKey { least = first &+ 3 }
      } else {
        var child = first &+ 1
        while child < used {
          if nodes[child] < nodes[least] { least = child }
          child &+= 1
        }
      }
      guard nodes[least] < key else { break }
      nodes[hole] = nodes[least]
      hole = least
    }
    nodes[hole] = key
  }
}
