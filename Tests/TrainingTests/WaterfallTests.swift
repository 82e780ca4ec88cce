import Hardware
import Models
import Quantities
import Schedules
import Testing

@testable import Training

/// Where a step's time went, against closed forms and against the ranks' own sums.
@Suite struct WaterfallTests {
  /// GPipe and 1F1B with like stages lose (p - 1)(F + B) on every rank: rank r waits r F before its
  /// first pass and r B after its last, and the rest between its passes for the ranks behind it.
  @Test(
    arguments: [BuiltIn.gpipe, .oneForwardOneBackward], [(2, 4), (4, 4), (4, 12), (6, 9)])
  func bubbleOfLikeStagesSplitsAsItsClosedForm(
    schedule: BuiltIn, size: (ranks: Int, microBatches: Int)
  ) throws {
    let (forward, backward) = (1.0, 2.2)
    let list = try schedule.schedule(ranks: size.ranks, microBatches: size.microBatches)
    let retold = try Retold(list, forward: forward, input: 1.3, weight: 0.9)
    for rank in retold.ranks {
      let one = rank.waterfall
      let (r, rest) = (Double(rank.rank), Double(size.ranks - 1 - rank.rank))
      // Sends take 2.8 us each.
      #expect(abs(one[.warmUp].seconds - r * forward) < 1e-4)
      #expect(abs(one[.coolDown].seconds - r * backward) < 1e-4)
      #expect(abs(one[.waiting].seconds - rest * (forward + backward)) < 1e-3)
      #expect(one[.imbalance].seconds < 1e-9)
      #expect(one[.update] == .zero)
      #expect(one[.pipelineSend].seconds < 1e-3)
      // Blocks of which no kernels are known count as products.
      #expect(
        abs(one[.denseProducts].seconds - Double(size.microBatches) * (forward + backward)) < 1e-9)
      #expect(one.total == retold.step)
      // The last rank waits for sends alone.
      if rank.rank < size.ranks - 1 { #expect(rank.waitingForRank ?? -1 > rank.rank) }
    }
    #expect(retold.waterfall.total == retold.step)
  }

  /// Two stages of 3 s and 6 s a micro-batch, under 1F1B with six of them: rank 0 is busy for 18 s of
  /// 1 + 36 + 2. Equal stages would take 4.5 s each, and rank 0 would wait for one F and B of those.
  @Test func waitingForASlowStageIsImbalance() throws {
    let list = try BuiltIn.oneForwardOneBackward.schedule(ranks: 2, microBatches: 6)
    let retold = try Retold(list, stages: [(1, 1, 1), (2, 2, 2)])
    let (first, last) = (retold.ranks[0].waterfall, retold.ranks[1].waterfall)
    #expect(abs(retold.step.seconds - 39) < 1e-3)
    #expect(abs(first[.waiting].seconds - 4.5) < 1e-3)
    #expect(abs(first[.imbalance].seconds - 16.5) < 1e-3)
    #expect(retold.ranks[0].waitingForRank == 1)
    // Rank 1 never waits between its passes, and is idle only for rank 0's first and last pass.
    #expect((last[.waiting] + last[.imbalance]).seconds < 1e-4)
    #expect(abs(last[.warmUp].seconds - 1) < 1e-4)
    #expect(abs(last[.coolDown].seconds - 2) < 1e-4)
  }

  /// What is read off the tasks equals what the ranks' spans add up to, in every schedule.
  @Test(arguments: BuiltIn.allCases)
  func partsEqualTheRanksOwnSums(schedule: BuiltIn) throws {
    let result = try tiny(schedule).run()
    for (rank, one) in zip(result.ranks, result.waterfalls) {
      let parts = one.waterfall
      #expect(parts.total == result.step)
      #expect(parts.idle == rank.bubble)
      let exposed: [WaterfallPart] = [
        .dispatch, .combine, .tensorExchange, .gradientReduction, .parameterGather,
      ]
      #expect(exposed.reduce(.zero) { $0 + parts[$1] } == rank.exposedCommunication)
      let computed: [WaterfallPart] = [
        .denseProducts, .groupedProducts, .weightGradientProducts, .attention, .memoryBound,
        .launch, .recompute, .optimizer,
      ]
      #expect(computed.reduce(.zero) { $0 + parts[$1] } == rank.computeBusy)
    }
    #expect(result.waterfall.total == result.step)
    #expect(abs(result.waterfall.idle.seconds / result.step.seconds - result.bubbleRatio) < 1e-9)
  }

