import Engine
import Fabric
import Quantities
import Schedules

/// First and last task of a pass's part: what waits for its input, what its output waits for.
struct PassEnds {
  var entry: Int32 = -1
  var exit: Int32 = -1
  /// In an overlapped pair the other half's first task, which waits for this half's input too, and
  /// the last task on the other stream, for which results wait too.
  var otherEntry: Int32 = -1
  var otherExit: Int32 = -1

  mutating func add(_ task: Int32) {
    if entry < 0 { entry = task }
    exit = task
  }
}

/// Writes the tasks of single passes and of overlapped pairs.
///
/// Alone, a pass runs block after block with its communication in between and in the open. An
/// overlapped pair interleaves one layer of each half on both streams, in the order of the public
/// trace of DeepSeek-V3 (deepseek-ai/profile-data):
///
///     compute         attention F | feed-forward I, W | feed-forward F | attention I, W
///     communication   combine's I | dispatch F        | dispatch's I   | combine F
struct PassTasks {
  var streams: TaskStreams
  /// The transfers named so far.
  var transfers: TransferTable
  private let members: Members
  private let uneven: UnevenLoads

  init(ranks: Int, transfers: TransferTable, members: Members, uneven: UnevenLoads) {
    streams = TaskStreams(ranks: ranks)
    self.transfers = transfers
    self.members = members
    self.uneven = uneven
  }

  /// A forward, on its own.
  mutating func forward(_ works: [LayerWork]) -> PassEnds {
    start(.forward, .forward)
    var ends = PassEnds()
    for work in works { forwardLayer(work, into: &ends) }
    close(&ends)
    return ends
  }

  /// Input gradients on their own, with the weight gradients if `full`. A full backward hands its
  /// result on at its end, as frameworks do.
  mutating func backward(
    _ works: [LayerWork], full: Bool, recompute: Bool
  ) -> (input: PassEnds, weight: PassEnds) {
    start(.inputBackward, .inputBackward)
    var input = PassEnds()
    var weight = PassEnds()
    for work in works.reversed() {
      set(.inputBackward, .inputBackward)
      if recompute, work.layer >= 0 { forwardLayer(work, into: &input) }
      exchange(work.beforeFeedForward, work, into: &input)
      block(.feedForwardInput, work, into: &input)
      if full {
        // A pass without input work still waits for its gradient before its weights' turn.
        close(&input)
        weightBlock(.feedForwardWeight, work, &weight)
      }
      set(.inputBackward, .inputBackward)
      exchange(work.beforeAttention, work, into: &input)
      block(.attentionInput, work, into: &input)
      if full { weightBlock(.attentionWeight, work, &weight) }
    }
    set(.inputBackward, .inputBackward)
    close(&input)
    input.exit = max(input.exit, weight.exit)
    return (input, weight)
  }

  /// Weight gradients on their own.
  mutating func weight(_ works: [LayerWork]) -> PassEnds {
    start(.weightBackward, .weightBackward)
    var ends = PassEnds()
    for work in works.reversed() {
      block(.feedForwardWeight, work, into: &ends)
      block(.attentionWeight, work, into: &ends)
    }
    close(&ends)
    return ends
  }

  /// A layer's whole forward. Full recompute repeats all of it, its last exchange too, since
  /// frameworks run the checkpointed function as it is.
  private mutating func forwardLayer(_ work: LayerWork, into ends: inout PassEnds) {
    block(.attentionForward, work, into: &ends)
    exchange(work.afterAttention, work, into: &ends)
    block(.feedForwardForward, work, into: &ends)
    exchange(work.afterFeedForward, work, into: &ends)
  }

  private mutating func start(_ category: Category, _ pass: PassKind) {
    streams.isSerial = true
    set(category, pass)
  }

  private mutating func set(_ category: Category, _ pass: PassKind) {
    streams.category = category
    streams.pass = pass
  }

  private mutating func weightBlock(_ block: Block, _ work: LayerWork, _ ends: inout PassEnds) {
    set(.weightBackward, .weightBackward)
    self.block(block, work, into: &ends)
  }

  /// A block takes its place in the stream only if there is something in it. In a pair it waits for
  /// what its own half did last, on whichever stream; alone everything waits for everything before.
  mutating func block(
    _ block: Block, _ work: LayerWork, beside communication: Bool = false,
    into ends: inout PassEnds
  ) {
    let time = work.time(block, beside: communication)
    guard time > .zero else { return }
    let row = uneven.row(
      of: block, load: work.load, beside: communication, microBatch: streams.microBatch)
    let shares = work.entry(
      of: block, beside: communication, inBackward: streams.pass != .forward)
    ends.add(
      streams.compute(
        work.activity(block), time, row: row, shares: shares, layer: work.layer,
        after: previous(ends)))
  }

  /// Exchanges one after another; `beside` says whether compute runs beside them.
  mutating func exchange(
    _ exchanges: [Exchange], _ work: LayerWork, beside: Bool = false, into ends: inout PassEnds
  ) {
    for exchange in exchanges {
      let group = members.group(of: exchange.activity)
      let transfer =
        if exchange.uneven >= 0 {
          transfers.index(
            of: uneven.transfer(exchange.uneven, microBatch: streams.microBatch),
            in: uneven, activity: exchange.activity, beside: beside, rank: streams.rank)
        } else {
          transfers.index(of: exchange, group: group, beside: beside, rank: streams.rank)
        }
      ends.add(
        streams.communicate(
          exchange.activity, transfer: transfer, group: group, layer: work.layer,
          after: previous(ends)))
    }
  }

  /// An exchange of the update, among the replicas of some weights.
  @discardableResult
  mutating func exchange(_ activity: Activity, _ among: ReplicaTransfer) -> Int32 {
    let index = transfers.index(of: among, activity: activity, rank: streams.rank)
    let stride = members.isEveryGPU ? among.stride : 1
    return streams.communicate(
      activity, transfer: index, group: max(1, members.count / stride), stride: stride)
  }

  /// A pass with nothing in it still has a place where others wait for it.
  mutating func close(_ ends: inout PassEnds) {
    if ends.entry < 0 { ends.add(streams.compute(.embedding, .zero)) }
  }

  private func previous(_ ends: PassEnds) -> Int32 { streams.isSerial ? -1 : ends.exit }
}
