import Fabric
import Hardware
public import Models
import Quantities

/// What the model is made of, as a pipeline cuts it: pieces that stay on one stage.
public enum ModelItem: Sendable, Equatable {
  /// The input embedding.
  case embedding
  /// A transformer layer, 0-based.
  case layer(Int)
  /// The output head with the loss.
  case head
  /// A multi-token-prediction layer with its own pass through the head, 0-based.
  case prediction(Int)

  /// The items of a model, in the order a token meets them.
  public static func items(of model: Architecture) -> [ModelItem] {
    [.embedding] + (0..<model.layers).map { .layer($0) } + [.head]
      + (0..<model.predictionLayers).map { .prediction($0) }
  }
}

/// Times of a layer's six blocks.
struct BlockTimes: Equatable {
  var attentionForward, feedForwardForward: Time
  var feedForwardInput, feedForwardWeight: Time
  var attentionInput, attentionWeight: Time

  var forward: Time { attentionForward + feedForwardForward }
  var input: Time { feedForwardInput + attentionInput }
  var weight: Time { feedForwardWeight + attentionWeight }
  var total: Time { forward + input + weight }
}

extension BlockTimes {
  /// Times of a layer's kernels on a GPU.
  init(_ kernels: LayerKernels, on gpu: KernelSeconds) {
    attentionForward = gpu.time(kernels.attentionForward)
    feedForwardForward = gpu.time(kernels.feedForwardForward)
    feedForwardInput = gpu.time(kernels.feedForwardInput)
    feedForwardWeight = gpu.time(kernels.feedForwardWeight)
    attentionInput = gpu.time(kernels.attentionInput)
    attentionWeight = gpu.time(kernels.attentionWeight)
  }
}

/// A transfer between two blocks.
struct Exchange: Equatable {
  var activity: Activity
  var transfer: Transfer
}

/// One layer's work on one GPU: block times, and the transfers between blocks.
struct LayerWork {
  /// Layer of the model, prediction layers following; -1 for embedding and head.
  var layer: Int32
  /// What the two blocks count as in spans.
  var attention: Activity
  var feedForward: Activity
  /// Block times with every multiprocessor, and with those left beside communication.
  var alone: BlockTimes
  var beside: BlockTimes
  /// Transfers after the forward blocks, and before the backward blocks.
  var afterAttention: [Exchange] = []
  var afterFeedForward: [Exchange] = []
  var beforeFeedForward: [Exchange] = []
  var beforeAttention: [Exchange] = []
  /// What a micro-batch leaves in memory.
  var activations = LayerActivations()
  /// Weights this GPU holds of the layer's routed experts.
  var expertParameters = 0.0
  /// Weights it holds a tensor-parallel part of, and those every tensor rank holds whole.
  var shardedParameters = 0.0
  var replicatedParameters = 0.0

  /// Whether anything is exchanged, so that communication holds multiprocessors.
  var communicates: Bool {
    !(afterAttention.isEmpty && afterFeedForward.isEmpty && beforeFeedForward.isEmpty
      && beforeAttention.isEmpty)
  }
}

extension LayerWork {
  /// Block times with every multiprocessor, or beside communication.
  func times(beside communication: Bool) -> BlockTimes { communication ? beside : alone }

  /// All exchanges of one forward and one backward.
  var exchanges: [Exchange] {
    afterAttention + afterFeedForward + beforeFeedForward + beforeAttention
  }
}
