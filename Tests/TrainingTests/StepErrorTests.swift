import Engine
import Fabric
import Quantities
import Schedules
import Testing

@testable import Training

/// Each way a step can fail, in words.
@Suite struct StepErrorTests {
  static let sentences: [(StepError, String)] = [
    (
      .tooFewItems(items: 10, stages: 16),
      "the model has 10 pieces (embedding, layers, head, prediction layers) for 16 stages; use "
        + "fewer pipeline ranks or stages per rank"
    ),
    (
      .tooLong,
      "the step is longer than 106 days; check the model's size, the batch and the rates"
    ),
    (
      .deadlock(waiting: 3, first: "attention of stage 2, micro-batch 5"),
      "the step stopped with 3 tasks waiting for each other, the first of them attention of stage "
        + "2, micro-batch 5"
    ),
    (
      .timeDoesNotAddUp(rank: 4),
      "internal check failed: the parts of rank 4's time do not add up to the step"
    ),
    (
      .memoryNotReturned(rank: 1, bytes: 8),
      "internal check failed: rank 1 ends the step with 8.0 bytes of activations"
    ),
    (
      .memoryDoesNotAddUp(rank: 2),
      "internal check failed: the parts of rank 2's memory do not add up to its peak"
    ),
    (
      .bytesLost(sent: Bytes(2), received: Bytes(1)),
      "internal check failed: 2.0 bytes sent, 1.0 bytes received"
    ),
    (
      .linkAboveCapacity(link: "nic_out 1", ratio: 1.5),
      "internal check failed: link nic_out 1 carried 1.5 of its capacity"
    ),
    (
      .fasterThanPeak(step: 1, bound: 2),
      "internal check failed: a step of 1.0 s is faster than its operations at peak, 2.0 s"
    ),
    (
      .pathDoesNotAddUp,
      "internal check failed: the step's waterfall or its critical path does not add up to the step"
    ),
  ]

  @Test(arguments: sentences.indices)
  func errorIsOneSentence(index: Int) {
    #expect(Self.sentences[index].0.description == Self.sentences[index].1)
  }

  /// The checks themselves see what they are there for.
  @Test func checksCatchBrokenResults() throws {
    let simulation = try tiny(.oneForwardOneBackward)
    let sound = try simulation.run()
    try simulation.check(sound)
    func failure(_ change: (inout StepResult) -> Void) -> String? {
      var broken = sound
      change(&broken)
      do {
        try simulation.check(broken)
        return nil
      } catch {
        return error.description
      }
    }
    #expect(failure { $0.gpus[1].forward += Time(picoseconds: 1) }?.contains("rank 1's") == true)
    #expect(failure { $0.waterfalls[2].waterfall = Waterfall() }?.contains("rank 2's") == true)
    #expect(failure { $0.waterfall = Waterfall() }?.contains("waterfall") == true)
    #expect(failure { $0.criticalPath.segments.removeLast() }?.contains("path") == true)
    #expect(
      failure { $0.criticalPath.segments[3].start += Time(picoseconds: 1) }?.contains("path")
        == true)
    #expect(failure { $0.memory[2].weights += Bytes(1e9) }?.contains("rank 2's memory") == true)
    #expect(failure { $0.memory[1].timeline.removeAll() }?.contains("rank 1's memory") == true)
    #expect(failure { $0.links[2].bytes += Bytes(1e6) }?.contains("bytes sent") == true)
    #expect(failure { $0.links[3].busyRatio = 1.01 }?.contains("of its capacity") == true)
    #expect(
      failure { result in
        // Everything shrinks alike, so that time still adds up.
        result.step = Time(picoseconds: 6)
        for rank in result.gpus.indices {
          result.gpus[rank] = RankBreakdown(rank: rank)
          result.gpus[rank].bubble = result.step
        }
      }?.contains("faster than its operations") == true)
  }

  /// Tasks that wait for each other end as a sentence, not as a hang.
  @Test func aRingOfTasksIsADeadlock() throws {
    let simulation = try tiny(.gpipe)
    var streams = TaskStreams(ranks: 1)
    let first = streams.compute(.attention, Time(picoseconds: 1))
    let second = streams.compute(.feedForward, Time(picoseconds: 1))
    streams.wait(first, for: second)
    let tasks = StepTasks(
      members: 1, tasks: streams.tasks, graph: streams.graph.freeze(), transfers: [],
      links: StepLinks(
        LinkGraph(simulation.cluster), ranks: 1, gpusPerRank: 1, members: .folded,
        multiprocessors: 20),
      uneven: .none, speeds: [], actions: [])
    var run = StepRun(tasks)
    run.run()
    var sentence = ""
    do {
      try simulation.checkEnd(of: run, tasks)
    } catch {
      sentence = error.description
    }
    #expect(sentence.hasPrefix("the step stopped with 2 tasks waiting for each other"))
  }
}
