import Hardware
import Models
import Quantities
import Schedules
import Testing

@testable import Training

/// What a probe measures is what the passes take in a step.
@Suite struct StageProbeTests {
  /// From first start to last end of each action of the step.
  private func lengths(_ result: StepResult) -> [(action: Action, seconds: Double)] {
    result.schedule.actions.enumerated().flatMap { rank, list in
      list.enumerated().map { index, action in
        let spans = result.spans.filter {
          $0.stream != .send && $0.rank == Int32(rank) && $0.action == Int32(index)
        }
        let start = spans.map(\.start).min() ?? .zero
        let end = spans.map(\.end).max() ?? .zero
        return (action, (end - start).seconds)
      }
    }
  }

  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * max(a, b) }

  @Test func singlePassesTakeWhatTheProbeSays() throws {
    // Nothing is exchanged within a pass here, so it takes as long in company.
    let simulation = try tiny(.zeroBubbleH1)
    let workload = Workload(simulation)
    let result = try simulation.run()
    let probe = try StageProbe(simulation, workload, rankOfStage: [0, 1, 2, 3], pairs: false)
    #expect(probe.placement == result.placement)
    for (action, seconds) in lengths(result) {
      guard case .single(let pass) = action else { continue }
      let stage = probe.durations.stages[Int(pass.stage)]
      let expected =
        switch pass.kind {
        case .forward: stage.forward
        case .inputBackward: stage.inputBackward
        case .weightBackward: stage.weightBackward
        case .backward: stage.backward
        }
      #expect(near(seconds, expected), "\(action) takes \(seconds), probed \(expected)")
    }
    let sends = result.spans.filter { $0.stream == .send && $0.stage == 1 }
    let longest = sends.map { ($0.end - $0.start).seconds }.max() ?? 0
    #expect(longest > 0)
    #expect(near(probe.durations.stages[1].pointToPoint, longest))
  }

  @Test func pairsAreNoLongerThanTheirHalvesWhereTheyHideExchanges() throws {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v2-lite")).architecture
    let simulation = try tiny(.dualPipeV) { simulation in
      simulation.model = model
      simulation.cluster.node.gpus = 8
      simulation.plan.data = 8
      simulation.plan.expert = 8
      simulation.plan.globalBatch = 64
    }
    let probe = try StageProbe(
      simulation, Workload(simulation), rankOfStage: [0, 1, 2, 3], pairs: true)
    for stage in probe.durations.stages.dropLast() {
      #expect(stage.saving > 0, "dispatch and combine hide beside compute")
      #expect(stage.overlapped >= max(stage.forward, stage.backward) / 2)
    }
  }

  @Test(arguments: [1, 2, 3, 5], [true, false])
  func probesAreValidLists(ranks: Int, pairs: Bool) {
    for stagesPerRank in 1...3 {
      let loop = (0..<ranks * stagesPerRank).map { $0 % ranks }
      let schedule = StageProbe.schedule(rankOfStage: loop, pairs: pairs)
      #expect(schedule.violations().isEmpty)
      let measured = schedule.actions.joined().filter { action in
        if case .overlapped = action { true } else { false }
      }
      #expect(measured.count == (pairs ? loop.count : 0), "a pair of each stage")
    }
  }
}