  /// Full recompute repeats each layer's forward, and nothing else computes more.
  @Test func recomputeIsTheForwardAgain() throws {
    func parts(_ recompute: Recompute) throws -> Waterfall {
      try tiny(.oneForwardOneBackward) { $0.plan.recompute = recompute }.run().waterfall
    }
    let (none, full) = (try parts(.none), try parts(.full))
    #expect(none[.recompute] == .zero)
    for part in [WaterfallPart.denseProducts, .attention, .memoryBound, .launch] {
      #expect(none[part] > .zero)
      // Shares of blocks are rounded to picoseconds.
      #expect(abs((full[part] - none[part]).picoseconds) < 1000, "\(part)")
    }
    #expect(full[.recompute] > .zero)
  }

  /// One GPU: no bubble, nothing exposed, and kernels of each class take what their rates say.
  @Test func classesTakeWhatTheirKernelsTake() throws {
    let simulation = try tiny(.gpipe, microBatches: 3) { simulation in
      simulation.plan.pipeline = 1
      simulation.cluster.nodes = 1
    }
    let parts = try simulation.run().waterfall
    #expect(parts.idle == .zero)
    let shape = LayerShape(
      tokens: 2048, sequenceLength: 2048, tensor: 1, expertDegree: 1, format: .bf16,
      recompute: .selective)
    let layer = simulation.model.kernels(layer: 0, shape: shape)
    let gpu = KernelSeconds(
      gpu: simulation.cluster.node.gpu, rates: simulation.rates, multiprocessorShare: 1)
    let core = Block.allCases.flatMap { layer[$0] }.reduce(0.0) { sum, kernel in
      let text = "\(kernel)"
      let isCore = text.contains("\"attention\"") || text.contains("\"attention backward\"")
      return isCore ? sum + gpu.seconds(kernel) - gpu.gap : sum
    }
    // Eight layers, three micro-batches.
    #expect(abs(parts[.attention].seconds / (core * 24) - 1) < 1e-6)
    #expect(parts[.groupedProducts] == .zero)
    #expect(parts[.recompute] > .zero)
  }

  /// The mean of sums that do not divide keeps their sum, whatever is lost by rounding.
  @Test func aMeanKeepsTheSum() {
    var sums = [Int128](repeating: 0, count: WaterfallPart.allCases.count)
    (sums[0], sums[1], sums[2]) = (10, 10, 1)
    let mean = Waterfall(mean: sums, over: 3)
    #expect(mean.times.prefix(3).map(\.picoseconds) == [4, 3, 0])
    #expect(mean.total.picoseconds == 7)
  }

  /// Unfused attention is attention, whatever kernels it is made of.
  @Test func unfusedAttentionIsAttention() throws {
    func step(_ speed: Double) throws -> StepResult {
      try tiny(.gpipe, microBatches: 2) { simulation in
        simulation.plan.attentionKernel = .unfused
        simulation.plan.recompute = .none
        simulation.plan.pipeline = 1
        simulation.cluster.nodes = 1
        simulation.speeds.attention = speed
      }.run()
    }
    let (result, faster) = (try step(1), try step(2))
    #expect(result.waterfall[.groupedProducts] == .zero)
    #expect(result.waterfall[.attention] > .zero)
    let (one, half) = (result.waterfall[.attention].seconds, faster.waterfall[.attention].seconds)
    #expect(abs(half / one - 0.5) < 1e-6)
  }

  /// What moves beside passes is exposed where its GPU neither computes nor communicates: counted
  /// span by span.
  @Test(arguments: [BuiltIn.oneForwardOneBackward, .dualPipe, .interleaved, .zeroBubbleV])
  func exposedReductionsAreThoseOfTheSpans(schedule: BuiltIn) throws {
    for zero in [1, 3] {
      let result = try Degrees(tensor: 2, expert: 4, zero: zero, overlaps: "gp")
        .step(.mixture, schedule).run()
      for rank in 0..<2 {
        let spans = result.spans.filter { $0.rank == rank && $0.end > $0.start }
        let busy = spans.filter { $0.stream == .compute || $0.stream == .communication }
        var exposed = 0.0
        var seen = Time.zero
        let moves = spans.filter { $0.stream == .background }.sorted { $0.start < $1.start }
        for move in moves where move.end > seen {
          var at = max(move.start, seen)
          seen = move.end
          for other in busy.sorted(by: { $0.start < $1.start }) where other.end > at {
            guard other.start < move.end else { break }
            if other.start > at { exposed += (other.start - at).seconds }
            at = max(at, min(other.end, move.end))
          }
          if at < move.end { exposed += (move.end - at).seconds }
        }
        let parts = result.waterfalls[rank].waterfall
        let found = parts[.gradientReduction].seconds + parts[.parameterGather].seconds
        let inOpen = spans.filter {
          $0.stream == .communication
            && ($0.activity == .gradientReduction || $0.activity == .parameterGather)
        }
        if inOpen.isEmpty { #expect(abs(found - exposed) < 1e-9, "rank \(rank) ZeRO-\(zero)") }
      }
    }
  }
}
