public import Models
public import Quantities

/// What one rank's GPU has to hold at the instant it holds most.
public struct RankMemory: Sendable, Equatable {
  /// Pipeline rank.
  public var rank: Int
  /// Weights as products use them, all copies the rank holds.
  public var weights = Bytes.zero
  /// Gradients.
  public var gradients = Bytes.zero
  /// Master weights and moments, after sharding.
  public var optimizer = Bytes.zero
  /// Activations held to an input or a weight gradient at that instant.
  public var activations = Bytes.zero
  /// When that is.
  public var peakTime = Time.zero
  /// What the layers worked on then need besides.
  public var working = Bytes.zero
  /// Buffers of communication, what libraries take, and the allowance for fragmentation.
  public var reserved = Bytes.zero
  /// The same by name, the largest first; they sum to `peak`. Empty where it was not worked out.
  public var parts: [MemoryPart] = []
  /// What changes over the step, instant by instant.
  public var timeline: [MemorySample] = []

  /// A rank that holds nothing yet.
  public init(rank: Int) { self.rank = rank }

  /// The sum of all parts.
  public var peak: Bytes { standing + activations + working }

  /// Whether the named parts sum to the peak, and the timeline has its highest point there and ends
  /// with nothing.
  var addsUp: Bool {
    let named = parts.reduce(0) { $0 + $1.bytes.value }
    let highest = timeline.max { $0.total < $1.total }?.total ?? .zero
    let slack = 1e-9 * max(peak.value, 1)
    return timeline.last?.total == .zero && abs(named - peak.value) <= slack
      && abs((highest - activations - working).value) <= slack + 1
  }

  /// What is there throughout the step.
  public var standing: Bytes { weights + gradients + optimizer + reserved }
}

/// What a rank holds that comes and goes, from one instant until the next sample.
public struct MemorySample: Sendable, Equatable {
  /// When it begins to hold it.
  public var time: Time
  /// Held to input gradients.
  public var held: Bytes
  /// Held to weight gradients.
  public var pending: Bytes
  /// Needed by the layers being worked on.
  public var working: Bytes

  /// All of it.
  public var total: Bytes { held + pending + working }
}

/// A named amount of memory.
public struct MemoryPart: Sendable, Equatable {
  /// What takes it.
  public var kind: MemoryKind
  /// How much.
  public var bytes: Bytes
}

/// What takes memory of a GPU.
public enum MemoryKind: Sendable, Hashable {
  /// Weights as products use them, and FP32 gradients.
  case weights, gradients
  /// The optimizer's.
  case masterWeights, moments
  /// A tensor of the micro-batches in flight.
  case activation(ActivationTensor, Lifetime)
  /// Micro-batches on their way between stages.
  case pipelineBuffers
  /// Rows on their way to and from experts.
  case expertBuffers
  /// Gradients on their way to their shards.
  case gradientBucket
  /// CUDA context and libraries.
  case libraries
  /// What the allocator cannot use.
  case fragmentation

  /// In words: `latents`, `latents for W`, `latents in work`.
  public var word: String {
    switch self {
    case .weights: "weights"
    case .gradients: "gradients"
    case .masterWeights: "master weights"
    case .moments: "moments"
    case .activation(let tensor, .input): tensor.word
    case .activation(let tensor, .weight): tensor.word + " for W"
    case .activation(let tensor, _): tensor.word + " in work"
    case .pipelineBuffers: "pipeline buffers"
    case .expertBuffers: "dispatch, combine buffers"
    case .gradientBucket: "gradient bucket"
    case .libraries: "context, libraries"
    case .fragmentation: "fragmentation"
    }
  }

  /// How long it stays: `step`, `I`, `W` or `work`.
  public var kept: String {
    switch self {
    case .activation(_, .input): "I"
    case .activation(_, .weight): "W"
    case .activation: "work"
    default: "step"
    }
  }

  /// The same kind whichever block is worked on.
  fileprivate var merged: MemoryKind {
    guard case .activation(let tensor, let lifetime) = self,
      Lifetime.forwardBlocks.contains(lifetime) || Lifetime.backwardBlocks.contains(lifetime)
    else { return self }
    return .activation(tensor, .attentionForward)
  }
}

/// Named amounts that add up, each kind once.
struct MemoryParts {
  private(set) var all: [MemoryPart] = []

  /// Adds to the kind's amount.
  mutating func add(_ bytes: Bytes, _ kind: MemoryKind) {
    let kind = kind.merged
    if let index = all.firstIndex(where: { $0.kind == kind }) {
      all[index].bytes += bytes
    } else {
      all.append(MemoryPart(kind: kind, bytes: bytes))
    }
  }

  /// What is not zero, the largest first, equals in the order they were added.
  var sorted: [MemoryPart] {
    all.enumerated().filter { $0.element.bytes != .zero }
      .sorted { ($1.element.bytes, $0.offset) < ($0.element.bytes, $1.offset) }
      .map(\.element)
  }
}
