import Kernels
import Models
import Quantities

/// A block in the pieces that run beside an exchange, and those that run by themselves.
///
/// Tensor-parallel exchanges are cut into chunks, and so are the products next to them: all chunks
/// but the last of the first product run while later chunks arrive, and all but the first of the last
/// product while earlier ones leave. The core of attention runs beside the exchange of keys and
/// values. The pieces sum to the block.
struct BlockPieces: Equatable {
  /// What runs as the block's input arrives.
  var first = Time.zero
  /// Up to the core of attention.
  var before = Time.zero
  /// The core of attention, as keys and values go round.
  var core = Time.zero
  /// After it.
  var after = Time.zero
  /// What runs as the block's output leaves.
  var last = Time.zero
}

/// How a block is cut, at the rates of a GPU that computes alone and of one that also communicates.
struct BlockCut: Equatable {
  var alone: BlockPieces
  var beside: BlockPieces

  /// Chunks of an exchange that overlaps the products next to it: Transformer Engine's default for
  /// overlap in a pipeline of chunks (`initialize_ub`, `num_splits`).
  static let chunks = 4.0

  /// The cuts of a layer's blocks, in the order of `Block`.
  ///
  /// - Parameters:
  ///   - cutsProducts: Whether products next to tensor-parallel exchanges are cut.
  ///   - cutsFeedForward: Whether such exchanges stand next to the feed-forward part, too.
  ///   - cutsCore: Whether attention is cut at its core.
  static func cuts(
    _ kernels: LayerKernels, cutsProducts: Bool, cutsFeedForward: Bool, cutsCore: Bool,
    alone: KernelSeconds, beside: KernelSeconds
  ) -> [BlockCut] {
    Block.allCases.map { block in
      let isFeedForward = block.isFeedForward
      let products = cutsProducts && (!isFeedForward || cutsFeedForward)
      let list = kernels[block]
      return BlockCut(
        alone: BlockPieces(
          list, cutsProducts: products, cutsCore: cutsCore && !isFeedForward, quiet: alone,
          shared: beside),
        beside: BlockPieces(
          list, cutsProducts: products, cutsCore: cutsCore && !isFeedForward, quiet: beside,
          shared: beside))
    }
  }
}

extension BlockPieces {
  /// - Parameters:
  ///   - quiet: Rates of what runs by itself.
  ///   - shared: Rates of what runs beside an exchange.
  init(
    _ kernels: [Kernel], cutsProducts: Bool, cutsCore: Bool, quiet: KernelSeconds,
    shared: KernelSeconds
  ) {
    let products = kernels.indices.filter { kernels[$0].isCutProduct }
    var rest = kernels[...]
    var head: ArraySlice<Kernel> = []
    var tail: ArraySlice<Kernel> = []
    if cutsProducts, let one = products.first, let other = products.last, one < other {
      head = kernels[...one]
      tail = kernels[other...]
      rest = kernels[one + 1..<other]
    }
    let cores = rest.indices.filter { rest[$0].isAttentionCore }
    let start = (cutsCore ? cores.first : nil) ?? rest.endIndex
    let end = (cutsCore ? cores.last.map { $0 + 1 } : nil) ?? rest.endIndex
    let part = 1 / BlockCut.chunks
    first = shared.time(Array(head)) * (1 - part)
    before = quiet.time(Array(head)) * part + quiet.time(Array(rest[..<start]))
    core = shared.time(Array(rest[start..<end]))
    after = quiet.time(Array(rest[end...])) + quiet.time(Array(tail)) * part
    last = shared.time(Array(tail)) * (1 - part)
  }
}

extension Kernel {
  /// Whether it is a product that may stand next to a tensor-parallel exchange: those of the gate
  /// and inside attention do not.
  fileprivate var isCutProduct: Bool {
    guard case .matrix(let product) = work else { return false }
    return product.kind != .gate && !isPartOfAttention
  }

  /// Whether it is attention itself rather than a projection.
  fileprivate var isAttentionCore: Bool {
    switch work {
    case .attention: true
    case .memory(.attentionRowSums, _), .memory(.attentionGradients, _): true
    case .matrix, .memory, .small: isPartOfAttention
    }
  }
}

extension Time {
  /// A share of the time.
  static func * (time: Time, share: Double) -> Time { Time(seconds: time.seconds * share) }
}
