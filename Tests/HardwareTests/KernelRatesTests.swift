import Kernels
import Quantities
import Testing

@testable import Hardware

@Suite struct KernelRatesTests {
  private let h800 = HardwareCatalogue.h800
  private let share = MeasuredKernels.multiprocessors / 132

  @Test(arguments: MeasuredKernels.matrices.indices)
  func eachMeasuredProductIsWithinTenPercent(index: Int) throws {
    let rates = try KernelRates.fitted(for: h800)
    let row = MeasuredKernels.matrices[index]
    let seconds =
      rates.seconds(.matrix(row.product), on: h800, multiprocessorShare: share) - rates.launchGap
    #expect(abs(seconds / (row.microseconds * 1e-6) - 1) < 0.10, "\(row.role)")
  }

  @Test func attentionReproducesItsMeasuredRows() throws {
    let rates = try KernelRates.fitted(for: h800)
    for (row, backward) in [
      (MeasuredKernels.attentionForward, false), (MeasuredKernels.attentionBackward, true),
    ] {
      let seconds = rates.seconds(
        .attention(flops: FLOPs(row.gigaFLOPs * 1e9), backward: backward), on: h800,
        multiprocessorShare: share)
      #expect(abs(seconds - rates.launchGap - row.microseconds * 1e-6) < 1e-9)
    }
  }

  @Test(arguments: HardwareCatalogue.nodes.indices)
  func noKernelBeatsItsPeaks(index: Int) throws {
    let gpu = HardwareCatalogue.nodes[index].gpu
    let rates = try KernelRates.fitted(for: gpu)
    for (groups, accumulates) in [(1.0, false), (4, false), (1, true)] {
      for size in [256.0, 4096, 16384] {
        for format in [NumberFormat.bf16, .fp8] {
          let product = MatrixProduct(
            m: size, n: size, k: size, groups: groups, operands: format, accumulates: accumulates)
          let seconds = rates.seconds(.matrix(product), on: gpu, multiprocessorShare: 1)
          #expect(seconds > product.flops / gpu.peak(format))
        }
      }
    }
    for operation in MemoryOperation.allCases {
      let bytes = Bytes(1e8)
      let seconds = rates.seconds(.memory(operation, bytes), on: gpu, multiprocessorShare: 1)
      #expect(seconds > bytes / gpu.memoryBandwidth.value)
    }
  }

  @Test func fewerMultiprocessorsSlowComputeButNotMemory() throws {
    let rates = try KernelRates.fitted(for: h800)
    let flops = FLOPs(1e12)
    func attention(_ share: Double) -> Double {
      rates.seconds(
        .attention(flops: flops, backward: false), on: h800, multiprocessorShare: share)
        - rates.launchGap
    }
    // 112 of 132 multiprocessors take 132/112 of the time for work that only computes.
    #expect(abs(attention(share) / attention(1) - 132.0 / 112) < 1e-12)
    let work = KernelWork.matrix(MatrixProduct(m: 4096, n: 4096, k: 7168, operands: .fp8))
    let slower =
      rates.seconds(work, on: h800, multiprocessorShare: share)
      / rates.seconds(work, on: h800, multiprocessorShare: 1)
    #expect(slower > 1 && slower < 132.0 / 112)
  }

  @Test func onlyTheMeasuredGPUCountsAsMeasured() throws {
    for node in HardwareCatalogue.nodes {
      let status = try KernelRates.fitted(for: node.gpu).provenance.status
      #expect(status == (node.name == "h800" ? .measured : .assumed))
    }
  }
}
