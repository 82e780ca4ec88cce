import Kernels
import Models
import Quantities
import Testing

@testable import Hardware

/// DeepSeek-V3's layer, kernel by kernel, beside the public training trace (deepseek-ai/profile-data):
/// the model names and sizes each kernel by itself, the trace's rows were sized by hand.
@Suite struct TraceKernelTests {
  private let blocks: [(WritableKeyPath<LayerKernels, [Kernel]>, [KernelMeasurement], Double)] = [
    (\.attentionForward, MeasuredKernels.attentionForward, 1),
    (\.feedForwardForward, MeasuredKernels.feedForwardForward, 31_104 / 32_768.0),
    (\.feedForwardInput, MeasuredKernels.feedForwardInput, 32_704 / 32_768.0),
    (\.feedForwardWeight, MeasuredKernels.feedForwardWeight, 32_704 / 32_768.0),
    (\.attentionInput, MeasuredKernels.attentionInput, 1),
    (\.attentionWeight, MeasuredKernels.attentionWeight, 1),
  ]

  private func kernels(load: Double) throws -> LayerKernels {
    let model = try #require(ModelCatalogue.model(named: "deepseek-v3")).architecture
    var shape = LayerShape(
      tokens: 4096, sequenceLength: 4096, tensor: 1, expertDegree: 64, format: .fp8,
      recompute: .selective)
    shape.expertLoad = load
    return model.kernels(layer: 20, shape: shape)
  }

  /// Every kernel of the trace is in the model's block, with the same work, and no other is.
  @Test(arguments: 0..<6) func layerHasTheKernelsOfTheTrace(block: Int) throws {
    let (path, rows, load) = blocks[block]
    var modelled = try kernels(load: load)[keyPath: path]
    for row in rows {
      let isGrouped = (row.work.product?.groups ?? 1) > 1
      guard let index = modelled.firstIndex(where: { $0.name == row.role }) else {
        // Grouped products stand once for each layer; the experts' weight gradients by expert.
        #expect(isGrouped || row.role.hasSuffix("of one"), "\(row.role) is not modelled")
        continue
      }
      let kernel = modelled.remove(at: index)
      guard !isGrouped else { continue }
      #expect(kernel.work.isLike(row.work), "\(row.role): \(kernel.work), trace \(row.work)")
    }
    // The experts' weight gradients stand in the trace as one of four.
    let ofFour = rows.map(\.role).filter { $0.hasSuffix(", of one") }.map { $0.dropLast(8) }
    #expect(Set(modelled.map(\.name)) == Set(ofFour.map(String.init)), "not in the trace")
  }

  /// The experts' weight gradients of four, each of the two shapes, alone on the device in the trace.
  @Test func expertsWeightGradientsAreFourOfTheMeasured() throws {
    let gpu = HardwareCatalogue.h800
    let rates = try KernelRates.fitted(for: gpu)
    let modelled = try kernels(load: 1).feedForwardWeight
    for (name, microseconds) in [
      ("experts down weight", 344.5), ("experts gate, up weight", 708.5),
    ] {
      let kernel = try #require(modelled.first { $0.name == name })
      let seconds = rates.seconds(kernel.work, on: gpu, multiprocessorShare: 112 / 132.0)
      #expect(abs(seconds / (4 * microseconds * 1e-6) - 1) < 0.10, "\(name): \(seconds)")
    }
  }
}

extension KernelWork {
  /// Whether two works are the same but for rounding, of products either way round.
  fileprivate func isLike(_ other: KernelWork) -> Bool {
    switch (self, other) {
    case (.matrix(let a), .matrix(let b)):
      a.kind == b.kind && a.operands == b.operands
        && [a.m, a.n, a.k].sorted() == [b.m, b.n, b.k].sorted()
    case (.attention(let a, let isBack), .attention(let b, let isToo)):
      isBack == isToo && abs(a.value / b.value - 1) < 1e-3
    case (.memory(let a, let bytes), .memory(let b, let others)):
      a == b && abs(bytes.value / others.value - 1) < 0.01
    case (.small(let a), .small(let b)): a == b
    default: false
    }
  }
}
