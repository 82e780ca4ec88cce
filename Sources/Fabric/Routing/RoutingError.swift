/// Why routing cannot be simulated as asked.
public enum RoutingError: Error, Sendable, Equatable {
  /// No such distribution.
  case unknownDistribution(String, suggestion: String?)
  /// A distribution that takes a parameter has none.
  case missingParameter(String, example: String)
  /// A distribution that takes no parameter has one.
  case needlessParameter(String)
  /// A parameter is no number, or not one the distribution is made for.
  case badParameter(String, value: String, least: Double, most: Double)
  /// A counts table holds none.
  case noCounts
  /// Counts are of another number of experts.
  case wrongExperts(layer: Int?, found: Int, experts: Int)
  /// Counts are of a layer without experts.
  case foreignLayer(Int, first: Int, last: Int)
  /// A count is negative, not a number or absurd.
  case badCount(layer: Int?, expert: Int, value: Double)
  /// No expert has a token.
  case allZero(layer: Int?)
  /// Fewer slots than experts, or no GPUs to hold them.
  case tooFewSlots(slots: Int, experts: Int)
  /// The slots cannot be spread evenly over the GPUs.
  case unevenSlots(slots: Int, gpus: Int)
  /// The experts' groups, nodes and GPUs do not divide.
  case unevenExperts(experts: Int, groups: Int, nodes: Int, gpus: Int)
}

extension RoutingError: CustomStringConvertible {
  /// The rule that is broken, and what would do.
  public var description: String {
    switch self {
    case .unknownDistribution(_, let suggestion):
      "the distributions are \(RoutingDistribution.forms), or the path of a counts file that ends "
        + "in .csv; " + (suggestion.map { "did you mean \($0)?" } ?? "use one of them")
    case .missingParameter(let name, let example):
      "\(name) needs a number in parentheses; write it like \(example)"
    case .needlessParameter(let name): "\(name) takes no number; write \(name)"
    case .badParameter(let name, _, let least, let most):
      "the number of \(name) must be from \(Self.plain(least)) to "
        + "\(Self.plain(most)); correct it"
    case .noCounts: "there are no counts; give tokens for each expert"
    case .wrongExperts(let layer, let found, let experts):
      "\(Self.place(layer))there are counts of \(found) experts: it must be \(experts); give one "
        + "for each expert"
    case .foreignLayer(let layer, let first, let last):
      "there are counts of layer \(layer): the model has no experts there, only in layers from "
        + "\(first) to \(last); remove the layer's rows or correct its number"
    case .badCount(let layer, let expert, let value):
      "\(Self.place(layer))expert \(expert) has \(value) tokens: it must be from 0 to "
        + "\(Self.plain(RoutingCounts.mostTokens)); correct it"
    case .allZero(let layer):
      "\(Self.place(layer))every expert has 0 tokens: one at least must have some; correct the counts"
    case .tooFewSlots(let slots, let experts):
      "\(slots) expert slots cannot hold \(experts) experts; use \(experts) or more"
    case .unevenSlots(let slots, let gpus):
      "\(slots) expert slots must be a multiple of the \(gpus) GPUs; use "
        + "\(gpus > 0 ? (slots / gpus + 1) * gpus : 1)"
    case .unevenExperts(let experts, let groups, let nodes, let gpus):
      "\(experts) experts in \(groups) groups on \(nodes) nodes with \(gpus) GPUs: experts must "
        + "be a multiple of groups, and GPUs of nodes; correct one of them"
    }
  }

  private static func place(_ layer: Int?) -> String { layer.map { "in layer \($0) " } ?? "" }

  static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
  }
}
