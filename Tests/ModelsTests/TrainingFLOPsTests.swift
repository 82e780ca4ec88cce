import Models
import Quantities
import Testing

/// Work of training, against published figures and closed forms.
@Suite struct TrainingFLOPsTests {
  /// arXiv 2505.09343, table 2, and its non-causal convention, in GFLOP a token.
  /// The table's 394 of Qwen2.5-72B is left out: it is below 6 x 71.5 B = 429.
  @Test(arguments: [
    ("deepseek-v3", true, 250.0, 0.01), ("deepseek-v3", false, 281.0, 0.01),
    ("llama-3.1-405b", true, 2448.0, 0.02), ("deepseek-v2", true, 155.0, 0.01),
  ])
  func publishedWork(name: String, causal: Bool, billions: Double, tolerance: Double) throws {
    let work = try architecture(name).trainingFLOPsPerToken(sequenceLength: 4096, causal: causal)
    #expect(abs(work.value / (billions * 1e9) - 1) < tolerance)
  }

  /// What the published 394 GFLOP should be: 6 x 71.46 B and 16.1 of causal attention.
  @Test func denseModelIsSixTimesItsWeights() throws {
    let model = try architecture("qwen2.5-72b")
    let attention = 3.0 * 80 * 4096 * 64 * 128 * 2
    #expect(
      model.trainingFLOPsPerToken(sequenceLength: 4096, causal: true).value
        == 6 * Double(model.activeMatmulParameters) + attention)
    #expect(abs(attention / 1e9 - 16.1) < 0.01)
  }

  /// 128 heads, queries and keys of 192, values of 128: causal attention of one sequence is
  /// 4096^2 / 2 pairs.
  @Test func attentionOfOneLayer() throws {
    let model = try architecture("deepseek-v3")
    let causal = model.attentionForwardFLOPs(layer: 7, sequenceLength: 4096, causal: true)
    #expect(causal.value == 128 * 320 * 4096 * 4096)
    let all = model.attentionForwardFLOPs(layer: 7, sequenceLength: 4096, causal: false)
    #expect(all.value == 2 * causal.value)
  }

  /// A token of V3.2 sees 2048 others at most, but the indexer (64 heads of 128) looks at all.
  @Test func sparseAttentionSeesTheTokensKept() throws {
    let model = try architecture("deepseek-v3.2")
    let pairs: Double = 2048 * 2048 / 2 + (8192 - 2048) * 2048
    let indexing: Double = 2 * 64 * 128 * 8192 * 8192 / 2
    let attention: Double = 2 * 128 * 320 * pairs
    let work = model.attentionForwardFLOPs(layer: 0, sequenceLength: 8192, causal: true)
    #expect(work.value == attention + indexing)
    let short = model.attentionForwardFLOPs(layer: 0, sequenceLength: 1024, causal: false)
    let eachPair = 2.0 * 128 * 320 + 2 * 64 * 128
    #expect(short.value == 1024 * 1024 * eachPair)
  }

  /// gpt-oss looks 128 tokens back in layers 0, 2, 4 and so on.
  @Test func slidingWindowsAlternate() throws {
    let model = try architecture("gpt-oss-20b")
    #expect((0..<4).map(model.hasFullAttention(layer:)) == [false, true, false, true])
    let narrow = model.attentionForwardFLOPs(layer: 0, sequenceLength: 4096, causal: false)
    let full = model.attentionForwardFLOPs(layer: 1, sequenceLength: 4096, causal: false)
    #expect(narrow.value * 32 == full.value)
    let short = model.attentionForwardFLOPs(layer: 0, sequenceLength: 100, causal: true)
    #expect(short == model.attentionForwardFLOPs(layer: 1, sequenceLength: 100, causal: true))
  }

  @Test func windowsMayLeaveNoLayerOut() throws {
    var attention = GroupedAttention(heads: 4, keyValueHeads: 4, headDimension: 8)
    attention.window = SlidingWindow(tokens: 16, fullEvery: nil)
    var model = try architecture("llama-3.1-8b")
    model.attention = .grouped(attention)
    #expect(!model.hasFullAttention(layer: 31))
    let token = model.attentionForwardFLOPsPerToken(sequenceLength: 64, causal: false)
    #expect(token.value == Double(32 * 2 * 4 * 16 * 16))
  }

  /// The invariant between the two helpers: a token's work is its share of every layer's.
  @Test(arguments: ModelCatalogue.models.map(\.architecture), [true, false])
  func layersAddUp(model: Architecture, causal: Bool) {
    let layers = (0..<model.layers).map {
      model.attentionForwardFLOPs(layer: $0, sequenceLength: 3000, causal: causal).value / 3000
    }
    let token = model.attentionForwardFLOPsPerToken(sequenceLength: 3000, causal: causal).value
    #expect(abs(layers.reduce(0, +) / token - 1) < 1e-12)
  }

  @Test func noSequenceHasNoAttention() throws {
    let model = try architecture("deepseek-v3")
    for length in [0, -1, .min] {
      let work = model.trainingFLOPsPerToken(sequenceLength: length, causal: true)
      #expect(work.value == 6 * Double(model.activeMatmulParameters))
    }
  }
}

/// Bytes a token leaves in the cache.
@Suite struct CacheBytesTests {
  @Test(arguments: [
    ("deepseek-v3", 70_272), ("deepseek-r1", 70_272), ("deepseek-v3.2", 70_272),
    ("kimi-k2", 70_272), ("llama-3.1-405b", 516_096), ("llama-3.1-70b", 327_680),
    ("llama-3.1-8b", 131_072), ("mixtral-8x7b", 131_072), ("mixtral-8x22b", 229_376),
    ("qwen3-235b-a22b", 192_512), ("qwen3-30b-a3b", 98_304), ("qwen3-32b", 262_144),
    ("gpt-oss-120b", 73_728), ("gpt-oss-20b", 49_152), ("minimax-m2", 253_952),
    ("glm-5", 89_856), ("deepseek-v2", 69_120), ("deepseek-v2-lite", 31_104),
    ("deepseek-moe-16b", 229_376), ("deepseek-67b", 389_120), ("llama-2-7b", 524_288),
    ("llama-2-70b", 327_680), ("qwen2.5-32b", 262_144), ("qwen2.5-72b", 327_680),
    ("glm-4.5", 376_832), ("gpt-3-175b", 4_718_592), ("bloom-176b", 4_014_080),
  ])
  func bytesOfBF16(name: String, bytes: Double) throws {
    let model = try architecture(name)
    #expect(model.keyValueBytesPerToken() == Bytes(bytes))
    #expect(model.keyValueBytesPerToken(as: .fp8) == Bytes(bytes / 2))
  }
}
