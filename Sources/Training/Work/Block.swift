import Models
import Quantities

/// One of the six blocks of kernels a layer has.
enum Block: Int, CaseIterable {
  case attentionForward, feedForwardForward
  case feedForwardInput, feedForwardWeight
  case attentionInput, attentionWeight

  /// Whether the block belongs to the forward pass.
  var isForward: Bool { self == .attentionForward || self == .feedForwardForward }

  /// Whether the block is the layer's feed-forward part rather than its attention.
  var isFeedForward: Bool {
    switch self {
    case .feedForwardForward, .feedForwardInput, .feedForwardWeight: true
    case .attentionForward, .attentionInput, .attentionWeight: false
    }
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

  subscript(block: Block) -> Time {
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
