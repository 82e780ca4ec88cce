public import Fabric
import Foundation
public import Hardware
import Quantities

/// A collective's time, with what was asked for.
public struct CollectiveAnswer: Sendable {
  /// What was done.
  public enum Subject: Sendable {
    /// Buffers of bytes.
    case collective(Collective)
    /// Tokens to their experts or back, among GPUs with so many tokens each.
    case exchange(ExpertExchange, gpus: Int, tokens: Int)
  }

  /// What was done.
  public var subject: Subject
  /// On which cluster.
  public var cluster: Cluster
  /// Its links.
  public var graph: LinkGraph
  /// How long it took, and what it loaded.
  public var time: CollectiveTime
  /// Whether each flow was simulated.
  public var isExpanded: Bool
}

/// Why a collective that is asked for rightly has no answer.
public enum CollectiveChoiceError: Error, Sendable, Equatable {
  /// No node of the catalogue has the name, and no file.
  case unknownCluster(name: String, names: [String], suggestion: String?)
  /// The group reaches farther than the cluster, or than the fabric of a named node can; a fabric
  /// that would do, if one does.
  case tooManyGPUs(gpus: Int, stride: Int, needs: Int, most: Int, fabric: String?, larger: String?)
  /// A group that does not fill its nodes.
  case partlyFilledNode(gpus: Int, perNode: Int)
  /// GPUs of an expert-parallel group that are not neighbours.
  case strideOfExperts(stride: Int)
  /// Experts that do not spread evenly over the GPUs.
  case unevenExperts(experts: Int, gpus: Int)
  /// More experts a token than stand on the nodes it may visit.
  case tooFewExperts(topK: Int, limit: Int, experts: Int)
  /// The collective cannot be done.
  case collective(CollectiveError)
}

extension CollectiveChoiceError: CustomStringConvertible {
  /// One sentence with value, rule and remedy.
  public var description: String {
    switch self {
    case .unknownCluster(let name, let names, let suggestion):
      let remedy =
        suggestion.map { "did you mean \($0)?" } ?? "nodes are " + names.joined(separator: ", ")
      return "--cluster is '\(shortened(name))': it must be a node of the catalogue or the path of "
        + "a scenario; " + remedy
    case .tooManyGPUs(let gpus, let stride, let needs, let most, let fabric, let larger):
      let reach = stride == 1 ? "" : ", \(stride) apart, reach over \(needs) and"
      guard let fabric else {
        return "--gpus is \(gpus): \(gpus) GPUs\(reach) are more than the cluster's \(most); give "
          + "it more nodes, or take fewer GPUs"
      }
      let remedy = larger.map { "take --fabric \($0), or fewer GPUs" } ?? "take fewer GPUs"
      return "--gpus is \(gpus): \(gpus) GPUs\(reach) are more than the \(most) that \(fabric) "
        + "joins; \(remedy)"
    case .partlyFilledNode(let gpus, let perNode):
      return
        "--gpus is \(gpus): a group that spreads experts over several nodes must be a multiple "
        + "of a node's \(perNode) GPUs; take \(gpus / perNode * perNode) or "
        + "\((gpus / perNode + 1) * perNode)"
    case .strideOfExperts(let stride):
      return "--stride is \(stride): GPUs that share experts are neighbours; leave it out"
    case .unevenExperts(let experts, let gpus):
      return
        "--experts is \(experts): it must be a multiple of the \(gpus) GPUs, each of which holds "
        + "as many; take \((experts / gpus + 1) * gpus)"
    case .tooFewExperts(let topK, let limit, let experts):
      return "--top-k is \(topK): at most \(experts) experts stand on the \(limit) nodes that "
        + "--node-limit allows a token; raise the limit or take fewer experts a token"
    case .collective(let error): return error.description
    }
  }
}

extension CollectiveChoice {
  /// Names of the networks between nodes.
  static var fabricNames: [String] { Topology.allCases.map(\.rawValue) }

  /// Simulates the collective on a network of its own.
  ///
  /// - Throws: `ScenarioError` of the cluster's file, or `CollectiveChoiceError`.
  public func answer() throws -> CollectiveAnswer {
    let cluster = try chosenCluster()
    guard let kind = CollectiveKind(rawValue: kind) else { return try exchangeAnswer(cluster) }
    let all = (0..<gpus).map { $0 * stride }
    let collective = Collective(
      kind, among: kind == .send ? [all[0], all[gpus - 1]] : all,
      bytes: Bytes(try bytes.map(Self.size) ?? 0),
      algorithm: algorithm.flatMap(CollectiveAlgorithm.init))
    let graph = LinkGraph(cluster)
    do throws(CollectiveError) {
      return CollectiveAnswer(
        subject: .collective(collective), cluster: cluster, graph: graph,
        time: try collective.time(on: graph, expanded: isExpanded), isExpanded: isExpanded)
    } catch {
      throw CollectiveChoiceError.collective(error)
    }
  }

