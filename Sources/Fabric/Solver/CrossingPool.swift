/// One end of a flow's crossing of a link.
struct Crossing: BitwiseCopyable {
  /// In a flow's path the link; on a link the flow.
  var index: Int32
  /// Where the other end stands: in a path the position on the link; on a link the record of the
  /// path.
  var twin: Int32
  /// Bytes on the link for each byte of payload.
  var share: Double
}

/// A run of records in the pool.
struct CrossingBlock: BitwiseCopyable {
  var offset: Int32 = 0
  /// Records in use, from the first.
  var count: Int32 = 0
  /// There is room for two to this power; -1 for none.
  var order: Int32 = -1

  var range: Range<Int> { Int(offset)..<Int(offset &+ count) }
}

/// Blocks of crossings in one piece of memory; a block that is given back is used again.
struct CrossingPool: ~Copyable {
  private(set) var records: UnsafeMutablePointer<Crossing>
  private var capacity = 64
  private var used = 0
  /// First free block of each order, -1 for none; a free block's first record names the next.
  private var free = [Int32](repeating: -1, count: 32)

  init() { records = .allocate(capacity: 64) }

  deinit { records.deallocate() }

  /// A block with room for `count` records, none of them in use.
  mutating func allocate(_ count: Int) -> CrossingBlock {
    let order = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    let offset = free[order]
    if offset >= 0 {
      free[order] = records[Int(offset)].index
      return CrossingBlock(offset: offset, order: Int32(order))
    }
    let size = 1 << order
    precondition(used + size <= Int(Int32.max), "more than 2^31 crossings")
    if used + size > capacity { grow(used + size) }
    defer { used += size }
    return CrossingBlock(offset: Int32(used), order: Int32(order))
  }

  /// Takes a block back.
  mutating func free(_ block: CrossingBlock) {
    guard block.order >= 0 else { return }
    records[Int(block.offset)].index = free[Int(block.order)]
    free[Int(block.order)] = block.offset
  }

  /// Adds a record to a block, which moves if it is full; returns its position in the block.
  @inline(__always)
  mutating func append(_ record: Crossing, to block: inout CrossingBlock) -> Int32 {
    if block.order < 0 || block.count == 1 << block.order { enlarge(&block) }
    records[Int(block.offset &+ block.count)] = record
    block.count &+= 1
    return block.count &- 1
  }

  @inline(never)
  private mutating func enlarge(_ block: inout CrossingBlock) {
    var larger = allocate(max(2 * Int(block.count), 1))
    (records + Int(larger.offset)).update(
      from: records + Int(block.offset), count: Int(block.count))
    larger.count = block.count
    free(block)
    block = larger
  }

  @inline(never)
  private mutating func grow(_ least: Int) {
    let room = max(least, 2 * capacity)
    let larger = UnsafeMutablePointer<Crossing>.allocate(capacity: room)
    larger.update(from: records, count: used)
    records.deallocate()
    records = larger
    capacity = room
  }
}
