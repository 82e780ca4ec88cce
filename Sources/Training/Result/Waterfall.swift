public import Quantities

/// What a part of a step's time went into. The parts of a GPU's step sum to the step.
public enum WaterfallPart: Int, Sendable, CaseIterable {
  /// Matrix products, one a launch.
  case denseProducts
  /// Products of several experts in one launch.
  case groupedProducts
  /// Products that add up weight gradients.
  case weightGradientProducts
  /// The core of attention, forward and backward.
  case attention
  /// Kernels limited by memory.
  case memoryBound
  /// Gaps between kernels, and kernels so small that their launch takes the time.
  case launch
  /// What the backward pass computes again.
  case recompute
  /// Dispatch with nothing computing beside it.
  case dispatch
  /// Combine, likewise.
  case combine
  /// Exchanges among tensor-parallel GPUs, likewise.
  case tensorExchange
  /// Exchanges among context-parallel GPUs, likewise.
  case contextExchange
  /// A send that an idle GPU waits for, or whose sender waits for a GPU that waits for it.
  case pipelineSend
  /// Gradients summed over replicas, with nothing computing beside it.
  case gradientReduction
  /// Updated weights gathered, likewise.
  case parameterGather
  /// The optimizer's kernels.
  case optimizer
  /// Idle before the GPU's first pass.
  case warmUp
  /// Idle after the GPU's last pass, until the last pass of any.
  case coolDown
  /// Idle between passes while another rank is at work on what this one needs.
  case waiting
  /// Idle between passes for longer than it would be if all stages and all GPUs were alike.
  case imbalance
  /// Idle after the last pass of any, while other ranks reduce, update and gather.
  case update

  /// Whether neither compute nor communication of the GPU runs: these parts make up the bubble.
  public var isIdle: Bool {
    switch self {
    case .pipelineSend, .warmUp, .coolDown, .waiting, .imbalance, .update: true
    case .denseProducts, .groupedProducts, .weightGradientProducts, .attention, .memoryBound,
      .launch, .recompute, .dispatch, .combine, .tensorExchange, .contextExchange,
      .gradientReduction,
      .parameterGather, .optimizer:
      false
    }
  }
}

/// Where the time of a step went, over one GPU or as a mean over several; the parts sum to the step
/// to the picosecond.
///
///     result.waterfall[.dispatch].seconds      // of a mean GPU with nothing but a dispatch running
public struct Waterfall: Sendable, Equatable {
  /// The time of each part, in the order of `WaterfallPart`.
  public private(set) var times: [Time]

  /// Nothing.
  public init() { times = [Time](repeating: .zero, count: WaterfallPart.allCases.count) }

  /// The mean over `count` steps of which each part's times sum to `sums`.
  ///
  /// Each mean is rounded down; the picoseconds that are left go to the parts that lost most, the
  /// first of equals, so that the sum stays what it was.
  init(mean sums: [Int128], over count: Int) {
    let count = Int128(max(count, 1))
    var means = sums.map { $0 / count }
    let rests = sums.map { $0 % count }
    let left = Int(rests.reduce(0, +) / count)
    let order = rests.indices.sorted { (rests[$1], $0) < (rests[$0], $1) }
    for index in order.prefix(left) { means[index] += 1 }
    times = means.map { Time(picoseconds: Int64(clamping: $0)) }
  }

  /// The time of a part.
  public subscript(part: WaterfallPart) -> Time { times[part.rawValue] }

  /// The sum of all parts.
  public var total: Time { times.reduce(.zero, +) }

  /// The sum of the parts in which a GPU neither computes nor communicates.
  public var idle: Time {
    WaterfallPart.allCases.reduce(.zero) { $1.isIdle ? $0 + self[$1] : $0 }
  }
}

/// Where the time of a mean GPU of one pipeline rank went.
public struct RankWaterfall: Sendable, Equatable {
  /// Pipeline rank.
  public var rank: Int
  /// The mean over the rank's GPUs.
  public var waterfall: Waterfall
  /// The rank that was at work for most of the time counted as waiting or imbalance between passes,
  /// the first of equals; nil where nothing was waited for.
  public var waitingForRank: Int?
}
