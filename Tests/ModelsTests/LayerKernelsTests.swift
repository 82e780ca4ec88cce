import Kernels
import Models
import Quantities
import Testing

/// The kernels of a step against the closed form of a model's FLOPs, which knows no kernels.
@Suite struct LayerKernelsTests {
  private func shape(
    tensor: Double = 1, expert: Double = 1, recompute: Recompute = .none,
    format: NumberFormat = .bf16
  ) -> LayerShape {
    LayerShape(
      tokens: 4096, sequenceLength: 4096, tensor: tensor, expertDegree: expert, format: format,
      recompute: recompute)
  }

  /// Operations of products, and of attention's core forward and backward.
  private func flops(_ kernels: [Kernel]) -> (product: Double, forward: Double, backward: Double) {
    kernels.reduce(into: (0, 0, 0)) { sum, kernel in
      switch kernel.work {
      case .matrix(let product): sum.0 += product.flops.value
      case .attention(let flops, let backward):
        if backward { sum.2 += flops.value } else { sum.1 += flops.value }
      case .memory, .small: break
      }
    }
  }

  private func all(_ layer: LayerKernels) -> [Kernel] {
    layer.attentionForward + layer.feedForwardForward + layer.feedForwardInput
      + layer.feedForwardWeight + layer.attentionInput + layer.attentionWeight
  }

  /// 6 operations a weight and token, and three times attention's forward: counted from kernels
  /// this gives what the architecture's own count says, to what norms and biases weigh.
  @Test(arguments: [
    "deepseek-v3", "deepseek-v2-lite", "kimi-k2", "llama-3.1-405b", "llama-2-7b",
    "mixtral-8x7b", "qwen3-235b-a22b", "gpt-3-175b", "gpt-oss-120b",
  ])
  func kernelsAddUpToTheModelsFLOPs(name: String) throws {
    let model = try #require(ModelCatalogue.model(named: name)).architecture
    var kernels: [Kernel] = all(model.headKernels(shape: shape()))
    for layer in 0..<model.layers {
      kernels += all(model.kernels(layer: layer, shape: shape()))
    }
    let done = flops(kernels)
    let counted = (done.product + 3 * done.forward) / 4096
    let stated = model.trainingFLOPsPerToken(sequenceLength: 4096, causal: true).value
    #expect(abs(counted / stated - 1) < 2e-3, "\(counted) \(stated)")
    // Backward does 5 products where forward does 2, more where keys are longer than values.
    #expect(done.backward >= 2.5 * done.forward * (1 - 1e-12))
  }

  @Test(arguments: ["deepseek-v3", "llama-3.1-405b", "mixtral-8x7b"])
  func tensorRanksShareTheProducts(name: String) throws {
    let model = try #require(ModelCatalogue.model(named: name)).architecture
    let hasExperts = model.experts != nil
    let whole = flops(all(model.kernels(hasExperts: hasExperts, shape: shape())))
    let part = flops(all(model.kernels(hasExperts: hasExperts, shape: shape(tensor: 8))))
    // Latent down-projections and shared key-value heads are repeated on every rank.
    #expect(part.product * 8 >= whole.product * (1 - 1e-12))
    #expect(part.product * 8 < whole.product * 1.35)
    #expect(abs(part.forward * 8 / whole.forward - 1) < 1e-12)
  }

  @Test func expertsOfAGroupShareRowsNotWork() throws {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v3")).architecture
    let alone = flops(all(model.kernels(hasExperts: true, shape: shape())))
    let spread = flops(all(model.kernels(hasExperts: true, shape: shape(expert: 64))))
    // Under balanced routing a GPU computes as many rows as it sends, whatever the degree.
    #expect(abs(alone.product / spread.product - 1) < 1e-12)
  }

  @Test func selectiveRecomputeRepeatsUpProjections() throws {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v3")).architecture
    let none = flops(all(model.kernels(hasExperts: true, shape: shape())))
    let selective = flops(
      all(model.kernels(hasExperts: true, shape: shape(recompute: .selective))))
    // Query up 1536 x 24576 and key-value up 512 x 32768, once more for each token.
    let up = 2.0 * 4096 * (1536 * 24576 + 512 * 32768)
    #expect(abs(selective.product - none.product - up) < 1)
  }

  @Test func onlyFP8Casts() throws {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v3")).architecture
    func casts(_ format: NumberFormat) -> Int {
      all(model.kernels(hasExperts: true, shape: shape(format: format))).count { kernel in
        if case .memory(.cast, _) = kernel.work { true } else { false }
      }
    }
    #expect(casts(.bf16) == 0)
    #expect(casts(.fp8) > 10)
  }

  /// Attention is computed again right before its backward, after the output projection's.
  @Test func attentionAgainStandsBeforeItsBackward() throws {
    let shape = LayerShape(
      tokens: 4_096, sequenceLength: 4_096, tensor: 1, expertDegree: 64, format: .bf16,
      recompute: .attention)
    let kernels = try architecture("deepseek-v3").kernels(hasExperts: true, shape: shape)
    let names = kernels.attentionInput.map(\.name)
    let again = try #require(names.firstIndex(of: "attention again"))
    #expect(names[again + 1] == "attention row sums")
    #expect(names[..<again].contains("output input"))
  }

  /// Without recompute nothing counts as computed again.
  @Test(arguments: [NumberFormat.fp8, .bf16], [true, false])
  func nothingIsComputedAgainWithoutRecompute(format: NumberFormat, hasExperts: Bool) throws {
    let shape = LayerShape(
      tokens: 4_096, sequenceLength: 4_096, tensor: 1, expertDegree: 64, format: format,
      recompute: .none)
    let kernels = try architecture("deepseek-v3").kernels(hasExperts: hasExperts, shape: shape)
    #expect(!kernels.all.contains { $0.isRepeated })
  }
}
