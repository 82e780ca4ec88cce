import Hardware
import Models
import Quantities
import Schedules
import Training

/// Steps and layers of Megatron-LM's GPT models on A100, before FlashAttention.
extension Validation {
  private static let paper = "arXiv 2205.05198"

  /// A step of one GPT model: degrees, batch, and what is recomputed.
  struct GPTStep {
    var tensor, pipeline: Int
    var data = 1
    var stagesPerRank = 1
    var batch, microBatch: Int
    var recompute: Recompute
    var isSequenceParallel = false
    /// NICs of a node of 8 GPUs, 200 Gbit/s each.
    var nics = 8

    /// The plan, with unfused attention and FP16, states unsharded.
    var plan: Plan {
      let schedule: PlannedSchedule =
        stagesPerRank > 1
        ? .builtIn(.interleaved, ScheduleOptions(stagesPerRank: stagesPerRank))
        : .builtIn(.oneForwardOneBackward)
      var plan = Plan(
        pipeline: pipeline, tensor: tensor, data: data, expert: 1, zero: 0, sequenceLength: 2_048,
        globalBatch: batch, microBatch: microBatch, format: .fp16, recompute: recompute,
        schedule: schedule, communicationMultiprocessors: 20, nodeLimit: nil, seed: 1)
      plan.sequenceParallel = isSequenceParallel
      plan.attentionKernel = .unfused
      return plan
    }

    /// Its GPUs on a network without a bottleneck.
    func cluster(_ node: Node) -> Cluster {
      var node = node
      node.nics = nics
      return Cluster(
        node: node, nodes: max(1, plan.gpus / node.gpus), topology: .multiRailFatTree)
    }
  }

  /// Simulates a step of a GPT model on A100.
  static func run(
    _ step: GPTStep, of model: Architecture, name: String
  ) throws(StudyError) -> StepResult {
    guard let node = HardwareCatalogue.node(named: "a100") else {
      throw .rates(gpu: "A100", reason: "the catalogue has no A100")
    }
    return try run(simulation(of: model, on: step.cluster(node), step.plan), name: name)
  }

  /// The paper's steps: full recompute without sequence parallelism, its baseline, and recompute of
  /// attention with it, its 'present work'.
  static func megatronSteps(
    _ extent: Extent = .all
  ) throws(StudyError) -> [PublishedFigure] {
    struct Row {
      var model: String
      var pipeline, stagesPerRank, batch, microBatch: Int
      var full, attention: Double
    }
    let table = [
      Row(
        model: "gpt-22b", pipeline: 1, stagesPerRank: 1, batch: 4, microBatch: 4, full: 1.42,
        attention: 1.10),
      Row(
        model: "gpt-175b", pipeline: 8, stagesPerRank: 3, batch: 64, microBatch: 1, full: 18.13,
        attention: 13.75),
      Row(
        model: "gpt-530b", pipeline: 35, stagesPerRank: 3, batch: 280, microBatch: 1, full: 49.05,
        attention: 37.83),
      Row(
        model: "gpt-1t", pipeline: 64, stagesPerRank: 1, batch: 512, microBatch: 1, full: 94.42,
        attention: 71.49),
    ]
    var rows: [PublishedFigure] = []
    for row in table
    where extent.takes(
      stages: row.pipeline * row.stagesPerRank, microBatches: row.batch / row.microBatch)
    {
      guard let model = ModelCatalogue.model(named: row.model)?.architecture else { continue }
      for recompute in [Recompute.full, .attention] {
        let isFull = recompute == .full
        let step = GPTStep(
          tensor: 8, pipeline: row.pipeline, stagesPerRank: row.stagesPerRank, batch: row.batch,
          microBatch: row.microBatch, recompute: recompute, isSequenceParallel: !isFull)
        let name =
          "\(row.model), "
          + (isFull ? "full recompute" : "attention recompute, sequence parallel") + ", step"
        rows.append(
          PublishedFigure(
            name: name, group: .megatronStep, source: "\(paper), table 5", status: .recalled,
            published: isFull ? row.full : row.attention,
            simulated: try run(step, of: model, name: name).step.seconds, unit: "s",
            setUp: "TP 8, PP \(row.pipeline), VPP \(row.stagesPerRank), batch \(row.batch), "
              + "micro-batch \(row.microBatch), unfused attention, dropout, FP16"))
      }
    }
    return rows
  }

