import Economics
import Fabric
import Hardware
import Kernels
import Models
import Quantities
import Schedules
import Training

/// DeepSeek-V3's training: its published cost, and the phases of its public trace.
extension Validation {
  private static let report = "arXiv 2412.19437, section 1"

  /// The step that DeepSeek-V3 was trained with, under DualPipe.
  static func deepSeekStep() throws(StudyError) -> StepSimulation {
    guard let model = ModelCatalogue.model(named: "deepseek-v3")?.architecture,
      let node = HardwareCatalogue.node(named: "h800")
    else { throw .rates(gpu: "H800", reason: "the catalogue has no H800 or no DeepSeek-V3") }
    let plan = Plan(
      pipeline: 16, tensor: 1, data: 128, expert: 64, zero: 1, sequenceLength: 4_096,
      globalBatch: 15_360, microBatch: 1, format: .fp8, recompute: .selective,
      schedule: .builtIn(.dualPipe), communicationMultiprocessors: 20, nodeLimit: 4, seed: 1)
    return try simulation(
      of: model, on: Cluster(node: node, nodes: 256, topology: .multiPlaneFatTree), plan)
  }

  /// A step as `Study` simulates it.
  static func simulation(
    of model: Architecture, on cluster: Cluster, _ plan: Plan
  ) throws(StudyError) -> StepSimulation {
    let gpu = cluster.node.gpu
    do {
      let rates = try KernelRates.fitted(for: gpu)
      return StepSimulation(model: model, cluster: cluster, rates: rates, plan: plan)
    } catch {
      throw .rates(gpu: gpu.name, reason: "\(error)")
    }
  }

  /// Runs a step.
  static func run(_ simulation: StepSimulation, name: String) throws(StudyError) -> StepResult {
    do {
      return try simulation.run()
    } catch {
      throw .step(case: name, error: error)
    }
  }

  /// GPU-hours, days, and what the trace shows, from one simulated step.
  static func deepSeekRun(_ extent: Extent = .all) throws(StudyError) -> [PublishedFigure] {
    let simulation = try deepSeekStep()
    let result = try run(simulation, name: "DeepSeek-V3")
    func projection(_ step: Time) -> RunProjection {
      RunProjection(tokens: 1e12, tokensPerStep: 15_360 * 4_096, step: step, gpus: 2_048)
    }
    let run = projection(result.step)
    let cuts = extent == .all ? simulation.plausibleLayouts(of: result) : []
    let hours = cuts.map { projection($0.step).gpuHours }
    var others: PublishedFigure.Others?
    if let least = hours.min(), let most = hours.max() {
      others = PublishedFigure.Others(
        what: "other plausible cuts of the model into stages", count: hours.count,
        range: least...most)
    }
    let billed =
      "published hours are billed; the step has no ramp, evaluation or restarts; which layers each "
      + "stage has is not published: balanced by simulated time"
    return [
      PublishedFigure(
        name: "deepseek-v3, GPU-hours a trillion tokens", group: .trainingRun, source: report,
        status: .verified, published: 180_000, simulated: run.gpuHours, unit: "GPU-hours",
        setUp: billed, others: others),
      PublishedFigure(
        name: "deepseek-v3, days a trillion tokens", group: .trainingRun, source: report,
        status: .verified, published: 3.7, simulated: run.wallDays, unit: "days", setUp: billed),
    ] + tracePhases(of: result)
  }

  /// A phase of the trace with the milliseconds of its span.
  private typealias Phase = (
    name: String, activity: Activity, pass: PassKind, milliseconds: Double,
    basis: PublishedFigure.Basis
  )

  /// Spans of the trace's phases, of one layer inside an overlapped pair, and of the pair.
  private static func tracePhases(of result: StepResult) -> [PublishedFigure] {
    let pair = SteadyPair(result, rank: 7)
    let gap = PublishedFigure.Basis.partlyFitted(
      "the gap between kernels is what these four phases leave beside their kernels")
    let slowdown = PublishedFigure.Basis.partlyFitted(
      "the slow-down of exchanges beside compute is that of these four kernels")
    let phases: [Phase] = [
      ("attention F", .attention, .forward, 4.58, gap),
      ("attention I", .attention, .inputBackward, 9.60, gap),
      ("attention W", .attention, .weightBackward, 2.40, .prediction),
      ("feed-forward F", .feedForward, .forward, 4.53, gap),
      ("feed-forward I", .feedForward, .inputBackward, 5.47, gap),
      ("feed-forward W", .feedForward, .weightBackward, 5.16, .prediction),
      ("dispatch F, kernel", .dispatch, .forward, 4.312, slowdown),
      ("combine's I (a dispatch), kernel", .dispatch, .inputBackward, 3.448, slowdown),
      ("dispatch's I (a combine), kernel", .combine, .inputBackward, 6.518, slowdown),
      ("combine F, kernel", .combine, .forward, 6.027, slowdown),
    ]
    var rows = phases.compactMap { phase -> PublishedFigure? in
      guard let span = pair.median(phase.activity, phase.pass) else { return nil }
      // Counting tokens and exchanging the counts are kernels of their own.
      let notify =
        phase.activity == .dispatch && phase.pass == .forward
        ? (ExchangeRates.layoutLatency.value + ExchangeRates.notifyLatency.value).seconds : 0
      return PublishedFigure(
        name: "trace, \(phase.name)", group: .tracePhase,
        source: MeasuredKernels.traceSource, status: .verified,
        published: phase.milliseconds, simulated: (span - notify) * 1e3, unit: "ms",
        setUp: "median over the four layers of a steady pair", basis: phase.basis)
    }
    rows.append(
      PublishedFigure(
        name: "trace, overlapped pair of four layers", group: .tracePhase,
        source: MeasuredKernels.traceSource, status: .verified, published: 129.0,
        simulated: pair.seconds * 1e3, unit: "ms",
        setUp: "compute from first start to last end"))
    return rows
  }

  /// Single kernels of the trace beside the curves that are fitted to them.
  static func traceKernels() throws(StudyError) -> [PublishedFigure] {
    let kernels: [TraceKernel]
    do {
      kernels = try KernelRates.traceKernels()
    } catch {
      throw .rates(gpu: "H800", reason: "\(error)")
    }
    return kernels.map { kernel in
      let measured = kernel.row.measured
      let place =
        kernel.occurrences > 1 ? ", \(kernel.occurrence) of \(kernel.occurrences)" : ""
      let spread = measured.spread.map {
        "; \(microseconds($0.lowerBound)) to \(microseconds($0.upperBound)) us over the layers"
      }
      return PublishedFigure(
        name: "kernel of \(kernel.block), \(measured.role)\(place)", group: .traceKernel,
        source: measured.source, status: .verified, published: measured.seconds * 1e6,
        simulated: kernel.row.fitted * 1e6, unit: "us",
        setUp: "\(measured.work.kernelClass)" + (spread ?? ""),
        basis: .fitted("the curve of its class is fitted to it among others"))
    }
  }

  private static func microseconds(_ seconds: Double) -> Int { Int((seconds * 1e6).rounded()) }
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
