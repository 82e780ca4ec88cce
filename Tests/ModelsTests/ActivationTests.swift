import Kernels
import Models
import Quantities
import Testing

/// What a micro-batch leaves in memory, against published formulas.
@Suite struct ActivationTests {
  /// The 22-billion-parameter GPT of arXiv 2205.05198: 64 heads, width 6144, sequences of 2048.
  private let gpt = {
    var gpt = Architecture(
      name: "gpt", layers: 1, hidden: 6144,
      attention: .grouped(GroupedAttention(heads: 64, keyValueHeads: 64, headDimension: 96)),
      feedForward: FeedForward(intermediate: 4 * 6144, isGated: false), vocabulary: 51_200)
    gpt.trainsWithDropout = true
    return gpt
  }()

  private func shape(
    tensor: Double = 1, expert: Double = 1, format: NumberFormat = .bf16,
    recompute: Recompute = .none, kernel: AttentionKernel = .flash, sequenceParallel: Bool = true,
    sequences: Double = 4
  ) -> LayerShape {
    var shape = LayerShape(
      tokens: 2048 * sequences, sequenceLength: 2048, tensor: tensor, expertDegree: expert,
      format: format, recompute: recompute)
    shape.attentionKernel = kernel
    shape.sequenceParallel = sequenceParallel
    return shape
  }

  /// Bytes held to the input gradient, over tokens times width.
  private func held(_ shape: LayerShape) -> Double {
    gpt.activations(hasExperts: false, shape: shape).held.value / (shape.tokens * 6144)
  }

  /// arXiv 2205.05198, table 2: sbh(34 + 5as/h) without parallelism, sbh(10 + 24/t + 5as/(ht))
  /// under tensor parallelism, sbh/t(34 + 5as/h) with sequence parallelism besides, sbh·34/t with
  /// recompute of attention's core, 2sbh under full recompute (here of the input's part of t).
  @Test(arguments: [1.0, 2, 8])
  func layersOfAGPTHaveThePublishedActivations(t: Double) {
    let square = 5.0 * 64 * 2048 / 6144
    let plain = shape(tensor: t, kernel: .unfused, sequenceParallel: false)
    #expect(abs(held(plain) / (10 + 24 / t + square / t) - 1) < 1e-12)
    let sequence = shape(tensor: t, kernel: .unfused)
    #expect(abs(held(sequence) * t / (34 + square) - 1) < 1e-12)
    let core = shape(tensor: t, recompute: .attention, kernel: .unfused)
    #expect(abs(held(core) * t / 34 - 1) < 1e-12)
    let full = shape(tensor: t, recompute: .full, kernel: .unfused)
    #expect(abs(held(full) * t / 2 - 1) < 1e-12)
  }

  /// A fused kernel keeps 4 bytes a head and token in place of the square; a model without dropout
  /// saves the masks' 2 bytes too, and of the square all but softmax.
  @Test func aFusedKernelKeepsNoSquare() {
    #expect(abs(held(shape()) - (34 + 4.0 * 64 / 6144)) < 1e-9)
    #expect(abs(held(shape(recompute: .attention)) - 34) < 1e-9)
    var plain = gpt
    plain.trainsWithDropout = false
    func kept(_ shape: LayerShape) -> Double {
      plain.activations(hasExperts: false, shape: shape).held.value / (shape.tokens * 6144)
    }
    #expect(abs(kept(shape()) - (32 + 4.0 * 64 / 6144)) < 1e-9)
    #expect(abs(kept(shape(kernel: .unfused)) - (32 + 2.0 * 64 * 2048 / 6144)) < 1e-9)
  }

  /// The Zero Bubble paper (arXiv 2401.10241): 32 h bytes a token wait for a weight gradient, 14 h
  /// of inputs and 18 h of gradients of results.
  @Test(arguments: Recompute.allCases)
  func whatWaitsForAWeightGradientIsThePublishedAmount(recompute: Recompute) {
    let shape = shape(recompute: recompute)
    let waits = gpt.activations(hasExperts: false, shape: shape).pendingWeight
    #expect(abs(waits.value / (shape.tokens * 6144) - 32) < 1e-9)
  }

  /// Less is kept the more is computed again, and what is not kept is there while it is worked on.
  @Test func recomputeTradesKeptForWorking() {
    let recipes: [Recompute] = [.none, .selective, .full]
    let layers = recipes.map { gpt.activations(hasExperts: false, shape: shape(recompute: $0)) }
    for (more, less) in zip(layers, layers.dropFirst()) {
      #expect(more.held > less.held)
      #expect(more.working < less.working)
    }
  }

