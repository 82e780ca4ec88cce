public import Quantities
public import Schedules

/// What a rank's streams do.
public enum Stream: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// Kernels on the multiprocessors.
  case compute
  /// Dispatch, combine, tensor- and context-parallel exchanges, gradient reduction, parameter gather.
  case communication
  /// Activations and their gradients on their way to another rank.
  case send
  /// Gradient reductions and parameter gathers beside passes.
  case background
}

/// What a span is.
public enum Activity: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// Attention block of a layer, gate included.
  case attention
  /// Feed-forward block of a layer: experts, shared experts or the plain part.
  case feedForward
  /// Embedding look-up.
  case embedding
  /// Output head with the loss.
  case head
  /// Tokens to their experts (in backward, gradients of what was combined).
  case dispatch
  /// Results back to their tokens (in backward, gradients of what was dispatched).
  case combine
  /// All-gather and reduce-scatter among tensor-parallel ranks.
  case tensorExchange
  /// Activations or gradients sent to the rank of the next stage.
  case pipelineSend
  /// Gradients summed over replicas.
  case gradientReduction
  /// The optimizer's update.
  case optimizer
  /// Updated weights gathered from their shards.
  case parameterGather
  /// Keys and values, and their gradients, among GPUs that share a sequence.
  case contextExchange

  /// What moves bytes between GPUs: the traffic classes.
  public static let traffic: [Activity] = [
    .dispatch, .combine, .tensorExchange, .pipelineSend, .gradientReduction, .parameterGather,
    .contextExchange,
  ]

  /// The word in files, such as `feed_forward`.
  public var word: String {
    switch self {
    case .attention: "attention"
    case .feedForward: "feed_forward"
    case .embedding: "embedding"
    case .head: "head"
    case .dispatch: "dispatch"
    case .combine: "combine"
    case .tensorExchange: "tensor_exchange"
    case .pipelineSend: "pipeline_send"
    case .gradientReduction: "gradient_reduction"
    case .optimizer: "optimizer"
    case .parameterGather: "parameter_gather"
    case .contextExchange: "context_exchange"
    }
  }
}

/// What a rank's second counts as.
public enum Category: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// A forward on its own.
  case forward
  /// An input gradient on its own, or that part of a full backward.
  case inputBackward
  /// A weight gradient on its own, or that part of a full backward.
  case weightBackward
  /// An overlapped pair.
  case overlapped
  /// Gradient reduction, optimizer and parameter gather.
  case optimizer
}

/// One interval of one stream of a rank.
public struct Span: Sendable, BitwiseCopyable {
  /// When it starts and ends; a transfer's latency is part of it.
  public var start, end: Time
  /// Pipeline rank; for a send, the one that sends.
  public var rank: Int32
  /// Stream of the rank.
  public var stream: Stream
  /// What is done.
  public var activity: Activity
  /// What it counts as.
  public var category: Category
  /// Forward, input or weight part; for a send, the pass whose result is sent.
  public var pass: PassKind
  /// Stage as in the schedule's text; -1 outside passes.
  public var stage: Int32
  /// Micro-batch; -1 outside passes.
  public var microBatch: Int32
  /// Layer of the model, 0-based; -1 for what is no layer. Prediction layers follow the last.
  public var layer: Int32
  /// Place of the action in the rank's list; -1 outside passes.
  public var action: Int32
}
