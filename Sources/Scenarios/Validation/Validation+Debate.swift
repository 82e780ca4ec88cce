import Training

/// Runs that are argued about in public: what was said of them, and what Fathom makes of the same.
extension Validation {
  /// Each document's headline beside Fathom's figure, computed as `fathom cost` does.
  static func debate(_ extent: Extent = .all) throws(StudyError) -> [PublishedFigure] {
    var rows: [PublishedFigure] = []
    for plan in debatePlans() where extent.takes(plan) {
      if let row = try row(of: plan) { rows.append(row) }
    }
    return rows
  }

  /// The runs of the documents below; one that cannot be read is left out, which a test sees.
  static func debatePlans() -> [CostPlan] {
    debateDocuments.compactMap { text in
      guard let document = try? Document(text: text, file: "debate") else { return nil }
      return try? CostPlan.load(document)
    }
  }

  /// The row of a run with a headline.
  static func row(of plan: CostPlan) throws(StudyError) -> PublishedFigure? {
    var plan = plan
    // A row is the middle of every input; nothing is drawn.
    plan.terms.samples = 1
    let cost = try CostStudy(plan).run()
    let techniques = try TechniqueStudy(plan).run(cost)
    guard let headline = plan.headline, let outcome = HeadlineOutcome(cost, techniques) else {
      return nil
    }
    let isSimulated = headline.basis == .simulated
    return PublishedFigure(
      name: "\(plan.name.dropFirst("debate-".count)), \(headline.figure.key)",
      group: isSimulated ? .debatedRun : .debatedSum, source: headline.source,
      status: headline.status, published: headline.value, simulated: outcome.value,
      unit: headline.figure.unit, setUp: headline.claim,
      basis: isSimulated ? .prediction : .arithmetic)
  }

