import Economics
import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Training

/// DeepSeek-V3's training: its published cost, and the phases of its public trace.
extension Validation {
  private static let report = "arXiv 2412.19437, section 1"
  private static let trace = "deepseek-ai/profile-data, train.json (H800, 2025-02)"

  /// The step that DeepSeek-V3 was trained with, under DualPipe.
  static func deepSeekStep() throws(StudyError) -> StepResult {
    guard let model = ModelCatalogue.model(named: "deepseek-v3")?.architecture,
      let node = HardwareCatalogue.node(named: "h800")
    else { throw .rates(gpu: "H800", reason: "the catalogue has no H800 or no DeepSeek-V3") }
    let plan = Plan(
      pipeline: 16, tensor: 1, data: 128, expert: 64, zero: 1, sequenceLength: 4_096,
      globalBatch: 15_360, microBatch: 1, format: .fp8, recompute: .selective,
      schedule: .builtIn(.dualPipe), communicationMultiprocessors: 20, nodeLimit: 4, seed: 1)
    return try run(
      model, on: Cluster(node: node, nodes: 256, topology: .multiPlaneFatTree), plan,
      name: "DeepSeek-V3")
  }

  /// Simulates a step as `Study` does.
  static func run(
    _ model: Architecture, on cluster: Cluster, _ plan: Plan, name: String
  ) throws(StudyError) -> StepResult {
    let gpu = cluster.node.gpu
    let rates: KernelRates
    do {
      rates = try KernelRates.fitted(for: gpu)
    } catch {
      throw .rates(gpu: gpu.name, reason: "\(error)")
    }
    do {
      return try StepSimulation(model: model, cluster: cluster, rates: rates, plan: plan).run()
    } catch {
      throw .step(case: name, error: error)
    }
  }

  /// GPU-hours, days, and what the trace shows, from one simulated step.
  static func deepSeekRun() throws(StudyError) -> [PublishedFigure] {
    let result = try deepSeekStep()
    let run = RunProjection(
      tokens: 1e12, tokensPerStep: 15_360 * 4_096, step: result.step, gpus: 2_048)
    let billed = "published hours are billed; the step has no ramp, evaluation or restarts"
    return [
      PublishedFigure(
        name: "deepseek-v3, GPU-hours a trillion tokens", group: .trainingRun, source: report,
        status: .verified, published: 180_000, simulated: run.gpuHours, unit: "GPU-hours",
        setUp: billed),
      PublishedFigure(
        name: "deepseek-v3, days a trillion tokens", group: .trainingRun, source: report,
        status: .verified, published: 3.7, simulated: run.wallDays, unit: "days", setUp: billed),
    ] + tracePhases(of: result)
  }

  /// Spans of the trace's phases, of one layer inside an overlapped pair, and of the pair.
  private static func tracePhases(of result: StepResult) -> [PublishedFigure] {
    let pair = SteadyPair(result, rank: 7)
    let phases: [(name: String, activity: Activity, pass: PassKind, milliseconds: Double)] = [
      ("attention F", .attention, .forward, 4.58),
      ("attention I", .attention, .inputBackward, 9.60),
      ("attention W", .attention, .weightBackward, 2.40),
      ("feed-forward F", .feedForward, .forward, 4.53),
      ("feed-forward I", .feedForward, .inputBackward, 5.47),
      ("feed-forward W", .feedForward, .weightBackward, 5.16),
      ("dispatch F, kernel", .dispatch, .forward, 4.312),
      ("combine's I (a dispatch), kernel", .dispatch, .inputBackward, 3.448),
      ("dispatch's I (a combine), kernel", .combine, .inputBackward, 6.518),
      ("combine F, kernel", .combine, .forward, 6.027),
    ]
    var rows = phases.compactMap { phase -> PublishedFigure? in
      guard let span = pair.median(phase.activity, phase.pass) else { return nil }
      // Counting tokens and exchanging the counts are kernels of their own.
      let notify =
        phase.activity == .dispatch && phase.pass == .forward
        ? (ExchangeRates.layoutLatency.value + ExchangeRates.notifyLatency.value).seconds : 0
      return PublishedFigure(
        name: "trace, \(phase.name)", group: .tracePhase, source: trace, status: .verified,
        published: phase.milliseconds, simulated: (span - notify) * 1e3, unit: "ms",
        setUp: "median over the four layers of a steady pair")
    }
    rows.append(
      PublishedFigure(
        name: "trace, overlapped pair of four layers", group: .tracePhase, source: trace,
        status: .verified, published: 129.0, simulated: pair.seconds * 1e3, unit: "ms",
        setUp: "compute from first start to last end"))
    return rows
  }

  /// Single kernels of the trace beside the kernels of the model.
  static func traceKernels() throws(StudyError) -> [PublishedFigure] { [] }
}

/// The spans of one overlapped pair in the steady part of a step.
private struct SteadyPair {
  private let spans: [Span]

  /// The middle one of a rank's pairs.
  init(_ result: StepResult, rank: Int32) {
    let own = result.spans.filter { $0.rank == rank && $0.category == .overlapped }
    let starts = own.filter { $0.activity == .attention && $0.pass == .forward }
    guard !starts.isEmpty else {
      spans = []
      return
    }
    let action = starts[starts.count / 2].action
    spans = own.filter { $0.action == action && $0.stream != .send }
  }

  /// From the first compute block's start to the last one's end.
  var seconds: Double {
    let compute = spans.filter { $0.stream == .compute }
    guard let first = compute.map(\.start).min(), let last = compute.map(\.end).max() else {
      return 0
    }
    return (last - first).seconds
  }

  /// Median length of the spans of an activity and pass.
  func median(_ activity: Activity, _ pass: PassKind) -> Double? {
    let lengths = spans.filter { $0.activity == activity && $0.pass == pass }
      .map { ($0.end - $0.start).seconds }.sorted()
    guard !lengths.isEmpty else { return nil }
    let middle = lengths.count / 2
    return lengths.count.isMultiple(of: 2)
      ? (lengths[middle - 1] + lengths[middle]) / 2 : lengths[middle]
  }
}
