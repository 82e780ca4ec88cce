import Fabric
import Hardware
import Models
import Quantities

/// What needs no simulation: weights, operations, cache bytes, switches and cables, and the exchanges
/// that the catalogue's rates are fitted to.
extension Validation {
  /// A model's size as its publisher gives it.
  private struct Size {
    var model: String
    /// Weights, and weights that a token passes through; nil where none is published.
    var total: Double
    var active: Double?
    var status: PublishedFigure.Status
    var source: String
    /// Whether the active weights leave the input embedding out.
    var withoutEmbedding = false
  }

  private static let sizes: [Size] = [
    Size(
      model: "deepseek-v3", total: 671e9, active: 37e9, status: .verified,
      source: "deepseek-ai/DeepSeek-V3 README"),
    Size(
      model: "deepseek-v2", total: 236e9, active: 21e9, status: .verified,
      source: "deepseek-ai/DeepSeek-V2 README"),
    Size(
      model: "deepseek-v2-lite", total: 15.7e9, active: 2.4e9, status: .verified,
      source: "deepseek-ai/DeepSeek-V2 README"),
    Size(
      model: "deepseek-moe-16b", total: 16.4e9, active: 2.8e9, status: .quoted,
      source: "arXiv 2401.06066"),
    Size(
      model: "deepseek-67b", total: 67e9, status: .recalled, source: "arXiv 2401.02954"),
    Size(
      model: "kimi-k2", total: 1000e9, active: 32e9, status: .verified,
      source: "MoonshotAI/Kimi-K2 README"),
    Size(model: "glm-5", total: 744e9, active: 40e9, status: .recalled, source: "GLM-5 model card"),
    Size(
      model: "llama-3.1-405b", total: 405_853_388_800, status: .quoted,
      source: "checkpoint meta-llama/Llama-3.1-405B"),
    Size(
      model: "llama-3.1-70b", total: 70_553_706_496, status: .quoted,
      source: "checkpoint meta-llama/Llama-3.1-70B"),
    Size(
      model: "llama-3.1-8b", total: 8_030_261_248, status: .quoted,
      source: "checkpoint meta-llama/Llama-3.1-8B"),
    Size(
      model: "llama-2-7b", total: 6_738_415_616, status: .quoted,
      source: "checkpoint meta-llama/Llama-2-7b, without rotary buffers"),
    Size(
      model: "llama-2-70b", total: 68_976_648_192, status: .quoted,
      source: "checkpoint meta-llama/Llama-2-70b, without rotary buffers"),
    Size(
      model: "mixtral-8x7b", total: 46.7e9, active: 12.9e9, status: .quoted,
      source: "arXiv 2401.04088"),
    Size(
      model: "mixtral-8x22b", total: 141e9, active: 39e9, status: .recalled,
      source: "mistralai/Mixtral-8x22B model card"),
    Size(
      model: "qwen3-235b-a22b", total: 235e9, active: 22e9, status: .quoted,
      source: "arXiv 2505.09388"),
    Size(
      model: "qwen3-30b-a3b", total: 30.5e9, active: 3.3e9, status: .recalled,
      source: "arXiv 2505.09388"),
    Size(model: "qwen3-32b", total: 32.8e9, status: .recalled, source: "arXiv 2505.09388"),
    Size(
      model: "qwen2.5-32b", total: 32.5e9, status: .quoted, source: "Qwen/Qwen2.5-32B README"),
    Size(
      model: "qwen2.5-72b", total: 72.7e9, status: .recalled, source: "Qwen/Qwen2.5-72B README"),
    Size(
      model: "gpt-oss-120b", total: 117e9, active: 5.1e9, status: .verified,
      source: "openai/gpt-oss README", withoutEmbedding: true),
    Size(
      model: "gpt-oss-20b", total: 21e9, active: 3.6e9, status: .verified,
      source: "openai/gpt-oss README", withoutEmbedding: true),
    Size(
      model: "minimax-m2", total: 230e9, active: 10e9, status: .recalled,
      source: "MiniMaxAI/MiniMax-M2 README"),
    Size(
      model: "glm-4.5", total: 355e9, active: 32e9, status: .verified,
      source: "huggingface/transformers docs, glm4_moe"),
    Size(model: "gpt-3-175b", total: 175e9, status: .recalled, source: "arXiv 2005.14165"),
    Size(
      model: "bloom-176b", total: 176_247e6, status: .quoted, source: "arXiv 2211.05100"),
  ]

