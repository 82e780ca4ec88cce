import Fabric
import Quantities

/// A collective as a command names it: what, on which cluster, how large.
///
///     var choice = CollectiveChoice("all-to-all", cluster: "h800", gpus: 64)
///     choice.bytes = "64MiB"
///     choice.misuse                               // nil
///     try choice.answer().time.time.seconds       // 0.001347
public struct CollectiveChoice: Sendable {
  /// What is done: a `CollectiveKind`, `dispatch` or `combine`.
  public var kind: String
  /// Name of a node of the catalogue, or path of a scenario.
  public var cluster: String
  /// GPUs of the group.
  public var gpus: Int
  /// Network between the nodes; nil for the scenario's, or rails.
  public var fabric: String?
  /// How far one GPU of the group is from the next.
  public var stride = 1
  /// Size of the buffer, with its unit.
  public var bytes: String?
  /// Tokens of each GPU, for dispatch and combine.
  public var tokens: Int?
  /// Hidden size of the model.
  public var hidden: Int?
  /// Experts of each token.
  public var topK: Int?
  /// Experts of a layer.
  public var experts: Int?
  /// Most nodes of a token's experts; nil for no limit.
  public var nodeLimit: Int?
  /// How it is done; nil takes the fastest.
  public var algorithm: String?
  /// Whether each flow is simulated.
  public var isExpanded = false

  /// A choice with all options left out.
  public init(_ kind: String, cluster: String, gpus: Int) {
    self.kind = kind
    self.cluster = cluster
    self.gpus = gpus
  }

  /// Names of all kinds.
  public static var kinds: [String] { CollectiveKind.allCases.map(\.rawValue) + expertKinds }

  /// Kinds that move tokens to experts and back.
  static let expertKinds = ["dispatch", "combine"]

  /// Names of all algorithms.
  public static var algorithms: [String] { CollectiveAlgorithm.allCases.map(\.rawValue) }

  /// Names of all networks between nodes.
  public static var fabrics: [String] { fabricNames }

  /// The largest amount that is simulated, in bytes.
  static let mostBytes = 1e15
}

extension CollectiveChoice {
  /// What is wrong with the call, as a sentence; nil if nothing is.
  public var misuse: String? {
    wordMisuse ?? countMisuse ?? (Self.expertKinds.contains(kind) ? expertMisuse : sizeMisuse)
  }

  /// Names that are not known.
  private var wordMisuse: String? {
    guard Self.kinds.contains(kind) else {
      return unknown(kind, "collective", among: Self.kinds)
    }
    if let fabric, !Self.fabrics.contains(fabric) {
      return unknown(fabric, "fabric", among: Self.fabrics)
    }
    guard let algorithm else { return nil }
    guard let known = CollectiveAlgorithm(rawValue: algorithm) else {
      return unknown(algorithm, "algorithm", among: Self.algorithms)
    }
    guard let collective = CollectiveKind(rawValue: kind) else {
      return "--algorithm is for collectives of bytes; leave it out of \(kind)."
    }
    guard collective.algorithms.contains(known) else {
      let names = collective.algorithms.map(\.rawValue).joined(separator: ", ")
      return "\(algorithm) does no \(kind); --algorithm takes \(names) there."
    }
    return nil
  }

  private func unknown(_ word: String, _ kind: String, among names: [String]) -> String {
    let hint = suggestion(for: word, among: names).map { "; did you mean \($0)?" } ?? "."
    return "'\(shortened(word))' is no \(kind): it is one of " + names.joined(separator: ", ")
      + hint
  }

  /// Numbers out of range.
  private var countMisuse: String? {
    if gpus == 1 { return "--gpus 1 moves nothing: a collective needs at least 2 GPUs." }
    let most = KeyReader.gpuCounts.upperBound
    if !(2...most).contains(gpus) {
      return "--gpus takes 2 to \(most) GPUs; \(gpus) is not in that range."
    }
    if !(1...most).contains(stride) {
      return "--stride takes 1 to \(most) GPUs; \(stride) is not in that range."
    }
    return nil
  }

  /// What is wrong with a collective of bytes.
  private var sizeMisuse: String? {
    if let given = expertOptions.first(where: { $0.value != nil })?.name {
      return "\(given) is for dispatch and combine; \(kind) takes --bytes."
    }
    guard let bytes else { return "\(kind) moves a buffer; give its size, as in --bytes 64MiB." }
    do throws(QuantityError) {
      let size = try Self.size(bytes)
      guard (1...Self.mostBytes).contains(size) else {
        return "--bytes takes 1 byte to 1000 TB; '\(shortened(bytes))' is not in that range."
      }
      return nil
    } catch {
      return "--bytes takes a number with a unit such as B, kB, KiB, MB, MiB, GB, GiB or TB, or "
        + "none for bytes, as in 64MiB; '\(shortened(bytes))' is not of that form."
    }
  }

  /// What is wrong with a dispatch or combine.
  private var expertMisuse: String? {
    if bytes != nil {
      return "\(kind) moves tokens: leave out --bytes and give --tokens, --hidden, --top-k and "
        + "--experts."
    }
    let missing = expertOptions.dropLast().filter { $0.value == nil }.map(\.name)
    guard missing.isEmpty else {
      return "\(kind) moves tokens to experts; add \(missing.joined(separator: " and "))."
    }
    for option in expertOptions {
      guard let value = option.value, !(1...option.most).contains(value) else { continue }
      return "\(option.name) takes 1 to \(option.most); \(value) is not in that range."
    }
    if let topK, let experts, topK > experts {
      return "--top-k is \(topK): a token goes to at most as many experts as there are, \(experts);"
        + " give a smaller one."
    }
    return nil
  }

  /// The options of dispatch and combine, the one that may be left out last.
  private var expertOptions: [(name: String, value: Int?, most: Int)] {
    [
      ("--tokens", tokens, 1 << 24), ("--hidden", hidden, 1 << 20), ("--top-k", topK, 1 << 16),
      ("--experts", experts, 1 << 16), ("--node-limit", nodeLimit, 1 << 16),
    ]
  }

  /// Bytes of a text with a unit, or of a bare number.
  static func size(_ text: String) throws(QuantityError) -> Double {
    do {
      return try Dimension.data.value(of: text)
    } catch .missingUnit {
      return try Dimension.data.value(of: text + "B")
    } catch {
      throw error
    }
  }
}
