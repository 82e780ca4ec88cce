import Kernels
import Quantities
import Testing

@testable import Hardware

@Suite struct KernelRatesTests {
  private let h800 = HardwareCatalogue.h800
  private let share = MeasuredKernels.multiprocessors / 132

  /// Experts that get no rows cost a launch, and no more than those that get some.
  @Test func productsWithoutRows() throws {
    let gpu = HardwareCatalogue.nodes[0].gpu
    let rates = try KernelRates.fitted(for: gpu)
    func seconds(_ rows: Double) -> Double {
      rates.seconds(
        .matrix(MatrixProduct(m: rows, n: 4_096, k: 7_168, groups: 8, operands: .fp8)), on: gpu,
        multiprocessorShare: 1)
    }
    #expect(seconds(0).isFinite && seconds(0) > 0)
    #expect(seconds(0) < seconds(1))
  }

  /// Products and attention of the trace within a tenth; of the products alone, those of few rows,
  /// which memory limits, within a seventh.
  @Test func productsAreNearTheirMeasuredRows() throws {
    let rates = try KernelRates.fitted(for: h800)
    for fit in rates.fits {
      switch fit.kernelClass {
      case .memory, .small: continue
      case .matrix, .attention: break
      }
      for row in fit.rows {
        let isSmall = (row.measured.work.product?.m ?? 4096) < 256
        #expect(abs(row.error) < (isSmall ? 0.14 : 0.10), "\(row.measured.role): \(row.error)")
      }
    }
  }

  /// Of 62 memory-bound rows six are off by more than a tenth, none by more than a sixth: the same
  /// kernel with the same bytes varies as much from one place of the trace to another.
  @Test func memoryBoundKernelsAreNearTheirMeasuredRows() throws {
    let rates = try KernelRates.fitted(for: h800)
    let errors = rates.fits.filter { $0.kernelClass.isMemory }.flatMap { $0.rows.map(\.error) }
    #expect(errors.count > 60)
    #expect(errors.count { abs($0) > 0.10 } <= 6)
    #expect(errors.allSatisfy { abs($0) < 1.0 / 6 })
  }

  /// What a fit stores is what the rates then give.
  @Test func fittedTimesAreThoseOfTheCurves() throws {
    let rates = try KernelRates.fitted(for: h800)
    for row in rates.fits.flatMap(\.rows) {
      let again = rates.kernelSeconds(
        row.measured.work, on: h800, multiprocessorShare: row.measured.multiprocessorShare)
      #expect(abs(again / row.fitted - 1) < 1e-9, "\(row.measured.role)")
    }
  }

  /// Rows made from known coefficients give them back.
  @Test func knownCurvesAreRecovered() throws {
    var known = try KernelRates.fitted(for: h800)
    known.matrices = [
      MatrixCurve(
        kind: .dense, format: .fp8, mainLoopCost: 1.3, contention: 1.2, rowCost: 1.5,
        weightCost: 0.9, outputCost: 1.1, fixed: 4e-6)
    ]
    var rows: [KernelMeasurement] = []
    for share in [1, self.share] {
      for (m, n, k) in [
        (4096, 1024, 2048), (2048, 4096, 512), (512, 8192, 8192), (8192, 640, 4096),
        (1024, 1024, 1024), (4096, 4096, 512),
      ] as [(Double, Double, Double)] {
        let work = KernelWork.dense(m, n, k)
        rows.append(
          KernelMeasurement(
            role: "made up", work: work,
            seconds: known.kernelSeconds(work, on: h800, multiprocessorShare: share),
            multiprocessorShare: share, source: "this test"))
      }
    }
    let found = try KernelRates(fitting: rows, on: h800, base: known).curve(.dense, .fp8)
    for (found, known) in [
      (found.mainLoopCost, 1.3), (found.contention, 1.2), (found.rowCost, 1.5),
      (found.weightCost, 0.9), (found.outputCost, 1.1), (found.fixed, 4e-6),
    ] {
      #expect(abs(found / known - 1) < 1e-6)
    }
  }

  /// 33 tiles of 128 by 128 on 32 multiprocessors take two rounds, but 132 of 64 by 64 take five
  /// quarters of one: the best tiling counts.
  @Test func anUnfullRoundOfTilesCosts() {
    let product = MatrixProduct(m: 128, n: 33 * 128, k: 64, operands: .fp8)
    #expect(MatrixParts.waves(product, multiprocessors: 33) == 1)
    #expect(abs(MatrixParts.waves(product, multiprocessors: 32) - 160.0 / 132) < 1e-12)
    let tiny = MatrixProduct(m: 1, n: 64, k: 64, operands: .fp8)
    #expect(MatrixParts.waves(tiny, multiprocessors: 1) == 64)
  }

  @Test func shapesOutsideTheMeasuredOnesAreTold() throws {
    let rates = try KernelRates.fitted(for: h800)
    let dense = try #require(rates.fits.first { $0.kernelClass == .matrix(.dense, .fp8) })
    #expect(!dense.isOutside(.dense(4096, 7168, 2048)))
    #expect(dense.isOutside(.dense(32_768, 7168, 2048)))
    #expect(dense.isOutside(.dense(4096, 7168, 128)))
    #expect(dense.range == "m 64-4096, n 512-32768, k 512-32768")
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
    // The main loop contends with communication, what moves through memory does not need them.
    #expect(slower > 1 && slower < 132.0 / 112 * rates.curve(.dense, .fp8).contention)
  }

  @Test func onlyTheMeasuredGPUCountsAsMeasured() throws {
    for node in HardwareCatalogue.nodes {
      let status = try KernelRates.fitted(for: node.gpu).provenance.status
      #expect(status == (node.name == "h800" ? .measured : .assumed))
    }
  }
}

extension KernelClass {
  fileprivate var isMemory: Bool { if case .memory = self { true } else { false } }
}
