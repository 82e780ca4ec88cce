import Quantities
import Schedules

/// One step of a pass on its own.
private struct PassStep {
  enum Kind {
    case block(Block)
    case exchange(Exchange)
    case gather
    case reduction
  }

  var kind: Kind
  var work: LayerWork
  /// Whether it belongs to the weight gradients.
  var isWeight = false

  /// Whether it is an exchange that is cut into chunks.
  var tensorExchange: Exchange? {
    if case .exchange(let exchange) = kind, exchange.isCut { exchange } else { nil }
  }

  /// Where the block is cut next to exchanges; nil where it is not.
  var cut: BlockCut? {
    guard case .block(let block) = kind, let cut = work.cut(block), cut.alone.last > .zero else {
      return nil
    }
    return cut
  }
}

/// Passes on their own whose tensor-parallel exchanges run beside the products next to them.
///
/// An exchange is a reduce-scatter of what the product before it gives and an all-gather of what the
/// product after it takes. Each is cut into chunks: all chunks but the last leave while the product
/// before still runs, all but the first arrive while the product after runs already, and one of each
/// stands in the open between them.
///
///     compute         ... | last product |        | first product | ...
///     communication          scatter 3/4  | 1/4+1/4 | gather 3/4
extension PassTasks {
  mutating func overlappedForward(_ works: [LayerWork]) -> PassEnds {
    var ends = PassEnds()
    var weight = PassEnds()
    write(works.flatMap { Self.forwardSteps($0, asks: true) }, &ends, &weight)
    close(&ends)
    return ends
  }

  mutating func overlappedBackward(
    _ works: [LayerWork], full: Bool, recompute: Bool
  ) -> (input: PassEnds, weight: PassEnds) {
    var steps: [PassStep] = []
    for work in works.reversed() {
      func add(_ block: Block, isWeight: Bool = false) {
        steps.append(PassStep(kind: .block(block), work: work, isWeight: isWeight))
      }
      steps.append(PassStep(kind: .gather, work: work))
      if recompute, work.layer >= 0 { steps += Self.forwardSteps(work, asks: false) }
      steps += work.beforeFeedForward.map { PassStep(kind: .exchange($0), work: work) }
      add(.feedForwardInput)
      if full { add(.feedForwardWeight, isWeight: true) }
      steps += work.beforeAttention.map { PassStep(kind: .exchange($0), work: work) }
      add(.attentionInput)
      if full {
        add(.attentionWeight, isWeight: true)
        steps.append(PassStep(kind: .reduction, work: work, isWeight: true))
      }
    }
    var input = PassEnds()
    var weight = PassEnds()
    write(steps, &input, &weight)
    set(.inputBackward, .inputBackward)
    close(&input)
    input.exit = max(input.exit, weight.exit)
    return (input, weight)
  }

  /// A layer's whole forward, its last exchange too; in a backward pass its weights are there already.
  private static func forwardSteps(_ work: LayerWork, asks: Bool) -> [PassStep] {
    var steps: [PassStep] = []
    if asks { steps.append(PassStep(kind: .gather, work: work)) }
    steps.append(PassStep(kind: .block(.attentionForward), work: work))
    steps += work.afterAttention.map { PassStep(kind: .exchange($0), work: work) }
    steps.append(PassStep(kind: .block(.feedForwardForward), work: work))
    steps += work.afterFeedForward.map { PassStep(kind: .exchange($0), work: work) }
    return steps
  }

  /// Writes the steps; `leaving` is an exchange whose reduce-scatter has begun, `arriving` one whose
  /// all-gather has still to run.
  private mutating func write(
    _ steps: [PassStep], _ input: inout PassEnds, _ weight: inout PassEnds
  ) {
    var leaving = false
    var arriving: (exchange: Exchange, work: LayerWork)?
    for (index, step) in steps.enumerated() {
      let isForward = streams.category == .forward
      if !isForward {
        set(
          step.isWeight ? .weightBackward : .inputBackward,
          step.isWeight ? .weightBackward : .inputBackward)
      }
      // Weight gradients run on beside what leaves.
      if !step.isWeight { streams.isSerial = true }
      switch step.kind {
      case .gather: askForWeights(step.work, into: &input)
      case .reduction: reduceGradients(step.work, into: &weight)
      case .exchange(let exchange):
        guard step.tensorExchange != nil else {
          self.exchange([exchange], step.work, into: &input)
          continue
        }
        flush(&arriving, into: &input)
        let open = (leaving ? 1 : BlockCut.chunks) + 1
        self.exchange([exchange.half(open / BlockCut.chunks)], step.work, into: &input)
        leaving = false
        arriving = (exchange, step.work)
      case .block(let block):
        if step.isWeight {
          if input.entry < 0 { close(&input) }
          self.block(block, step.work, into: &weight)
          continue
        }
        guard let cut = step.cut else {
          self.block(block, step.work, into: &input)
          continue
        }
        let next = Self.exchangeAfter(index, steps)
        cutBlock(block, step.work, cut.alone, arriving: &arriving, leaving: next, into: &input)
        leaving = next != nil
      }
    }
    streams.isSerial = true
    if streams.category != .forward { set(.inputBackward, .inputBackward) }
    flush(&arriving, into: &input)
  }

  /// A block between two exchanges.
  private mutating func cutBlock(
    _ block: Block, _ work: LayerWork, _ pieces: BlockPieces,
    arriving: inout (exchange: Exchange, work: LayerWork)?, leaving: Exchange?,
    into ends: inout PassEnds
  ) {
    let first = Int32(streams.tasks.count)
    let share = 1 - 1 / BlockCut.chunks
    var before = pieces.before
    if let (exchange, _) = arriving {
      beside([exchange.half(share)], pieces.first, block, work, into: &ends)
      arriving = nil
    } else {
      before += pieces.first
    }
    let context = work.context(block)
    if context.isEmpty {
      piece(before + pieces.core + pieces.after, block, work, into: &ends)
    } else {
      piece(before, block, work, into: &ends)
      beside(context, pieces.core, block, work, into: &ends)
      piece(pieces.after, block, work, into: &ends)
    }
    if let leaving {
      beside([leaving.half(share)], pieces.last, block, work, into: &ends)
      // What follows beside it does not wait; the exchange that closes it does.
      streams.isSerial = false
    } else if pieces.last > .zero {
      piece(pieces.last, block, work, into: &ends)
    }
    places.note(
      block, work, first: first, last: ends.exit, rank: streams.rank, pass: streams.pass)
  }

  /// The tensor-parallel exchange after a step, if it comes before another block that is cut.
  private static func exchangeAfter(_ index: Int, _ steps: [PassStep]) -> Exchange? {
    for step in steps[(index + 1)...] {
      if let exchange = step.tensorExchange { return exchange }
      if step.cut != nil { return nil }
    }
    return nil
  }

  /// An all-gather that no product runs beside.
  private mutating func flush(
    _ arriving: inout (exchange: Exchange, work: LayerWork)?, into ends: inout PassEnds
  ) {
    guard let (exchange, work) = arriving else { return }
    self.exchange([exchange.half(1 - 1 / BlockCut.chunks)], work, into: &ends)
    arriving = nil
  }
}

extension Exchange {
  /// So many halves of an exchange that is a reduce-scatter and an all-gather.
  fileprivate func half(_ count: Double) -> Exchange {
    var exchange = self
    exchange.transfer = transfer.repeated(0.5).scaled(by: count)
    return exchange
  }
}
