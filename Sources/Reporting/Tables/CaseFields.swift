import Economics
import Fabric
import Quantities
import Scenarios
import Schedules
import Training

/// The keys of a case and of a rank, in the order they have in JSON and in CSV files.
///
/// Scripts rely on them: keys are added at the end, never renamed or moved.
enum CaseFields {
  /// Keys before `ranks`.
  static let beforeRanks = pace + resources + run

  private static let pace: [Column<CaseOutcome>] = [
    .text("name") { $0.name },
    .text("schedule") { $0.schedule },
    .integer("gpus") { $0.gpus },
    .seconds("step_s") { $0.result.step },
    .number("bubble_ratio") { $0.result.bubbleRatio },
    .number("span_bubble_ratio") { $0.result.spanBubbleRatio },
    .number("tokens_per_s") { $0.tokensPerSecond },
    .number("tokens_per_gpu_s") { $0.tokensPerSecond / Double($0.gpus) },
    .number("tokens_per_day") { $0.tokensPerDay },
    .number("tflops_per_gpu_causal") { $0.causalRate.value / 1e12 },
    .number("tflops_per_gpu_noncausal") { $0.noncausalRate.value / 1e12 },
    .number("mfu_causal_ratio") { $0.causalMFU },
    .number("mfu_noncausal_ratio") { $0.noncausalMFU },
    .number("gpu_hours_per_trillion_tokens") { $0.gpuHoursPerTrillionTokens },
  ]

  private static let resources: [Column<CaseOutcome>] = [
    .number("compute_utilization_ratio") { $0.result.computeUtilization },
    .number("nvlink_utilization_ratio") { $0.result.utilization(of: [.nvlinkOut, .nvlinkIn]) },
    .number("nic_utilization_ratio") { $0.result.utilization(of: [.nicOut, .nicIn]) },
    .number("peak_memory_bytes") { $0.peakMemory.value },
    .number("memory_capacity_bytes") { $0.memoryCapacity.value },
    .boolean("fits") { $0.fits },
  ]

  private static let run: [Column<CaseOutcome>] = [
    .number("gpu_hours") { $0.run?.gpuHours },
    .number("wall_days") { $0.run?.wallDays },
    .number("rent_usd") { $0.rent?.value },
  ]

  /// Keys after `ranks`, before the clock.
  static let afterRanks: [Column<CaseOutcome>] = [.integer("events") { $0.result.events }]

  /// Time on the clock of the machine that simulates, which differs between runs and stays out
  /// of files.
  static let clock = Column<CaseOutcome>.number("wall_clock_s") { $0.wallClock }

  /// Keys added since, after all others.
  static let added: [Column<CaseOutcome>] = [
    .integer("parameter_copies") { $0.result.schedule.parameterCopies },
    .integer("stages") { $0.result.schedule.modelStages },
    .text("layout") { $0.result.placement.description },
    .number("expert_imbalance_ratio") { $0.result.routing?.imbalance ?? 1 },
    .text("busiest_link") { $0.result.busiestLink?.name ?? "" },
    .number("busiest_link_ratio") { $0.result.busiestLink?.busyRatio },
    .text("memory_verdict") { $0.memorySentence },
    .number("estimated_step_s") { $0.estimate?.seconds },
    .number("estimated_peak_memory_bytes") { $0.estimate?.peakMemory.value },
  ]

  /// Columns of the keys that a scenario sweeps, after all others; JSON has them under `point`.
  static func swept(_ scenario: Scenario) -> [Column<CaseOutcome>] {
    scenario.sweep.map { axis in
      .text(axis.key) { one in one.point.first { $0.key == axis.key }?.value ?? "" }
    }
  }
}

/// What is known of one rank of a case.
struct RankRow {
  /// Where its time went.
  var time: RankBreakdown
  /// What its GPU holds.
  var memory: RankMemory?

  /// The ranks of `outcome`, in the order of its breakdown.
  static func rows(of outcome: CaseOutcome) -> [RankRow] {
    outcome.result.ranks.map { time in
      RankRow(time: time, memory: outcome.result.memory.first { $0.rank == time.rank })
    }
  }

  /// Keys of a rank in JSON.
  static let columns: [Column<RankRow>] = [
    .integer("rank") { $0.time.rank },
    .seconds("forward_s") { $0.time.forward },
    .seconds("input_backward_s") { $0.time.inputBackward },
    .seconds("weight_backward_s") { $0.time.weightBackward },
    .seconds("overlapped_s") { $0.time.overlapped },
    .seconds("bubble_s") { $0.time.bubble },
    .seconds("exposed_communication_s") { $0.time.exposedCommunication },
    .seconds("optimizer_s") { $0.time.optimizer },
    .number("peak_memory_bytes") { $0.memory?.peak.value },
  ]

  /// What `ranks.csv` holds of a rank beyond the keys of JSON.
  static let details: [Column<RankRow>] = [
    .seconds("compute_busy_s") { $0.time.computeBusy },
    .number("weights_bytes") { $0.memory?.weights.value },
    .number("gradients_bytes") { $0.memory?.gradients.value },
    .number("optimizer_bytes") { $0.memory?.optimizer.value },
    .number("activations_bytes") { $0.memory?.activations.value },
    .number("working_bytes") { $0.memory?.working.value },
    .number("reserved_bytes") { $0.memory?.reserved.value },
    .seconds("peak_time_s") { $0.memory?.peakTime },
  ]
}
