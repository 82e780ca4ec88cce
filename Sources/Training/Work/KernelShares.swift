import Hardware
import Kernels
import Models
import Quantities

/// What kernels are told apart by where a step's time is broken down.
enum ComputeClass: Int, CaseIterable {
  /// Matrix products, one a launch; the gate's too.
  case dense
  /// Products of experts, all of a GPU in one launch.
  case grouped
  /// Products that add up weight gradients.
  case weightGradient
  /// The core of attention, forward and backward, also where several kernels make it up.
  case attention
  /// Kernels limited by memory.
  case memoryBound
  /// Gaps between kernels, and kernels so small that their launch is what takes time.
  case launch
  /// What the backward pass computes again, gaps included.
  case recompute

  /// The class of a kernel.
  init(_ kernel: Kernel) {
    if kernel.isRepeated {
      self = .recompute
      return
    }
    if kernel.isPartOfAttention {
      self = .attention
      return
    }
    switch kernel.work {
    case .matrix(let product):
      self =
        switch product.kind {
        case .dense, .gate: .dense
        case .grouped: .grouped
        case .weightGradient: .weightGradient
        }
    case .attention: self = .attention
    case .memory: self = .memoryBound
    case .small: self = .launch
    }
  }
}

/// How a block's time divides among the classes of its kernels. The shares sum to 1.
struct KernelShares: Equatable {
  /// The share of each class, in the order of `ComputeClass`.
  private var shares = SIMD8<Double>.zero

  /// A block of one class alone.
  init(all kind: ComputeClass) { shares[kind.rawValue] = 1 }

  /// The shares of kernels that run one after another; all dense where there are none.
  init(_ kernels: [Kernel], on gpu: KernelSeconds) {
    var seconds = SIMD8<Double>.zero
    for kernel in kernels {
      let whole = gpu.seconds(kernel)
      let kind = ComputeClass(kernel)
      let gap = kind == .launch || kind == .recompute ? 0 : min(gpu.gap, whole)
      seconds[kind.rawValue] += whole - gap
      seconds[ComputeClass.launch.rawValue] += gap
    }
    let sum = seconds.sum()
    self.init(all: .dense)
    if sum > 0 { shares = seconds / sum }
  }

  /// The share of a class.
  subscript(kind: ComputeClass) -> Double { shares[kind.rawValue] }

  /// Whole picoseconds of each class, which sum to `total`.
  func split(_ total: Int128) -> [Int128] {
    var parts = [Int128](repeating: 0, count: ComputeClass.allCases.count)
    var largest = 0
    var rest = total
    for (index, _) in ComputeClass.allCases.enumerated() {
      parts[index] = Int128((Double(total) * shares[index]).rounded(.down))
      rest -= parts[index]
      if shares[index] > shares[largest] { largest = index }
    }
    // What rounding leaves, a few picoseconds.
    parts[largest] += rest
    return parts
  }
}

/// Shares of a layer's blocks, alone and beside communication; empty where they are not known.
struct BlockShares: Equatable {
  /// In the order of `Block`, first alone, then beside communication.
  private(set) var entries: [KernelShares] = []

  /// Nothing known.
  init() {}

  /// The shares of a layer's kernels with every multiprocessor and with those left.
  init(_ kernels: LayerKernels, alone: KernelSeconds, beside: KernelSeconds) {
    for gpu in [alone, beside] {
      for block in Block.allCases { entries.append(KernelShares(kernels[block], on: gpu)) }
    }
  }
}

extension LayerKernels {
  /// The kernels of a block.
  subscript(block: Block) -> [Kernel] {
    switch block {
    case .attentionForward: attentionForward
    case .feedForwardForward: feedForwardForward
    case .feedForwardInput: feedForwardInput
    case .feedForwardWeight: feedForwardWeight
    case .attentionInput: attentionInput
    case .attentionWeight: attentionWeight
    }
  }
}

/// The shares of all blocks of a step's layers, by the number a task carries.
struct ShareTable {
  /// A block of which nothing is known counts as dense products.
  static let unknown: Int32 = 0
  /// A forward block that the backward pass repeats.
  static let repeated: Int32 = 1

  /// All shares; the first two stand for those above.
  private(set) var entries = [KernelShares(all: .dense), KernelShares(all: .recompute)]

  /// Takes in a layer's shares, and gives the layer the number of its first.
  mutating func add(_ work: inout LayerWork) {
    guard !work.shares.entries.isEmpty else { return }
    work.firstShares = Int32(entries.count)
    entries += work.shares.entries
  }
}

extension LayerWork {
  /// The entry in the step's `ShareTable` of a block; `inBackward` in a backward pass, where a forward
  /// block is one computed again.
  func entry(of block: Block, beside communication: Bool, inBackward: Bool) -> Int32 {
    if inBackward, block.isForward { return ShareTable.repeated }
    guard firstShares >= 0 else { return ShareTable.unknown }
    let blocks = Int32(Block.allCases.count)
    return firstShares + (communication ? blocks : 0) + Int32(block.rawValue)
  }
}
