public import Kernels
public import Quantities

/// What kernels achieve on a GPU, a curve for each class of them.
///
///     let rates = try KernelRates.fitted(for: gpu)
///     rates.seconds(.matrix(product), on: gpu, multiprocessorShare: 1)
///
/// Curves are shares of the GPU's peaks, so those of a measured GPU can be carried to another, and
/// then count as assumed.
public struct KernelRates: Sendable, Equatable {
  /// Products, by kind and format.
  public var matrices: [MatrixCurve]
  /// Share of the BF16 peak that attention's forward and backward reach.
  public var attentionForwardShare, attentionBackwardShare: Double
  /// Memory-bound kernels, in the order of `MemoryOperation.allCases`.
  public var memory: [MemoryCurve]
  /// Seconds of one small kernel.
  public var smallKernel: Double
  /// Seconds between two kernels of a stream.
  public var launchGap: Double
  /// How each class was fitted; a class without measurements of its own is not there.
  public var fits: [KernelFit]
  /// What is published of the GPU's own products, which then take the place of carried curves.
  public var tiled: TiledRate?
  /// Where the rates come from.
  public var provenance: Fact<String>

  /// Seconds of a kernel on `gpu` when it has `share` of the multiprocessors, with the gap before
  /// it.
  public func seconds(
    _ work: KernelWork, on gpu: GPU, multiprocessorShare share: Double
  ) -> Double {
    kernelSeconds(work, on: gpu, multiprocessorShare: share) + gap(before: work)
  }

  /// Seconds of gaps before the launches of some work.
  public func gap(before work: KernelWork) -> Double {
    if case .small(let count) = work { Double(count) * launchGap } else { launchGap }
  }

  /// Seconds of a kernel without the gap before it.
  func kernelSeconds(
    _ work: KernelWork, on gpu: GPU, multiprocessorShare share: Double
  ) -> Double {
    switch work {
    case .matrix(let product):
      tiled?.seconds(product, on: gpu, multiprocessorShare: share)
        ?? curve(product.kind, product.operands)
        .seconds(product, on: gpu, multiprocessorShare: share)
    case .attention(let flops, let backward):
      flops
        / (gpu.peak(.bf16) * ((backward ? attentionBackwardShare : attentionForwardShare) * share))
    case .memory(let operation, let bytes): curve(operation).seconds(bytes, on: gpu)
    case .small(let count): Double(count) * smallKernel
    }
  }

  /// The curve of products of a kind and format: where none was measured in the format, that of the
  /// nearest other; weight gradients in 16 bits are ordinary products.
  public func curve(_ kind: MatrixKind, _ format: NumberFormat) -> MatrixCurve {
    if let own = place(kind, format) { return matrices[own] }
    let kind = kind == .weightGradient ? MatrixKind.dense : kind
    for near in [format, .bf16, .fp16, .fp8, .fp32] {
      if let near = place(kind, near) { return matrices[near] }
    }
    return matrices[0]
  }

  private func place(_ kind: MatrixKind, _ format: NumberFormat) -> Int? {
    var place = 0
    while place < matrices.count {
      if matrices[place].kind == kind, matrices[place].format == format { return place }
      place += 1
    }
    return nil
  }

  /// The curve of a kind of memory-bound kernels.
  public func curve(_ operation: MemoryOperation) -> MemoryCurve {
    var place = 0
    while place < memory.count - 1, memory[place].operation != operation { place += 1 }
    return memory[place]
  }
}

extension KernelRates {
  /// Kinds of memory-bound kernels that neither these rates nor the catalogue's rest on a measurement
  /// of: they are taken to reach the share of the memory bandwidth that the H800's copies do.
  public var takenAsCopies: [MemoryOperation] {
    let measured = MeasuredKernels.all.map(\.work.kernelClass) + fits.map(\.kernelClass)
    return MemoryOperation.allCases.filter { !measured.contains(.memory($0)) }
  }
}