  /// Simulates a dispatch with a known layout, as DeepEP's tests time it, or a combine.
  ///
  /// Under balanced routing: a token goes to its node limit's nodes by V3's gate with a group of
  /// experts a node.
  private func exchangeAnswer(_ cluster: Cluster) throws -> CollectiveAnswer {
    guard let tokens, let hidden, let topK, let experts else {
      throw CollectiveChoiceError.collective(.badSize(bytes: 0))  // `misuse` names what is missing
    }
    guard stride == 1 else { throw CollectiveChoiceError.strideOfExperts(stride: stride) }
    let perNode = cluster.node.gpus
    guard gpus <= perNode || gpus.isMultiple(of: perNode) else {
      throw CollectiveChoiceError.partlyFilledNode(gpus: gpus, perNode: perNode)
    }
    guard experts.isMultiple(of: gpus) else {
      throw CollectiveChoiceError.unevenExperts(experts: experts, gpus: gpus)
    }
    let nodes = max(1, gpus / perNode)
    let limit = min(nodeLimit ?? nodes, nodes)
    guard topK <= experts / nodes * limit else {
      throw CollectiveChoiceError.tooFewExperts(
        topK: topK, limit: limit, experts: experts / nodes * limit)
    }
    let law = RoutingLaw(
      ExpertGate(
        experts: experts, perToken: topK, ranks: gpus, nodes: nodes, groups: nodes,
        groupsPerToken: limit), .balanced, layer: 0, seed: 1)
    let isCombine = kind == "combine"
    let exchange = ExpertExchange(
      isCombine ? .combine : .cachedDispatch, law.loads, tokens: Double(tokens),
      rowBytes: isCombine
        ? ExpertExchange.combinedRow(hidden) : ExpertExchange.dispatchedRow(hidden))
    let graph = LinkGraph(cluster)
    do throws(CollectiveError) {
      return CollectiveAnswer(
        subject: .exchange(exchange, gpus: gpus, tokens: tokens), cluster: cluster, graph: graph,
        time: try CollectiveTime(
          exchange, among: Array(0..<gpus), on: graph, expanded: isExpanded),
        isExpanded: isExpanded)
    } catch {
      throw CollectiveChoiceError.collective(error)
    }
  }

  /// GPUs from the group's first to its last; both factors are bounded.
  private var needed: Int { (gpus - 1) * stride + 1 }

  /// The cluster of the file, or as many nodes of the name as the group needs.
  private func chosenCluster() throws -> Cluster {
    guard let node = HardwareCatalogue.node(named: cluster) else { return try fileCluster() }
    let fabric = fabric.flatMap(Topology.init) ?? .multiRailFatTree
    let nodes = (needed + node.gpus - 1) / node.gpus
    let most = fabric.maximumNodes(nics: node.nics)
    guard nodes == 1 || nodes <= most else {
      let larger = Topology.allCases.first { $0.maximumNodes(nics: node.nics) >= nodes }
      throw CollectiveChoiceError.tooManyGPUs(
        gpus: gpus, stride: stride, needs: needed, most: max(most, 1) * node.gpus,
        fabric: fabric.rawValue, larger: larger?.rawValue)
    }
    return Cluster(node: node, nodes: nodes, topology: fabric)
  }

  private func fileCluster() throws -> Cluster {
    let isPath = ["/", ".yaml", ".yml"].contains { cluster.contains($0) }
    guard isPath || FileManager.default.fileExists(atPath: cluster) else {
      let names = HardwareCatalogue.nodes.map(\.name)
      throw CollectiveChoiceError.unknownCluster(
        name: cluster, names: names, suggestion: suggestion(for: cluster, among: names))
    }
    let found = try Scenario.cluster(
      path: cluster, set: fabric.map { ["cluster.fabric=\($0)"] } ?? [])
    guard needed <= found.gpus else {
      throw CollectiveChoiceError.tooManyGPUs(
        gpus: gpus, stride: stride, needs: needed, most: found.gpus, fabric: nil, larger: nil)
    }
    return found
  }
}
