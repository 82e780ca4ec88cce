import Models
import Quantities
import Testing

/// Published sizes, and sums of parts.
@Suite struct ParameterCountTests {
  /// Totals of published checkpoints, and totals counted from published configs.
  @Test(arguments: [
    ("llama-3.1-405b", 405_853_388_800),
    ("llama-3.1-70b", 70_553_706_496),
    ("llama-3.1-8b", 8_030_261_248),
    ("llama-2-7b", 6_738_415_616),
    ("llama-2-70b", 68_976_648_192),
    ("deepseek-v3", 671_026_419_200),
    ("deepseek-r1", 671_026_419_200),
    ("qwen3-235b-a22b", 235_093_634_560),
    ("kimi-k2", 1_026_408_232_448),
    ("gpt-oss-120b", 116_829_156_672),
  ])
  func totalsAreExact(name: String, parameters: Int) throws {
    #expect(try architecture(name).parameters == parameters)
  }

  /// Billions: total, active, active without the input embedding, prediction layers; each to a
  /// unit of its last digit.
  static let billions: [(String, Double, Double, Double, Double)] = [
    ("deepseek-v3", 671.026, 37.552, 36.626, 11.61),
    ("deepseek-r1", 671.026, 37.552, 36.626, 11.61),
    ("deepseek-v3.2", 671.878, 38.404, 37.477, 11.62),
    ("kimi-k2", 1026.408, 32.862, 31.687, 0),
    ("llama-3.1-405b", 405.853, 405.853, 403.752, 0),
    ("llama-3.1-70b", 70.554, 70.554, 69.503, 0),
    ("llama-3.1-8b", 8.030, 8.030, 7.505, 0),
    ("mixtral-8x7b", 46.703, 12.880, 12.749, 0),
    ("mixtral-8x22b", 140.621, 39.152, 38.955, 0),
    ("qwen3-235b-a22b", 235.094, 22.191, 21.568, 0),
    ("qwen3-30b-a3b", 30.532, 3.353, 3.042, 0),
    ("qwen3-32b", 32.762, 32.762, 31.984, 0),
    ("gpt-oss-120b", 116.829, 5.712, 5.133, 0),
    ("gpt-oss-20b", 20.915, 4.187, 3.608, 0),
    ("minimax-m2", 228.689, 11.030, 10.416, 0),
    ("glm-5", 743.911, 41.785, 40.833, 9.95),
    ("deepseek-v2", 235.741, 21.376, 20.852, 0),
    ("deepseek-v2-lite", 15.706, 2.661, 2.451, 0),
    ("deepseek-moe-16b", 16.376, 2.829, 2.619, 0),
    ("deepseek-67b", 67.425, 67.425, 66.586, 0),
    ("llama-2-7b", 6.738, 6.738, 6.607, 0),
    ("llama-2-70b", 68.977, 68.977, 68.715, 0),
    ("qwen2.5-32b", 32.764, 32.764, 31.985, 0),
    ("qwen2.5-72b", 72.706, 72.706, 71.460, 0),
    ("glm-4.5", 352.798, 33.632, 32.856, 3.99),
    // Tied: the head's matrix makes work though the embedding already counted it.
    ("gpt-3-175b", 174.604, 174.604, 174.579, 0),
    ("bloom-176b", 176.247, 176.247, 176.247, 0),
    ("gpt-22b", 22.074, 22.074, 22.062, 0), ("gpt-175b", 174.616, 174.616, 174.591, 0),
    ("gpt-530b", 529.601, 529.601, 529.559, 0), ("gpt-1t", 1008.039, 1008.039, 1007.986, 0),
  ]

  @Test(arguments: billions)
  func countsAgreeToTheirDigits(
    name: String, total: Double, active: Double, work: Double, prediction: Double
  ) throws {
    let model = try architecture(name)
    #expect(thousandths(model.parameters) == (total * 1000).rounded())
    #expect(thousandths(model.activeParameters) == (active * 1000).rounded())
    #expect(thousandths(model.activeMatmulParameters) == (work * 1000).rounded())
    #expect((Double(model.predictionParameters) / 1e7).rounded() == (prediction * 100).rounded())
  }

