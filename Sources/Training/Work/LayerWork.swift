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

/// A transfer between two blocks.
struct Exchange: Equatable {
  var activity: Activity
  /// What each GPU moves; under uneven routing, what it would move under balanced routing.
  var transfer: Transfer
  /// Who exchanges with each other.
  var group: MemberGroup
  /// Whether it is cut into chunks where passes overlap it with the products next to it.
  var isCut = false
  /// A dispatch or combine as its whole group does it, under balanced routing.
  var balanced: ExpertExchange?
  /// What `UnevenLoads.exchange` gives, which takes its place; -1 where all GPUs move the same.
  var uneven: Int32 = -1
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
  /// How the blocks' times divide among classes of kernels, and their place in the step's table.
  var shares = BlockShares()
  var firstShares: Int32 = -1
  /// Transfers after the forward blocks, and before the backward blocks.
  var afterAttention: [Exchange] = []
  var afterFeedForward: [Exchange] = []
  var beforeFeedForward: [Exchange] = []
  var beforeAttention: [Exchange] = []
  /// Exchanges of keys and values beside the core of attention, forward and backward.
  var contextForward: [Exchange] = []
  var contextBackward: [Exchange] = []
  /// Gathers of weights before each pass over them, and reductions of their gradients after it.
  var gathers: [Exchange] = []
  var reductions: [Exchange] = []
  /// Where blocks are cut, block by block; empty where none is.
  var cuts: [BlockCut] = []
  /// Number of the work in the whole model.
  var place: Int32 = 0
  /// What a micro-batch leaves in memory.
  var activations = LayerActivations()
  /// How much more it leaves for each balanced share of rows on top of the first; the same tensors.
  var activationSlope = LayerActivations()
  /// What `UnevenLoads.load(ofLayer:)` gives; -1 where all GPUs have the same load.
  var load: Int32 = -1
  /// Weights this GPU holds.
  var weights = WorkWeights()

  /// Whether anything is exchanged, so that communication holds multiprocessors.
  var communicates: Bool {
    !(afterAttention.isEmpty && afterFeedForward.isEmpty && beforeFeedForward.isEmpty
      && beforeAttention.isEmpty)
  }
}

extension LayerWork {
  /// A block's time with every multiprocessor, or beside communication.
  func time(_ block: Block, beside communication: Bool) -> Time {
    (communication ? beside : alone)[block]
  }

  /// What a micro-batch leaves in memory at a load, in balanced shares of rows.
  func activations(at load: Double) -> LayerActivations {
    guard load != 1 else { return activations }
    return activations.plus(activationSlope, times: load - 1)
  }

  /// What the block counts as in spans.
  func activity(_ block: Block) -> Activity { block.isFeedForward ? feedForward : attention }

  /// All exchanges of one forward and one backward that stand between blocks.
  var exchanges: [Exchange] {
    afterAttention + afterFeedForward + beforeFeedForward + beforeAttention
  }

  /// How a block is cut; nil where it is whole.
  func cut(_ block: Block) -> BlockCut? { cuts.isEmpty ? nil : cuts[block.rawValue] }

  /// What is exchanged beside the core of a block.
  func context(_ block: Block) -> [Exchange] {
    switch block {
    case .attentionForward: contextForward
    case .attentionInput: contextBackward
    default: []
    }
  }
}
