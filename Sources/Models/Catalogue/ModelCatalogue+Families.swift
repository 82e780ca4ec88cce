import Quantities

/// Llama, Mixtral, Qwen and the other families with grouped-query attention.
extension ModelCatalogue {
  static let llamaModels: [CatalogueModel] = [
    CatalogueModel(
      architecture: Architecture(
        name: "llama-3.1-405b", layers: 126, hidden: 16_384, attention: grouped(128, 8, 128),
        feedForward: FeedForward(intermediate: 53_248), vocabulary: 128_256),
      source: "arXiv 2407.21783, 2024-07; checkpoint meta-llama/Llama-3.1-405B",
      status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "llama-3.1-70b", layers: 80, hidden: 8192, attention: grouped(64, 8, 128),
        feedForward: FeedForward(intermediate: 28_672), vocabulary: 128_256),
      source: "arXiv 2407.21783, 2024-07; checkpoint meta-llama/Llama-3.1-70B",
      status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "llama-3.1-8b", layers: 32, hidden: 4096, attention: grouped(32, 8, 128),
        feedForward: FeedForward(intermediate: 14_336), vocabulary: 128_256),
      source: "arXiv 2407.21783, 2024-07; checkpoint meta-llama/Llama-3.1-8B",
      status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "llama-2-7b", layers: 32, hidden: 4096, attention: grouped(32, 32, 128),
        feedForward: FeedForward(intermediate: 11_008), vocabulary: 32_000),
      source: "arXiv 2307.09288, 2023-07; checkpoint meta-llama/Llama-2-7b, "
        + "without its 2,048 rotary constants", status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "llama-2-70b", layers: 80, hidden: 8192, attention: grouped(64, 8, 128),
        feedForward: FeedForward(intermediate: 28_672), vocabulary: 32_000),
      source: "arXiv 2307.09288, 2023-07; checkpoint meta-llama/Llama-2-70b, "
        + "without its 5,120 rotary constants", status: .stated),
  ]

  static let mixtralModels: [CatalogueModel] = [
    CatalogueModel(
      architecture: Architecture(
        name: "mixtral-8x7b", layers: 32, hidden: 4096, attention: grouped(32, 8, 128),
        feedForward: FeedForward(intermediate: 14_336), experts: experts(8, 2, 14_336),
        vocabulary: 32_000),
      source: "arXiv 2401.04088, 2024-01; config.json in \(configCollection)", status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "mixtral-8x22b", layers: 56, hidden: 6144, attention: grouped(48, 8, 128),
        feedForward: FeedForward(intermediate: 16_384), experts: experts(8, 2, 16_384),
        vocabulary: 32_000),
      source: "mistralai/Mixtral-8x22B config.json in \(configCollection)", status: .stated),
  ]

  static let qwenModels: [CatalogueModel] = [
    CatalogueModel(
      architecture: Architecture(
        name: "qwen3-235b-a22b", layers: 94, hidden: 4096,
        attention: grouped(64, 4, 128) { $0.queryKeyNorm = true },
        feedForward: FeedForward(intermediate: 12_288), experts: experts(128, 8, 1536),
        vocabulary: 151_936),
      source: "arXiv 2505.09388, 2025-05; config.json in \(configCollection)", status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "qwen3-30b-a3b", layers: 48, hidden: 2048,
        attention: grouped(32, 4, 128) { $0.queryKeyNorm = true },
        feedForward: FeedForward(intermediate: 6144), experts: experts(128, 8, 768),
        vocabulary: 151_936),
      source: "arXiv 2505.09388, 2025-05; config.json in \(configCollection)", status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "qwen3-32b", layers: 64, hidden: 5120,
        attention: grouped(64, 8, 128) { $0.queryKeyNorm = true },
        feedForward: FeedForward(intermediate: 25_600), vocabulary: 151_936),
      source: "arXiv 2505.09388, 2025-05; config.json in \(configCollection)", status: .stated),
    CatalogueModel(
      architecture: Architecture(
        name: "qwen2.5-32b", layers: 64, hidden: 5120,
        attention: grouped(40, 8, 128) { $0.queryKeyValueBias = true },
        feedForward: FeedForward(intermediate: 27_648), vocabulary: 152_064),
      source: "Qwen/Qwen2.5-32B README, 2024-09; width and vocabulary assumed",
      status: .assumed),
    CatalogueModel(
      architecture: Architecture(
        name: "qwen2.5-72b", layers: 80, hidden: 8192,
        attention: grouped(64, 8, 128) { $0.queryKeyValueBias = true },
        feedForward: FeedForward(intermediate: 29_568), vocabulary: 152_064),
      source: "total of Qwen/Qwen2.5-72B README, 2024-09; shape assumed",
      status: .assumed),
  ]

  static let otherExpertModels: [CatalogueModel] = [
    gptOSS(name: "gpt-oss-120b", layers: 36, routed: 128),
    gptOSS(name: "gpt-oss-20b", layers: 24, routed: 32),
    CatalogueModel(
      architecture: Architecture(
        name: "minimax-m2", layers: 62, hidden: 3072,
        attention: grouped(48, 8, 128) { $0.queryKeyNorm = true },
        feedForward: FeedForward(intermediate: 1536),
        experts: experts(256, 8, 1536) { $0.hasGateBias = true }, vocabulary: 200_064),
      source: "MiniMaxAI/MiniMax-M2 config.json in \(configCollection); norm of queries and keys "
        + "by head", status: .assumed),
    CatalogueModel(
      architecture: Architecture(
        name: "glm-4.5", layers: 92, hidden: 5120,
        attention: grouped(96, 8, 128) {
          $0.queryKeyValueBias = true
          $0.queryKeyNorm = true
        },
        feedForward: FeedForward(intermediate: 12_288),
        experts: experts(160, 8, shared: 1, 1536) { $0.hasGateBias = true },
        leadingDenseLayers: 3, vocabulary: 151_552, predictionLayers: 1),
      source: "THUDM/slime scripts/models/glm4.5-355B-A32B.sh; arXiv 2508.06471, 2025-08",
      status: .stated),
  ]

  /// Experts and attention with biases, sinks, and a window of 128 tokens in every other layer.
  private static func gptOSS(name: String, layers: Int, routed: Int) -> CatalogueModel {
    CatalogueModel(
      architecture: Architecture(
        name: name, layers: layers, hidden: 2880,
        attention: grouped(64, 8, 64) {
          $0.queryKeyValueBias = true
          $0.outputBias = true
          $0.sinks = true
          $0.window = SlidingWindow(tokens: 128, fullEvery: 2)
        },
        feedForward: FeedForward(intermediate: 2880),
        experts: experts(routed, 4, 2880) {
          $0.hasGateBias = true
          $0.hasBias = true
        }, vocabulary: 201_088),
      source: "openai/gpt-oss README, arXiv 2508.10925, 2025-08; config.json in "
        + configCollection, status: .stated)
  }
}
