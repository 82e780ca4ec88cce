import Hardware
import Models
import Quantities
import Schedules
import Testing

@testable import Training

/// What a changed step takes, against what the breakdown of the unchanged one says it must.
@Suite struct WhatIfTests {
  private func one(_ answers: [WhatIf], _ change: String) throws -> WhatIf {
    try #require(answers.first { $0.change.hasPrefix(change) })
  }

  /// On a single GPU nothing overlaps and nothing waits: a kind of kernel that gets a tenth faster
  /// shortens the step by an eleventh of its time.
  @Test func oneGPUGainsWhatTheKernelsGain() throws {
    let simulation = try tiny(.gpipe, microBatches: 3) { simulation in
      simulation.plan.pipeline = 1
      simulation.plan.recompute = .none
      simulation.cluster.nodes = 1
    }
    let result = try simulation.run()
    let answers = try simulation.whatIf(result)
    let launch = try one(answers, "launches")
    let attention = try one(answers, "attention kernels")
    // The optimizer's launch is not among the gaps of the passes.
    for (answer, part) in [(launch, WaterfallPart.launch), (attention, .attention)] {
      let saved = (result.step - answer.step).seconds
      #expect(abs(saved / (result.waterfall[part].seconds / 11) - 1) < 1e-6, "\(answer.change)")
    }
    #expect(!answers.contains { $0.change.contains("NIC") || $0.change.contains("NVLink") })
  }

  @Test func answersAreSortedAndRepeat() throws {
    let simulation = try tiny(.oneForwardOneBackward)
    let result = try simulation.run()
    let answers = try simulation.whatIf(result)
    #expect(answers == (try simulation.whatIf(result)))
    for (one, next) in zip(answers, answers.dropFirst()) {
      #expect(one.effect.magnitude >= next.effect.magnitude)
    }
    for answer in answers {
      #expect(answer.effect <= 1e-9, "\(answer.change)")
      #expect(abs((answer.step.seconds / result.step.seconds - 1) - answer.effect) < 1e-12)
    }
    #expect(try one(answers, "matrix peak").effect < -0.02)
    #expect(try one(answers, "NIC bandwidth").effect < 0)
  }

  /// Without jitter the step is the one that never had any; the schedule and cut stay.
  @Test func withoutJitterTheStepIsTheEvenOne() throws {
    func simulation(_ jitter: Double) throws -> StepSimulation {
      try tiny(.oneForwardOneBackward) {
        $0.plan.jitter = jitter
        $0.cluster.faults = jitter > 0 ? [.slowGPU(gpu: 1, speed: 0.8)] : []
      }
    }
    let (even, uneven) = (try simulation(0), try simulation(0.1))
    let answers = try uneven.whatIf(try uneven.run())
    #expect(try one(answers, "no faults").effect < -0.05)
    #expect(try one(answers, "no jitter").effect < 0)
    var sound = uneven
    sound.cluster.faults = []
    let last = try sound.whatIf(try sound.run())
    let (expected, got) = (try even.run().step, try one(last, "no jitter").step)
    #expect(expected == got)
  }
}
