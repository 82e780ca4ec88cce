import Quantities

/// DeepSeek's models, and those built like DeepSeek-V3.
extension ModelCatalogue {
  static let deepseekModels: [CatalogueModel] = [
    CatalogueModel(
      architecture: deepseekV3(name: "deepseek-v3"),
      source: "deepseek-ai/DeepSeek-V3 README and config_671B.json, 2024-12; arXiv 2412.19437",
      status: .stated),
    CatalogueModel(
      architecture: deepseekV3(name: "deepseek-r1"),
      source: "deepseek-ai/DeepSeek-R1 README (the shape of DeepSeek-V3), 2025-01",
      status: .stated),
    CatalogueModel(
      architecture: deepseekV3(
        name: "deepseek-v3.2", indexer: Indexer(heads: 64, headDimension: 128, tokensKept: 2048)),
      source: "deepseek-ai/DeepSeek-V3.2 config.json in \(configCollection)", status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "deepseek-v2", layers: 60, hidden: 5120,
        attention: .latent(deepseekLatent(heads: 128, queryRank: 1536)),
        feedForward: FeedForward(intermediate: 12_288),
        experts: experts(160, 6, shared: 2, 1536) {
          $0.groups = 8
          $0.groupsPerToken = 3
        }, leadingDenseLayers: 1, vocabulary: 102_400),
      source: "deepseek-ai/DeepSeek-V2 README, arXiv 2405.04434, 2024-05; "
        + "vocabulary and experts a token visits assumed", status: .assumed),
    CatalogueModel(
      architecture: Architecture(
        name: "deepseek-v2-lite", layers: 27, hidden: 2048,
        attention: .latent(deepseekLatent(heads: 16, queryRank: nil)),
        feedForward: FeedForward(intermediate: 10_944),
        experts: experts(64, 6, shared: 2, 1408), leadingDenseLayers: 1, vocabulary: 102_400),
      source: "totals of deepseek-ai/DeepSeek-V2 README, 2024-05; shape assumed",
      status: .assumed),
    CatalogueModel(
      architecture: Architecture(
        name: "deepseek-moe-16b", layers: 28, hidden: 2048, attention: grouped(16, 16, 128),
        feedForward: FeedForward(intermediate: 10_944),
        experts: experts(64, 6, shared: 2, 1408), leadingDenseLayers: 1, vocabulary: 102_400),
      source: "totals of arXiv 2401.06066, 2024-01; shape assumed", status: .assumed),
    CatalogueModel(
      architecture: Architecture(
        name: "deepseek-67b", layers: 95, hidden: 8192, attention: grouped(64, 8, 128),
        feedForward: FeedForward(intermediate: 22_016), vocabulary: 102_400),
      source: "arXiv 2401.02954, 2024-01; shape assumed", status: .assumed),
  ]

  /// Models of other houses with DeepSeek's latent attention.
  static let latentModels: [CatalogueModel] = [
    CatalogueModel(
      architecture: Architecture(
        name: "kimi-k2", layers: 61, hidden: 7168,
        attention: .latent(deepseekLatent(heads: 64, queryRank: 1536)),
        feedForward: FeedForward(intermediate: 18_432),
        experts: experts(384, 8, shared: 1, 2048) { $0.hasGateBias = true },
        leadingDenseLayers: 1, vocabulary: 163_840),
      source: "moonshotai/Kimi-K2 README, 2025-07; config.json in \(configCollection)",
      status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "glm-5", layers: 78, hidden: 6144,
        attention: .latent(
          LatentAttention(
            heads: 64, queryRank: 2048, keyValueRank: 512, contentDimension: 192,
            rotaryDimension: 64, valueDimension: 256,
            indexer: Indexer(heads: 32, headDimension: 128, tokensKept: 2048))),
        feedForward: FeedForward(intermediate: 12_288),
        experts: experts(256, 8, shared: 1, 2048) { $0.hasGateBias = true },
        leadingDenseLayers: 3, vocabulary: 154_880, predictionLayers: 1),
      source: "GLM-5 config.json in \(configCollection)", status: .stated),
  ]

  /// DeepSeek-V3's shape, which R1 and V3.2 share.
  private static func deepseekV3(name: String, indexer: Indexer? = nil) -> Architecture {
    Architecture(
      name: name, layers: 61, hidden: 7168,
      attention: .latent(deepseekLatent(heads: 128, queryRank: 1536, indexer: indexer)),
      feedForward: FeedForward(intermediate: 18_432),
      experts: experts(256, 8, shared: 1, 2048) {
        $0.groups = 8
        $0.groupsPerToken = 4
        $0.hasGateBias = true
      }, leadingDenseLayers: 3, vocabulary: 129_280, predictionLayers: 1)
  }

  /// Latent attention with the dimensions of DeepSeek-V2 (arXiv 2405.04434, section 3.1.2).
  private static func deepseekLatent(
    heads: Int, queryRank: Int?, indexer: Indexer? = nil
  ) -> LatentAttention {
    LatentAttention(
      heads: heads, queryRank: queryRank, keyValueRank: 512, contentDimension: 128,
      rotaryDimension: 64, valueDimension: 128, indexer: indexer)
  }
}