  /// The paper's passes of one layer of the 22B model: micro-batch 4 on 8 GPUs.
  static func megatronLayers() throws(StudyError) -> [PublishedFigure] {
    struct Row {
      var name: String
      var recompute: Recompute
      var isSequenceParallel: Bool
      /// Milliseconds; forward where it differs from the rows before.
      var forward: Double?
      var backward: Double
    }
    let table = [
      Row(
        name: "no recompute", recompute: .none, isSequenceParallel: false, forward: 7.7,
        backward: 11.9),
      Row(
        name: "no recompute, sequence parallel", recompute: .none, isSequenceParallel: true,
        forward: 7.2, backward: 11.8),
      Row(name: "full recompute", recompute: .full, isSequenceParallel: false, backward: 19.5),
      Row(
        name: "attention recompute", recompute: .attention, isSequenceParallel: false,
        backward: 13.2),
      Row(
        name: "attention recompute, sequence parallel", recompute: .attention,
        isSequenceParallel: true, backward: 13.1),
    ]
    guard let model = ModelCatalogue.model(named: "gpt-22b")?.architecture else { return [] }
    var rows: [PublishedFigure] = []
    for row in table {
      let step = GPTStep(
        tensor: 8, pipeline: 1, batch: 4, microBatch: 4, recompute: row.recompute,
        isSequenceParallel: row.isSequenceParallel)
      let result = try run(step, of: model, name: "gpt-22b, \(row.name)")
      let layer = result.spans.filter { $0.layer == 24 && $0.stream != .send }
      func milliseconds(_ isForward: Bool) -> Double {
        layer.filter { ($0.category == .forward) == isForward }
          .reduce(0) { $0 + ($1.end - $1.start).seconds } * 1e3
      }
      func figure(_ pass: String, _ published: Double, isForward: Bool) -> PublishedFigure {
        PublishedFigure(
          name: "gpt-22b, \(row.name), one layer's \(pass)", group: .megatronLayer,
          source: "\(paper), table 4", status: .recalled, published: published,
          simulated: milliseconds(isForward), unit: "ms",
          setUp: "TP 8, micro-batch 4, unfused attention, dropout, FP16; the paper overlaps "
            + "exchanges of backward with weight gradients, Fathom does not here")
      }
      if let forward = row.forward { rows.append(figure("forward", forward, isForward: true)) }
      rows.append(figure("backward", row.backward, isForward: false))
    }
    return rows
  }

  /// The measured steps of vTrain, in its file's order.
  static func measuredSteps(
    _ extent: Extent = .all
  ) throws(StudyError) -> [PublishedFigure] {
    var rows: [PublishedFigure] = []
    for row in MeasuredStep.all
    where extent.takes(
      stages: row.pipeline, microBatches: row.batch / (row.data * row.microBatch))
    {
      let model = ModelCatalogue.gpt(
        "gpt-\(row.billions)b", layers: row.layers, hidden: row.hidden, heads: row.heads,
        vocabulary: 51_200)
      let step = GPTStep(
        tensor: row.tensor, pipeline: row.pipeline, data: row.data, batch: row.batch,
        microBatch: row.microBatch, recompute: .full, nics: 4)
      let name =
        "gpt \(row.billions)B, TP \(row.tensor) PP \(row.pipeline) DP \(row.data), micro-batch "
        + "\(row.microBatch), step"
      rows.append(
        PublishedFigure(
          name: name, group: .measuredStep, source: MeasuredStep.source, status: .quoted,
          published: row.seconds, simulated: try run(step, of: model, name: name).step.seconds,
          unit: "s",
          setUp: "batch \(row.batch), 1F1B, full recompute, unsharded optimizer, 800 Gbit/s a node "
            + "as its configurations say; unfused attention, dropout, tied vocabulary of 51,200 and "
            + "FP16 gradients assumed"))
    }
    return rows
  }
}
