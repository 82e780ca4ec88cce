public import Quantities

/// A published model: its shape, and where the shape is known from.
public struct CatalogueModel: Sendable, Equatable {
  /// The shape, with the model's name in it.
  public var architecture: Architecture
  /// Public document and date.
  public var source: String
  /// How well the shape is known: `assumed` where some of its numbers are not read in a published
  /// document, though their sum agrees with the published size.
  public var status: Status

  /// An entry of the catalogue.
  public init(architecture: Architecture, source: String, status: Status) {
    self.architecture = architecture
    self.source = source
    self.status = status
  }
}

/// The published models Fathom knows by name.
///
///     ModelCatalogue.model(named: "llama-3.1-8b")?.architecture.parameters   // 8030261248
///
/// Invariant: names are unique, in lower case with hyphens. A model that is not here is read from
/// its Hugging Face config.json.
public enum ModelCatalogue {
  /// All entries, by family, in the order they are listed to the user.
  public static let models: [CatalogueModel] =
    deepseekModels + latentModels + llamaModels + mixtralModels + qwenModels + otherExpertModels
    + classicModels

  /// Names of all entries, in the same order.
  public static var names: [String] { models.map(\.architecture.name) }

  /// The entry of exactly this name, or nil.
  public static func model(named name: String) -> CatalogueModel? {
    models.first { $0.architecture.name == name }
  }

  /// Where config files of many models were read together.
  static let configCollection = "ai-dynamo/aiconfigurator model_configs, 2026-08-21"

  /// Query, key-value heads and head dimension, with what a family adds to them.
  static func grouped(
    _ heads: Int, _ keyValueHeads: Int, _ headDimension: Int,
    adding change: (inout GroupedAttention) -> Void = { _ in }
  ) -> Attention {
    var attention = GroupedAttention(
      heads: heads, keyValueHeads: keyValueHeads, headDimension: headDimension)
    change(&attention)
    return .grouped(attention)
  }

  /// Routed experts, experts a token visits, shared experts and width, with what a family adds.
  static func experts(
    _ routed: Int, _ perToken: Int, shared: Int = 0, _ intermediate: Int,
    adding change: (inout Experts) -> Void = { _ in }
  ) -> Experts {
    var experts = Experts(
      routed: routed, perToken: perToken, shared: shared, intermediate: intermediate)
    change(&experts)
    return experts
  }
}
