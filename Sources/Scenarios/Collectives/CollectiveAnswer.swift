public import Fabric
import Foundation
public import Hardware
import Quantities

/// A collective's time, with what was asked for.
public struct CollectiveAnswer: Sendable {
  /// What was done.
  public var collective: Collective
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
  /// What will come.
  case notYet(kind: String)
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
    case .notYet(let kind):
      return "\(kind) is not simulated by this verb yet; all-to-all moves equal bytes between the "
        + "same pairs"
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
    guard let kind = CollectiveKind(rawValue: kind) else {
      throw CollectiveChoiceError.notYet(kind: kind)
    }
    let all = (0..<gpus).map { $0 * stride }
    let collective = Collective(
      kind, among: kind == .send ? [all[0], all[gpus - 1]] : all,
      bytes: Bytes(try bytes.map(Self.size) ?? 0),
      algorithm: algorithm.flatMap(CollectiveAlgorithm.init))
    let graph = LinkGraph(cluster)
    do throws(CollectiveError) {
      return CollectiveAnswer(
        collective: collective, cluster: cluster, graph: graph,
        time: try collective.time(on: graph, expanded: isExpanded), isExpanded: isExpanded)
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
    guard nodes == 1 || nodes * node.gpus <= fabric.maximumGPUs else {
      throw CollectiveChoiceError.tooManyGPUs(
        gpus: gpus, stride: stride, needs: needed,
        most: max(fabric.maximumGPUs / node.gpus, 1) * node.gpus, fabric: fabric.rawValue,
        larger: Topology.allCases.first { $0.maximumGPUs >= nodes * node.gpus }?.rawValue)
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
