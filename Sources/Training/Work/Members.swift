import Quantities

/// The GPUs of each pipeline rank that a step simulates one by one, and who exchanges with whom.
///
/// GPUs of a rank run the same list. Where they also have the same load and links, one of them
/// stands for all: the step is folded, and what a GPU receives from the others is what it sends.
/// Where routing is uneven or something in the cluster is slow, every GPU is simulated.
struct Members: Equatable {
  /// Whether every GPU is simulated, on the links of the whole cluster.
  let isEveryGPU: Bool
  /// GPUs of a rank that are simulated.
  let count: Int
  /// Neighbours that share each layer's matrices, and those that share its experts.
  let tensor: Int
  let expert: Int

  /// One GPU that stands for all of its rank.
  static let folded = Members(isEveryGPU: false, count: 1, tensor: 1, expert: 1)

  /// Members that begin and end an exchange of a pass together; neighbours, from a multiple of their
  /// number.
  func group(of activity: Activity) -> Int {
    switch activity {
    case .dispatch, .combine: expert
    case .tensorExchange: tensor
    case .attention, .feedForward, .embedding, .head, .pipelineSend, .gradientReduction,
      .optimizer, .parameterGather:
      1
    }
  }
}
