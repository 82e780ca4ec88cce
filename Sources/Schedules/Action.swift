/// What a pass does, with the letter PyTorch's schedule text uses for it.
public enum PassKind: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  /// Forward.
  case forward
  /// Backward for the inputs only.
  case inputBackward
  /// Backward for the weights only.
  case weightBackward
  /// Full backward: input and weight gradients together.
  case backward

  /// `F`, `I`, `W` or `B`.
  public var letter: Character {
    switch self {
    case .forward: "F"
    case .inputBackward: "I"
    case .weightBackward: "W"
    case .backward: "B"
    }
  }
}

/// One pass of one micro-batch through one stage, such as `2F0`.
public struct Pass: Hashable, Sendable, BitwiseCopyable {
  /// Stage as it stands in the schedule's text.
  public var stage: Int32
  /// What is done.
  public var kind: PassKind
  /// Micro-batch, counted over both directions of a bidirectional schedule.
  public var microBatch: Int32

  /// A pass of `microBatch` through `stage`.
  public init(_ stage: Int, _ kind: PassKind, _ microBatch: Int) {
    self.stage = Int32(stage)
    self.kind = kind
    self.microBatch = Int32(microBatch)
  }
}

/// One entry of a rank's list: a pass alone, or a forward and a full backward run as one
/// overlapped pair.
public enum Action: Hashable, Sendable, BitwiseCopyable {
  /// One pass.
  case single(Pass)
  /// The forward of one micro-batch and the full backward of another, run together.
  case overlapped(forward: Pass, backward: Pass)
}

extension Action: CustomStringConvertible {
  /// PyTorch's text: `2F0`, or `(0F4;3B2)OVERLAP_F_B`.
  public var description: String {
    switch self {
    case .single(let pass): pass.description
    case .overlapped(let forward, let backward): "(\(forward);\(backward))OVERLAP_F_B"
    }
  }
}

extension Pass: CustomStringConvertible {
  /// PyTorch's text: stage, letter, micro-batch.
  public var description: String { "\(stage)\(kind.letter)\(microBatch)" }
}