  /// What the shipped scenarios of the same names say, their lists of words aside.
  private static let debateDocuments = [
    """
    format: 1
    name: debate-deepseek-v3
    model: deepseek-v3
    cluster: {node: h800, nodes: 256, fabric: multi-plane-fat-tree}
    parallelism: {pipeline: 16, expert: 64, tensor: 1, zero: 1}
    training:
      sequence_length: 4096
      global_batch: 15360
      micro_batch: 1
      precision: fp8
      schedule: dualpipe
      recompute: selective
      communication_multiprocessors: 20
    routing: {distribution: balanced, node_limit: 4}
    run:
      stages:
        - {stage: pre-training, tokens: 14.8T}
        - stage: stated
          name: context extension
          gpu_hours: 119K
          source: 'arXiv 2412.19437, Table 1'
        - {stage: stated, name: post-training, gpu_hours: 5K, source: 'arXiv 2412.19437, Table 1'}
    price: {rent: 2 USD/GPU-hour}
    headline:
      claim: 2.788M H800-hours, $5.576M, under two months
      figure: gpu_hours
      value: 2.788M
      source: arXiv 2412.19437, Table 1
      status: verified
      basis: simulated
    """,
    """
    format: 1
    name: debate-llama-3.1-405b
    model: llama-3.1-405b
    cluster: {node: h100, nodes: 2048, fabric: fat-tree-3}
    parallelism: {pipeline: 16, tensor: 8, zero: 1}
    training:
      sequence_length: 8192
      global_batch: 2048
      micro_batch: 1
      precision: bf16
      schedule: interleaved-1f1b
      stages_per_rank: 4
      recompute: selective
    run: {tokens: 15.6T}
    price: {rent: 2 USD/GPU-hour}
    headline:
      claim: 30.84M H100-hours, over $60M at $2
      figure: gpu_hours
      value: 30.84M
      source: meta-llama/Llama-3.1-405B model card
      status: quoted
      basis: simulated
    """,
    """
    format: 1
    name: debate-deepseek-v2-against-67b
    model: deepseek-v2
    cluster: {node: h800, nodes: 128, fabric: multi-rail-fat-tree}
    parallelism: {pipeline: 16, expert: 8, zero: 1}
    training:
      sequence_length: 4096
      global_batch: 9216
      micro_batch: 1
      precision: bf16
      schedule: 1f1b
      recompute: selective
    routing: {distribution: balanced}
    techniques:
      - name: DeepSeek-V2's architecture
        off:
          model: deepseek-67b
          parallelism: {pipeline: 8, expert: null, tensor: 2}
          training: {global_batch: 4608}
          routing: null
    run: {tokens: 1T}
    price: {rent: 2 USD/GPU-hour}
    headline:
      claim: 172.8K against 300.6K H800-hours a trillion tokens, 42.5 % saved
      figure: gpu_hours_ratio
      value: 57.5 %
      source: arXiv 2405.04434, section 3.2.3
      status: verified
      basis: simulated
    """,
    """
    format: 1
    name: debate-opt-175b
    model: gpt-3-175b
    cluster: {node: a100, nodes: 124, fabric: fat-tree}
    parallelism: {pipeline: 1, tensor: 8, data: 124, zero: 3}
    training:
      sequence_length: 2048
      global_batch: 992
      micro_batch: 8
      precision: fp16
      schedule: 1f1b
      recompute: full
      attention: unfused
    run: {tokens: 300B}
    reliability: {failures: opt-175b}
    price: {rent: 1.5 USD/GPU-hour}
    headline:
      claim: 147 TFLOP/s a GPU, which is 25 days; about 57 were needed
      figure: wall_days
      value: 25 d
      source: arXiv 2205.01068 and the OPT logbook; 6ND at the stated rate
      status: quoted
      basis: simulated
    """,
    """
    format: 1
    name: debate-bloom-176b
    model: bloom-176b
    cluster: {node: a100, nodes: 48, fabric: fat-tree}
    parallelism: {pipeline: 12, tensor: 4, zero: 1}
    training:
      sequence_length: 2048
      global_batch: 2048
      micro_batch: 2
      precision: bf16
      schedule: 1f1b
      recompute: full
      attention: unfused
    run: {tokens: 366B}
    price: {rent: 1.5 USD/GPU-hour}
    headline:
      claim: 1,082,990 A100-hours; 156 TFLOP/s a GPU at best
      figure: gpu_hours
      value: 1082990
      source: arXiv 2211.05100 and 2211.02001
      status: quoted
      basis: simulated
    """,
    """
    format: 1
    name: debate-deepseek-moe-against-llama-2-7b
    model: deepseek-moe-16b
    cluster: {node: h800, nodes: 16, fabric: multi-rail-fat-tree}
    parallelism: {pipeline: 1, expert: 8, zero: 1}
    training:
      sequence_length: 4096
      global_batch: 4608
      micro_batch: 1
      precision: bf16
      schedule: 1f1b
    routing: {distribution: balanced}
    techniques:
      - name: mixture of experts
        off:
          model: llama-2-7b
          parallelism: {expert: null}
          routing: null
    run: {tokens: 2T}
    price: {rent: 2 USD/GPU-hour}
    headline:
      claim: 39.6 % of Llama 2 7B's compute
      figure: flops_ratio
      value: 39.6 %
      source: arXiv 2401.06066, Table 2
      status: verified
      basis: simulated
    """,
    """
    format: 1
    name: debate-deepseek-r1
    cluster: {node: h800, nodes: 64, fabric: multi-plane-fat-tree}
    run:
      stages:
        - {stage: stated, name: R1-Zero, duration: 198 h, source: 'Nature 645 (2025), supplement'}
        - stage: stated
          name: data for SFT
          gpu_hours: 5K
          source: 'Nature 645 (2025), supplement'
        - {stage: stated, name: R1, duration: 80 h, source: 'Nature 645 (2025), supplement'}
    price: {rent: 2 USD/GPU-hour}
    headline:
      claim: 147K H800-hours, $294K
      figure: rent_usd
      value: 294 K USD
      source: Nature 645 (2025), supplement, as reported
      status: quoted
      basis: arithmetic
    """,
    """
    format: 1
    name: debate-gpt-4
    cluster: {node: a100, nodes: 3125, fabric: fat-tree-3}
    run:
      stages:
        - {stage: stated, name: pre-training, flops: 2.15e25, mfu: 32 % .. 36 %,
           source: 'SemiAnalysis, GPT-4 Architecture (2023)'}
    price: {rent: 1.37 .. 1.75 USD/GPU-hour}
    headline:
      claim: 25,000 A100 for 95 days (57M hours), $78M to $100M
      figure: gpu_hours
      value: 57M
      source: SemiAnalysis (2023); AI Index 2024
      status: quoted
      basis: arithmetic
    """,
    """
    format: 1
    name: debate-grok-3
    cluster: {node: h100, nodes: 8192, fabric: fat-tree-3}
    run:
      stages:
        - {stage: stated, name: pre-training, flops: 3e26 .. 5e26, mfu: 40 %,
           source: 'estimates by outsiders (2025); the share of peak is assumed'}
    price: {rent: 2 USD/GPU-hour}
    headline:
      claim: 100,000 H100 for 90 days (216M hours), later 200,000 GPUs, $6B at $30K each
      figure: gpu_hours
      value: 216M
      source: public statements and estimates (2025)
      status: quoted
      basis: arithmetic
    """,
    """
    format: 1
    name: debate-s1
    cluster: {node: h100, nodes: 2, fabric: multi-rail-fat-tree}
    run:
      stages:
        - {stage: stated, name: SFT on 1000 samples, duration: 26 min, source: arXiv 2501.19393}
    price: {rent: 2 .. 6 USD/GPU-hour}
    headline:
      claim: under $50
      figure: rent_usd
      value: 50 USD
      source: press reports of arXiv 2501.19393 (2025)
      status: quoted
      basis: arithmetic
    """,
  ]
}

extension Validation.Extent {
  /// Whether every simulated step of a run is computed.
  fileprivate func takes(_ plan: CostPlan) -> Bool {
    plan.stages.allSatisfy { stage in
      guard let step = stage.scenario?.plan else { return true }
      return takes(stages: step.pipeline, microBatches: step.microBatches)
    }
  }
}

extension Headline.Figure {
  /// The unit its values are in.
  var unit: String {
    switch self {
    case .cost(.gpuHours): "GPU-hours"
    case .cost(.wallDays): "days"
    case .memory: "bytes"
    case .operations: "FLOPs"
    default: key.hasSuffix("_usd") ? "USD" : "ratio"
    }
  }
}
