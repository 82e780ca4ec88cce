import Engine
import Fabric
import Hardware
import Models
import Quantities
import Schedules

extension StepSimulation {
  /// Every task must have ended, at a time that can be represented.
  func checkEnd(of run: borrowing StepRun, _ step: StepTasks) throws(StepError) {
    if run.finish == .max { throw .tooLong }
    let tasks = step.tasks.count * step.members
    if run.ended < tasks {
      let task = step.tasks[run.firstWaiting ?? 0]
      throw .deadlock(
        waiting: tasks - run.ended,
        first: "\(task.activity.word) of stage \(task.stage), micro-batch \(task.microBatch)")
    }
  }

  /// The laws every step keeps: each pass once and in order, what is sent arrives, links keep their
  /// rate, time adds up, no step beats its operations at peak.
  func check(_ result: StepResult) throws(StepError) {
    let violations = result.schedule.violations()
    guard violations.isEmpty else {
      throw .schedule(.breaksRules(schedule: result.schedule.name, violations: violations))
    }
    for rank in result.gpus {
      let sum =
        rank.forward + rank.inputBackward + rank.weightBackward + rank.overlapped + rank.optimizer
        + rank.bubble
      guard sum == result.step, rank.bubble >= .zero else {
        throw .timeDoesNotAddUp(rank: rank.rank)
      }
    }
    for memory in result.memory where !memory.addsUp {
      throw .memoryDoesNotAddUp(rank: memory.rank)
    }
    for (out, into) in [(LinkKind.nvlinkOut, LinkKind.nvlinkIn), (.nicOut, .nicIn)] {
      let sent = result.bytes(through: out)
      let received = result.bytes(through: into)
      guard abs(sent.value - received.value) <= 1e-9 * max(sent.value, 1) else {
        throw .bytesLost(sent: sent, received: received)
      }
    }
    guard result.trafficGap <= 1e-9 else { throw .trafficLost(gap: result.trafficGap) }
    for link in result.links where link.busyRatio > 1 + 1e-9 {
      throw .linkAboveCapacity(link: link.name, ratio: link.busyRatio)
    }
    let flops =
      model.trainingFLOPsPerToken(sequenceLength: plan.sequenceLength, causal: true)
      * plan.tokensPerStep
    let bound = flops / (cluster.node.gpu.peak(plan.format) * Double(plan.gpus))
    guard result.step.seconds >= bound else {
      throw .fasterThanPeak(step: result.step.seconds, bound: bound)
    }
    for one in result.waterfalls where one.waterfall.total != result.step {
      throw .timeDoesNotAddUp(rank: one.rank)
    }
    guard result.waterfall.total == result.step, result.criticalPath.spans(result.step) else {
      throw .pathDoesNotAddUp
    }
  }
}

extension StepResult {
  /// Payload of all ranks through one kind of link.
  func bytes(through kind: LinkKind) -> Bytes {
    links.reduce(.zero) { $1.kind == kind ? $0 + $1.bytes : $0 }
  }
}