  /// Published GFLOP of training a token at 4,096 tokens, and whether they count the causal half.
  private static let operations: [(model: String, gigaFLOPs: Double, isCausal: Bool)] = [
    ("deepseek-v3", 250, true), ("deepseek-v3", 281, false), ("deepseek-v2", 155, true),
    ("qwen2.5-72b", 394, true), ("llama-3.1-405b", 2_448, true),
  ]

  /// Published bytes of a token's keys and values in BF16.
  private static let caches: [(model: String, bytes: Double)] = [
    ("deepseek-v3", 70_272), ("qwen2.5-72b", 327_680), ("llama-3.1-405b", 516_096),
  ]

  /// Weights, operations and cache bytes of the catalogue's models.
  static func counts() -> [PublishedFigure] {
    var rows: [PublishedFigure] = []
    for size in sizes {
      guard let model = ModelCatalogue.model(named: size.model)?.architecture else { continue }
      rows.append(
        PublishedFigure(
          name: "\(size.model), parameters", group: .parameters, source: size.source,
          status: size.status, published: size.total, simulated: Double(model.parameters),
          unit: "parameters", setUp: "without prediction layers"))
      guard let active = size.active else { continue }
      let count = size.withoutEmbedding ? model.activeMatmulParameters : model.activeParameters
      rows.append(
        PublishedFigure(
          name: "\(size.model), active parameters", group: .parameters, source: size.source,
          status: size.status, published: active, simulated: Double(count), unit: "parameters",
          setUp: size.withoutEmbedding ? "input embedding left out" : "both embeddings counted"))
    }
    let paper = "arXiv 2505.09343, section 2"
    for row in operations {
      guard let model = ModelCatalogue.model(named: row.model)?.architecture else { continue }
      let work = model.trainingFLOPsPerToken(sequenceLength: 4_096, causal: row.isCausal)
      let half = row.isCausal ? "causal" : "whole square"
      rows.append(
        PublishedFigure(
          name: "\(row.model), training a token, \(half)", group: .operations, source: paper,
          status: .verified, published: row.gigaFLOPs, simulated: work.value / 1e9, unit: "GFLOP",
          setUp: "4,096 tokens"))
    }
    for row in caches {
      guard let model = ModelCatalogue.model(named: row.model)?.architecture else { continue }
      rows.append(
        PublishedFigure(
          name: "\(row.model), KV bytes a token", group: .cache, source: paper, status: .verified,
          published: row.bytes, simulated: model.keyValueBytesPerToken().value, unit: "bytes",
          setUp: "BF16"))
    }
    return rows
  }

  /// The three networks of the paper's table that Fathom builds, as large as they get.
  static func topologies() -> [PublishedFigure] {
    let table: [(topology: Topology, endpoints: Double, switches: Double, links: Double)] = [
      (.fatTree, 2_048, 96, 2_048), (.multiPlaneFatTree, 16_384, 768, 16_384),
      (.fatTree3, 65_536, 5_120, 131_072),
    ]
    return table.flatMap { row in
      let layout = FabricLayout.largest(row.topology)
      let counts = [
        ("endpoints", row.endpoints, layout.endpointLinks),
        ("switches", row.switches, layout.switches),
        ("links between switches", row.links, layout.interSwitchLinks),
      ]
      return counts.map { name, published, count in
        PublishedFigure(
          name: "\(row.topology.rawValue), \(name)", group: .topology,
          source: "arXiv 2505.09343, table 3", status: .verified, published: published,
          simulated: Double(count), unit: name, setUp: "64-port switches")
      }
    }
  }

  /// Dispatch and combine as DeepEP's tests time them, under the catalogue's rates.
  static func exchanges() throws(StudyError) -> [PublishedFigure] {
    guard let node = HardwareCatalogue.node(named: "h800") else { return [] }
    return DispatchFit.rows(of: ExchangeRates(node)).map { row in
      let kind = row.published.isCombine ? "combine" : "dispatch"
      return PublishedFigure(
        name: "DeepEP \(kind) of \(row.published.ranks) GPUs", group: .exchange,
        source: DispatchFit.source, status: .verified,
        published: row.published.bandwidth.value / 1e9, simulated: row.modelled.value / 1e9,
        unit: "GB/s", basis: .fitted("four rates are fitted to these eight rows"))
    }
  }
}