  @Test func everyModelOfTheCatalogueIsChecked() {
    #expect(ModelCatalogue.names.allSatisfy { name in Self.billions.contains { $0.0 == name } })
  }

  private func thousandths(_ count: Int) -> Double { (Double(count) / 1e6).rounded() }
}

/// The catalogue's model of that name, which a test expects.
func architecture(_ name: String) throws -> Architecture {
  try #require(ModelCatalogue.model(named: name)).architecture
}

/// The parts a simulator places on GPUs.
@Suite struct ParameterPartTests {
  /// A layer with experts and one without have the same active feed-forward weights in V3:
  /// 18432 = 9 experts of 2048, 396.4 M; its latent attention has 187.1 M.
  @Test func partsOfDeepSeekV3() throws {
    let model = try architecture("deepseek-v3")
    let dense = model.feedForwardParameters(layer: 0)
    let mixture = model.feedForwardParameters(layer: 3)
    #expect(dense.total == 3 * 7168 * 18_432)
    #expect(dense.routedExpert == 0)
    #expect(mixture.routedExpert == 3 * 7168 * 2048)
    #expect(mixture.always == 3 * 7168 * 2048)
    #expect(mixture.gate == 7168 * 256 + 256)
    #expect(mixture.active - mixture.gate == dense.active)
    #expect(model.attentionParameters == 187_107_328)
    #expect(model.layerNormParameters == 2 * 7168)
    #expect(model.embeddingParameters == 129_280 * 7168)
    #expect(model.headParameters == 129_280 * 7168)
    #expect(model.indexerParameters == 0)
    #expect((model.denseLayers, model.expertLayers) == (3, 58))
    #expect(model.feedForwardParameters(layer: 61) == mixture)
  }

  /// V3.2 is V3 and its indexer, in each layer.
  @Test func indexerIsWhatSparseAttentionAdds() throws {
    let model = try architecture("deepseek-v3.2")
    let before = try architecture("deepseek-v3")
    #expect(model.indexerParameters == 1536 * 64 * 128 + 7168 * 128 + 2 * 128 + 7168 * 64)
    #expect(model.parameters - before.parameters == 61 * model.indexerParameters)
  }

  /// Biases follow the output of their projection: two of the width and one of the hidden size.
  @Test func expertsOfGPTOSSHaveBiases() throws {
    let mixture = try architecture("gpt-oss-20b").feedForwardParameters(layer: 0)
    #expect(mixture.routedExpert == 3 * 2880 * 2880 + 3 * 2880)
    #expect(mixture.gate == 2880 * 32 + 32)
    #expect(mixture.always == 0)
  }

  /// The invariant of the catalogue: every model is the sum of its parts, layer by layer.
  @Test(arguments: ModelCatalogue.models.map(\.architecture))
  func partsAddUp(model: Architecture) {
    var sum = model.embeddingParameters + model.finalNormParameters + model.headParameters
    for layer in 0..<model.layers {
      sum += model.attentionParameters + model.layerNormParameters
      sum += model.feedForwardParameters(layer: layer).total
    }
    #expect(sum == model.parameters)
    #expect(model.activeParameters <= model.parameters)
    #expect(model.experts != nil || model.activeParameters == model.parameters)
  }

  @Test func absurdShapesStopAtTheLargestCount() throws {
    var model = try architecture("llama-3.1-8b")
    model.hidden = .max
    #expect(model.parameters == .max)
    #expect(model.activeMatmulParameters == .max)
    model.layers = -5
    #expect(model.denseLayers == 0)
  }

  @Test func catalogueNamesAreUniqueAndSpelt() {
    let names = ModelCatalogue.names
    #expect(Set(names).count == names.count)
    #expect(names.count == 31)
    let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    #expect(names.allSatisfy { $0.allSatisfy(allowed.contains) })
    #expect(ModelCatalogue.models.allSatisfy { !$0.source.isEmpty })
    #expect(ModelCatalogue.model(named: "DeepSeek-V3") == nil)
  }
}
