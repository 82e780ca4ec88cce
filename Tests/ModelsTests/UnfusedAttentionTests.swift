import Kernels
import Models
import Quantities
import Testing

/// GPT-style layers as Megatron-LM trains them, against the closed forms of its papers.
@Suite struct UnfusedAttentionTests {
  private static let batch = 4.0
  private static let sequence = 2_048.0

  private func shape(
    _ kernel: AttentionKernel = .unfused, recompute: Recompute = .none, tensor: Double = 1
  ) -> LayerShape {
    var shape = LayerShape(
      tokens: Self.batch * Self.sequence, sequenceLength: Self.sequence, tensor: tensor,
      expertDegree: 1, format: .fp16, recompute: recompute)
    shape.attentionKernel = kernel
    return shape
  }

  private func all(_ layer: LayerKernels) -> [Kernel] {
    layer.attentionForward + layer.feedForwardForward + layer.feedForwardInput
      + layer.feedForwardWeight + layer.attentionInput + layer.attentionWeight
  }

  private func productFLOPs(_ kernels: [Kernel]) -> Double {
    kernels.reduce(0) { sum, kernel in
      if case .matrix(let product) = kernel.work { sum + product.flops.value } else { sum }
    }
  }

  private func bytes(_ kernels: [Kernel], named name: String) -> Double {
    kernels.reduce(0) { sum, kernel in
      guard kernel.name == name, case .memory(_, let bytes) = kernel.work else { return sum }
      return sum + bytes.value
    }
  }

  /// arXiv 2104.04473, equation 3, and arXiv 2205.05198, appendix A: a step without recompute does
  /// 72 b s l h² (1 + s / 6h + V / 12 l h) operations, the attention square counted in full.
  @Test(arguments: ["gpt-22b", "gpt-175b", "gpt-530b", "gpt-1t"])
  func stepDoesThePublishedOperations(name: String) throws {
    let model = try architecture(name)
    let (b, s) = (Self.batch, Self.sequence)
    let (l, h) = (Double(model.layers), Double(model.hidden))
    let v = Double(model.vocabulary)
    let layer = productFLOPs(all(model.kernels(layer: 0, shape: shape())))
    let done = l * layer + productFLOPs(all(model.headKernels(shape: shape())))
    let published = 72 * b * s * l * h * h * (1 + s / (6 * h) + v / (12 * l * h))
    #expect(abs(done / published - 1) < 1e-12)
  }

  /// Tensor ranks share every product of the layer.
  @Test func tensorRanksShareTheScores() throws {
    let model = try architecture("gpt-22b")
    let whole = productFLOPs(all(model.kernels(layer: 0, shape: shape())))
    let part = productFLOPs(all(model.kernels(layer: 0, shape: shape(tensor: 8))))
    #expect(abs(part * 8 / whole - 1) < 1e-12)
  }

  /// Recompute of attention repeats 4 b s² h operations, forward's two products of the core
  /// (arXiv 2205.05198, section 5); under a fused kernel half of it, what the mask leaves.
  @Test func recomputeOfAttentionRepeatsItsCore() throws {
    let model = try architecture("gpt-22b")
    let none = productFLOPs(all(model.kernels(layer: 0, shape: shape())))
    let again = productFLOPs(
      all(model.kernels(layer: 0, shape: shape(recompute: .attention))))
    let core = 4 * Self.batch * Self.sequence * Self.sequence * Double(model.hidden)
    #expect(abs((again - none) / core - 1) < 1e-9)
    let fused = all(model.kernels(layer: 0, shape: shape(.flash, recompute: .attention)))
    let forwards = fused.compactMap { kernel -> Double? in
      guard case .attention(let flops, backward: false) = kernel.work else { return nil }
      return flops.value
    }
    #expect(forwards.count == 2)
    #expect(forwards.allSatisfy { abs($0 / (core / 2) - 1) < 1e-12 })
  }

  /// Scores of a GPU's heads: b a s² / t elements, which softmax half reads and writes at 2 bytes
  /// and dropout reads, writes and masks.
  @Test func scoresGoThroughMemory() throws {
    let model = try architecture("gpt-22b")
    let scores = Self.batch * 64 / 8 * Self.sequence * Self.sequence
    let forward = model.kernels(layer: 0, shape: shape(tensor: 8)).attentionForward
    #expect(bytes(forward, named: "softmax") == 3 * scores)
    #expect(bytes(forward, named: "attention dropout") == 5 * scores)
    let fused = model.kernels(layer: 0, shape: shape(.flash, tensor: 8)).attentionForward
    #expect(bytes(fused, named: "softmax") == 0)
  }

  /// Learned positions and biases of scores turn nothing; Llama's rotary positions do. Only models
  /// that train with dropout have its kernels.
  @Test(arguments: [
    ("gpt-22b", false, true), ("bloom-176b", false, false), ("llama-2-7b", true, false),
  ])
  func kernelsFollowTheArchitecture(name: String, rotates: Bool, dropsOut: Bool) throws {
    let kernels = all(try architecture(name).kernels(layer: 0, shape: shape()))
    #expect(kernels.contains { $0.name.hasPrefix("rotary") } == rotates)
    #expect(kernels.contains { $0.name.contains("dropout") } == dropsOut)
  }

  /// Without sequence parallelism a GPU normalizes all tokens, with it its part of them.
  @Test func normsAreCutBySequenceParallelism() throws {
    let model = try architecture("gpt-22b")
    var whole = shape(tensor: 8)
    whole.sequenceParallel = false
    let cut = model.kernels(layer: 0, shape: shape(tensor: 8)).attentionForward
    let kept = model.kernels(layer: 0, shape: whole).attentionForward
    #expect(bytes(kept, named: "norm") == 8 * bytes(cut, named: "norm"))
    #expect(productFLOPs(kept) == productFLOPs(cut))
  }

  /// A product for each head is no product of experts.
  @Test func batchedProductsAreDense() throws {
    for kernel in all(try architecture("gpt-22b").kernels(layer: 0, shape: shape())) {
      guard case .matrix(let product) = kernel.work else { continue }
      #expect(product.kind == .dense || product.kind == .weightGradient, "\(kernel.name)")
    }
  }
}
