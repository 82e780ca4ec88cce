import Quantities
import Schedules

/// One half of an overlapped pair while its tasks are written.
private struct Half {
  var ends = PassEnds()
  /// The half's task that its next one waits for.
  var last: Int32 = -1

  mutating func add(_ task: Int32) {
    ends.add(task)
    last = task
  }
}

extension PassTasks {
  /// An overlapped pair: the forward of one micro-batch and the full backward of another. It starts
  /// when both inputs are in and hands both results on when both streams are done, as DualPipe's
  /// code does.
  mutating func pair(
    forward: (works: [LayerWork], pass: Pass), backward: (works: [LayerWork], pass: Pass),
    recompute: Bool
  ) -> (forward: PassEnds, input: PassEnds, weight: PassEnds) {
    streams.isSerial = false
    streams.category = .overlapped
    var first = Half()
    var second = Half()
    var weight = PassEnds()
    let backwardWorks = Array(backward.works.reversed())
    for index in 0..<max(forward.works.count, backwardWorks.count) {
      let f = index < forward.works.count ? forward.works[index] : nil
      let b = index < backwardWorks.count ? backwardWorks[index] : nil
      // Compute leaves multiprocessors to communication only where there is some beside it.
      let shares = (f?.communicates ?? false) || (b?.communicates ?? false)
      if recompute, let b, b.layer >= 0 {
        enter(backward.pass, .inputBackward)
        compute(b, b.attention, time(b, \.attentionForward, shares), &second)
        communicate(b, b.afterAttention, &second)
        compute(b, b.feedForward, time(b, \.feedForwardForward, shares), &second)
      }
      if let b {
        enter(backward.pass, .inputBackward)
        communicate(b, b.beforeFeedForward, &second)
      }
      if let f {
        enter(forward.pass, .forward)
        compute(f, f.attention, time(f, \.attentionForward, shares), &first)
        communicate(f, f.afterAttention, &first)
      }
      if let b {
        enter(backward.pass, .inputBackward)
        compute(b, b.feedForward, time(b, \.feedForwardInput, shares), &second)
        communicate(b, b.beforeAttention, &second)
        if second.ends.entry < 0 { second.add(streams.compute(b.feedForward, .zero)) }
        enter(backward.pass, .weightBackward)
        weightBlock(b, b.feedForward, time(b, \.feedForwardWeight, shares), &weight)
      }
      if let f {
        enter(forward.pass, .forward)
        compute(f, f.feedForward, time(f, \.feedForwardForward, shares), &first)
        communicate(f, f.afterFeedForward, &first)
      }
      if let b {
        enter(backward.pass, .inputBackward)
        compute(b, b.attention, time(b, \.attentionInput, shares), &second)
        enter(backward.pass, .weightBackward)
        weightBlock(b, b.attention, time(b, \.attentionWeight, shares), &weight)
      }
    }
    enter(forward.pass, .forward)
    close(&first)
    enter(backward.pass, .inputBackward)
    close(&second)
    let tails = streams.tails(of: Int(streams.rank))
    return (
      joined(first.ends, second.ends, tails), joined(second.ends, first.ends, tails), weight
    )
  }

  private func joined(_ ends: PassEnds, _ other: PassEnds, _ tails: [Int32]) -> PassEnds {
    PassEnds(
      entry: ends.entry, exit: tails.first ?? ends.exit, otherEntry: other.entry,
      otherExit: tails.last ?? -1)
  }

  private mutating func enter(_ pass: Pass, _ part: PassKind) {
    streams.stage = pass.stage
    streams.microBatch = pass.microBatch
    streams.pass = part
  }

  private func time(
    _ work: LayerWork, _ block: KeyPath<BlockTimes, Time>, _ shares: Bool
  ) -> Time {
    shares ? work.beside[keyPath: block] : work.alone[keyPath: block]
  }

  private mutating func compute(
    _ work: LayerWork, _ activity: Activity, _ time: Time, _ half: inout Half
  ) {
    guard time > .zero else { return }
    half.add(streams.compute(activity, time, layer: work.layer, after: half.last))
  }

  private mutating func communicate(
    _ work: LayerWork, _ exchanges: [Exchange], _ half: inout Half
  ) {
    for exchange in exchanges {
      let transfer = transfers.index(of: exchange.transfer, rank: streams.rank)
      half.add(
        streams.communicate(
          exchange.activity, transfer: transfer, layer: work.layer, after: half.last))
    }
  }

  private mutating func weightBlock(
    _ work: LayerWork, _ activity: Activity, _ time: Time, _ ends: inout PassEnds
  ) {
    if time > .zero { ends.add(streams.compute(activity, time, layer: work.layer)) }
  }

  private mutating func close(_ half: inout Half) {
    if half.ends.entry < 0 { half.add(streams.compute(.embedding, .zero)) }
  }
}
