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
  /// What runs beside what.
  let overlap: PassOverlap
  /// First forward and last weight gradient of each work on each rank.
  var places: WorkPlaces
  private let members: Members
  private let uneven: UnevenLoads

  init(
    ranks: Int, works: Int, plan: Plan, transfers: TransferTable, members: Members,
    uneven: UnevenLoads
  ) {
    streams = TaskStreams(ranks: ranks)
    overlap = PassOverlap(plan)
    places = WorkPlaces(ranks: ranks, works: works)
    self.transfers = transfers
    self.members = members
    self.uneven = uneven
  }

  /// A forward, on its own.
  mutating func forward(_ works: [LayerWork]) -> PassEnds {
    start(.forward, .forward)
    if overlap.tensorExchange { return overlappedForward(works) }
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
    if overlap.tensorExchange {
      return overlappedBackward(works, full: full, recompute: recompute)
    }
    var input = PassEnds()
    var weight = PassEnds()
    for work in works.reversed() {
      set(.inputBackward, .inputBackward)
      askForWeights(work, into: &input)
      if recompute, work.layer >= 0 { forwardLayer(work, into: &input, asks: false) }
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
      if full {
        weightBlock(.attentionWeight, work, &weight)
        reduceGradients(work, into: &weight)
      }
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
      reduceGradients(work, into: &ends)
    }
    close(&ends)
    return ends
  }

  /// A layer's whole forward. Full recompute repeats all of it, its last exchange too, since
  /// frameworks run the checkpointed function as it is.
  private mutating func forwardLayer(
    _ work: LayerWork, into ends: inout PassEnds, asks: Bool = true
  ) {
    // In a backward pass the weights are there already.
    if asks { askForWeights(work, into: &ends) }
    block(.attentionForward, work, into: &ends)
    exchange(work.afterAttention, work, into: &ends)
    block(.feedForwardForward, work, into: &ends)
    exchange(work.afterFeedForward, work, into: &ends)
  }

  private mutating func start(_ category: Category, _ pass: PassKind) {
    streams.isSerial = true
    set(category, pass)
  }

  mutating func set(_ category: Category, _ pass: PassKind) {
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
    let first = Int32(streams.tasks.count)
    let shares = work.entry(
      of: block, beside: communication, inBackward: streams.pass != .forward)
    let context = work.context(block)
    if !context.isEmpty, let cut = work.cut(block) {
      let pieces = communication ? cut.beside : cut.alone
      piece(pieces.first + pieces.before, block, work, into: &ends)
      beside(context, pieces.core, block, work, into: &ends)
      piece(pieces.after + pieces.last, block, work, into: &ends)
    } else {
      let row = uneven.row(
        of: block, load: work.load, beside: communication, microBatch: streams.microBatch)
      ends.add(
        streams.compute(
          work.activity(block), time, row: row, shares: shares, layer: work.layer,
          after: previous(ends)))
    }
    places.note(
      block, work, first: first, last: ends.exit, rank: streams.rank, pass: streams.pass)
  }

  /// A piece of a block; one that takes no time still stands for what comes before it.
  mutating func piece(
    _ time: Time, _ block: Block, _ work: LayerWork, into ends: inout PassEnds
  ) {
    ends.add(
      streams.compute(
        work.activity(block), time, shares: shares(of: block, work), layer: work.layer,
        after: previous(ends)))
  }

  /// How a piece's time divides among classes of kernels: as that of its whole block.
  private func shares(of block: Block, _ work: LayerWork) -> Int32 {
    work.entry(of: block, beside: false, inBackward: streams.pass != .forward)
  }

  /// A piece of a block with exchanges beside it. What comes next waits for both.
  mutating func beside(
    _ exchanges: [Exchange], _ time: Time, _ block: Block, _ work: LayerWork,
    into ends: inout PassEnds
  ) {
    let isSerial = streams.isSerial
    let start = isSerial ? -1 : ends.exit
    // In serial mode both streams stand at the same task.
    streams.isSerial = false
    var moved = start
    for exchange in exchanges { moved = communicate(exchange, work, after: moved) }
    ends.add(
      streams.compute(
        work.activity(block), time, shares: shares(of: block, work), layer: work.layer,
        after: start))
    streams.isSerial = isSerial
    if !isSerial { streams.awaits(moved) }
  }

  /// Exchanges one after another; `beside` says whether compute runs beside them.
  mutating func exchange(
    _ exchanges: [Exchange], _ work: LayerWork, beside: Bool = false, into ends: inout PassEnds
  ) {
    for exchange in exchanges {
      ends.add(communicate(exchange, work, beside: beside, after: previous(ends)))
    }
  }

  /// Appends an exchange to the communication stream.
  ///
  /// - Parameter beside: whether compute runs beside it.
  mutating func communicate(
    _ exchange: Exchange, _ work: LayerWork, beside: Bool = true, after: Int32
  ) -> Int32 {
    streams.communicate(
      exchange.activity, transfer: transfer(of: exchange, beside: beside),
      group: members.simulated(exchange.group), layer: work.layer, after: after)
  }

  private mutating func transfer(of exchange: Exchange, beside: Bool) -> Int32 {
    guard exchange.uneven >= 0 else {
      return transfers.index(of: exchange, beside: beside, rank: streams.rank)
    }
    return transfers.index(
      of: uneven.transfer(exchange.uneven, microBatch: streams.microBatch), in: uneven,
      activity: exchange.activity, group: exchange.group, beside: beside, rank: streams.rank)
  }

  /// Under ZeRO-3 the weights of a layer are gathered before a pass over it: while the layer before
  /// runs where gathers overlap, else in the open.
  mutating func askForWeights(_ work: LayerWork, into ends: inout PassEnds) {
    guard !work.gathers.isEmpty else { return }
    guard overlap.parameterGather else { return exchange(work.gathers, work, into: &ends) }
    let after = streams.askForWeights()
    for exchange in work.gathers {
      let index = transfer(of: exchange, beside: true)
      streams.awaits(
        streams.gather(
          transfer: index, group: members.simulated(exchange.group), layer: work.layer,
          after: after))
    }
  }

  /// Under ZeRO-2 and 3 a layer's gradients are reduced as soon as a micro-batch's are there.
  mutating func reduceGradients(_ work: LayerWork, into ends: inout PassEnds) {
    guard !work.reductions.isEmpty else { return }
    var last = ends.exit
    if overlap.gradientReduction {
      for exchange in work.reductions {
        let index = transfer(of: exchange, beside: true)
        last = streams.reduce(
          transfer: index, group: members.simulated(exchange.group), layer: work.layer,
          after: streams.lastCompute)
      }
    } else {
      exchange(work.reductions, work, into: &ends)
      last = ends.exit
    }
    places.note(reduced: last, work, rank: streams.rank)
  }

  /// An exchange of the update, among the replicas of some weights.
  @discardableResult
  mutating func exchange(_ activity: Activity, _ among: ReplicaTransfer) -> Int32 {
    let index = transfers.index(of: among, activity: activity, rank: streams.rank)
    return streams.communicate(activity, transfer: index, group: group(among))
  }

  /// A gather of what the step before updated, beside passes.
  mutating func gatherBeside(_ among: ReplicaTransfer, layer: Int32) -> Int32 {
    let index = transfers.index(of: among, activity: .parameterGather, rank: streams.rank)
    return streams.gatherUpdate(transfer: index, group: group(among), layer: layer)
  }

  /// A reduction beside passes, once `after` has ended.
  mutating func reduceBeside(_ among: ReplicaTransfer, layer: Int32, after: Int32) -> Int32 {
    let index = transfers.index(of: among, activity: .gradientReduction, rank: streams.rank)
    return streams.reduce(transfer: index, group: group(among), layer: layer, after: after)
  }

  private func group(_ among: ReplicaTransfer) -> MemberGroup {
    guard members.isEveryGPU else { return .alone }
    return MemberGroup(count: max(1, members.count / among.stride), stride: among.stride)
  }

  /// A pass with nothing in it still has a place where others wait for it.
  mutating func close(_ ends: inout PassEnds) {
    if ends.entry < 0 { ends.add(streams.compute(.embedding, .zero)) }
  }

  func previous(_ ends: PassEnds) -> Int32 { streams.isSerial ? -1 : ends.exit }
}
