/// How a weight is spread over the GPUs of a pipeline rank.
///
/// The three are the whole table of what divides weights, and with them gradients and optimizer
/// states. Activations follow other rules: they are divided by tokens and heads, never by experts.
public enum WeightShare: Sendable, CaseIterable {
  /// Cut among tensor-parallel GPUs: projections of attention and of the plain feed-forward part,
  /// embedding and head.
  case tensorSharded
  /// Whole on every tensor-parallel GPU: norms, gates, shared experts, latent down-projections.
  case replicated
  /// Cut among the GPUs that share the experts and, of each expert, its matrices: never by the
  /// tensor degree of the rest of the model.
  case routedExperts
}

extension LayerShape {
  /// GPUs that a weight is cut among; weights over it are what one GPU holds.
  ///
  ///     shape.divisor(of: .routedExperts)     // expert degree x expert tensor degree
  public func divisor(of share: WeightShare) -> Double {
    switch share {
    case .tensorSharded: tensor
    case .replicated: 1
    case .routedExperts: expertDegree * expertTensor
    }
  }
}
