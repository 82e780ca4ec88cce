import Quantities
import Schedules

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
    var first = PassEnds()
    var input = PassEnds()
    var weight = PassEnds()
    let backwardWorks = Array(backward.works.reversed())
    for index in 0..<max(forward.works.count, backwardWorks.count) {
      let f = index < forward.works.count ? forward.works[index] : nil
      let b = index < backwardWorks.count ? backwardWorks[index] : nil
      // Compute leaves multiprocessors to communication only where there is some beside it.
      let shares = (f?.communicates ?? false) || (b?.communicates ?? false)
      if let b {
        enter(backward.pass, .inputBackward)
        if recompute, b.layer >= 0 {
          block(.attentionForward, b, beside: shares, into: &input)
          exchange(b.afterAttention, b, beside: true, into: &input)
          block(.feedForwardForward, b, beside: shares, into: &input)
          exchange(b.afterFeedForward, b, into: &input)
        }
        exchange(b.beforeFeedForward, b, beside: true, into: &input)
      }
      if let f {
        enter(forward.pass, .forward)
        block(.attentionForward, f, beside: shares, into: &first)
        exchange(f.afterAttention, f, beside: true, into: &first)
      }
      if let b {
        enter(backward.pass, .inputBackward)
        block(.feedForwardInput, b, beside: shares, into: &input)
        exchange(b.beforeAttention, b, beside: true, into: &input)
        close(&input)
        enter(backward.pass, .weightBackward)
        block(.feedForwardWeight, b, beside: shares, into: &weight)
      }
      if let f {
        enter(forward.pass, .forward)
        block(.feedForwardForward, f, beside: shares, into: &first)
        exchange(f.afterFeedForward, f, beside: true, into: &first)
      }
      if let b {
        enter(backward.pass, .inputBackward)
        block(.attentionInput, b, beside: shares, into: &input)
        enter(backward.pass, .weightBackward)
        block(.attentionWeight, b, beside: shares, into: &weight)
      }
    }
    enter(forward.pass, .forward)
    close(&first)
    let tails = streams.tails(of: Int(streams.rank))
    return (joined(first, input, tails), joined(input, first, tails), weight)
  }

  /// A half's ends as those of the pair.
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
}