  /// DeepSeek-V3's layer in FP8, bytes a token by tensor: BF16 streams and latents (1536 + 512 +
  /// 64), 12 bits of 128 heads' results, FP8 rows of 8 experts and what enters their SwiGLU.
  @Test func deepSeekV3KeepsWhatItsReportSays() throws {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v3")).architecture
    let shape = shape(expert: 64, format: .fp8, recompute: .selective)
    let layer = model.activations(hasExperts: true, shape: shape)
    let scale = 1 + 4.0 / 128
    let expected: [(ActivationTensor, Double)] = [
      (.layerInput, 7168 * 2), (.residualStream, 7168 * 2), (.latents, 2112 * 2),
      (.attentionResult, 16_384 * 1.5), (.logSumExp, 512), (.gateUpOutput, 8 * 4096 * scale),
      (.dispatchedRows, 8 * 7168 * scale), (.routerScores, 1024),
      (.sharedGateUpOutput, 4096 * scale),
    ]
    for (tensor, bytes) in expected {
      #expect(abs(layer.bytes(tensor, .input).value / shape.tokens - bytes) < 1e-6, "\(tensor)")
    }
    let sum = expected.reduce(0) { $0 + $1.1 }
    #expect(abs(layer.held.value / shape.tokens - sum) < 1e-6)
  }

  /// A mixture's activations are those of the experts a token visits, not of the dense layer nor of
  /// all experts (Megatron-LM issue 1784).
  @Test func aMixtureIsNotCountedAsADenseLayer() throws {
    let model = try #require(ModelCatalogue.model(named: "mixtral-8x7b")).architecture
    let experts = try #require(model.experts)
    let shape = shape()
    let layer = model.activations(hasExperts: true, shape: shape)
    let dense = model.activations(hasExperts: false, shape: shape)
    let visited = Double(experts.perToken * experts.intermediate)
    #expect(
      abs(layer.bytes(.gateUpOutput, .input).value / (shape.tokens * visited * 4) - 1) < 1e-12)
    let rows = layer.bytes(.dispatchedRows, .input).value
    #expect(abs(rows / (shape.tokens * Double(experts.perToken * model.hidden) * 2) - 1) < 1e-12)
    #expect(layer.held.value > 1.5 * dense.held.value)
  }

  /// Expert parallelism trades rows, it does not make them fewer (Megatron-LM issue 6782).
  @Test func expertActivationsAreNotDividedByTheExpertDegree() throws {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v3")).architecture
    let alone = model.activations(hasExperts: true, shape: shape())
    #expect(alone == model.activations(hasExperts: true, shape: shape(expert: 64)))
    // Twice the rows: all that depends on rows doubles, what depends on tokens stays.
    var loaded = shape(expert: 64)
    loaded.expertLoad = 2
    let double = model.activations(hasExperts: true, shape: loaded)
    for tensor in [ActivationTensor.gateUpOutput, .dispatchedRows] {
      #expect(double.bytes(tensor, .input) == alone.bytes(tensor, .input) * 2)
    }
    #expect(double.bytes(.latents, .input) == alone.bytes(.latents, .input))
  }

  /// GPUs that share an expert's matrices have each other's rows whole, and a part of what lies
  /// between the projections.
  @Test func expertTensorParallelismGathersRows() throws {
    let model = try #require(ModelCatalogue.model(named: "mixtral-8x7b")).architecture
    let one = model.activations(hasExperts: true, shape: shape(tensor: 4))
    var cut = shape(tensor: 4)
    cut.expertTensor = 4
    let four = model.activations(hasExperts: true, shape: cut)
    #expect(four.bytes(.dispatchedRows, .input) == one.bytes(.dispatchedRows, .input) * 4)
    #expect(four.bytes(.gateUpOutput, .input) == one.bytes(.gateUpOutput, .input))
  }

  /// The three divisors: routed experts are never divided by the tensor degree (Megatron-Bridge
  /// issue 3744), and what is replicated by nothing.
  @Test(arguments: [(8.0, 4.0, 1.0), (1, 64, 1), (4, 8, 4), (8, 1, 8)])
  func weightsHaveThreeDivisors(tensor: Double, expert: Double, expertTensor: Double) {
    var shape = shape(tensor: tensor, expert: expert)
    shape.expertTensor = expertTensor
    #expect(WeightShare.allCases.map(shape.divisor) == [tensor, 1, expert * expertTensor])
  }

  /// Context parallelism cuts tokens; what the neighbours send comes on top while it is used.
  @Test func contextParallelismAddsBlocksInFlight() {
    var cut = shape(sequences: 2)
    cut.context = 2
    let whole = gpt.activations(hasExperts: false, shape: shape(sequences: 2))
    let part = gpt.activations(hasExperts: false, shape: cut)
    #expect(part.held == whole.held)
    let block = 2048.0 * 2 * 2 * 6144 * 2
    #expect(part.bytes(.keyValueBlocks, .attentionForward).value == 2 * block)
  }

  /// Sparse attention's choice takes 4 bytes for each token picked, and never more than there are.
  @Test func sparseAttentionKeepsItsChoice() throws {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v3.2")).architecture
    let layer = model.activations(hasExperts: true, shape: shape(format: .fp8))
    #expect(layer.bytes(.selectedTokens, .input).value == 8192 * 2048 * 4)
    #expect(layer.bytes(.indexer, .input) > .zero)
  }

  @Test func everyTensorHasAWordOfItsOwn() {
    let words = ActivationTensor.allCases.map(\.word)
    #expect(Set(words).count == words.count)
  }
}
