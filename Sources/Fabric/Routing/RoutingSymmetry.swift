/// Which experts, ranks and nodes a gate cannot tell apart.
///
/// Experts stand in ranks, ranks in nodes and groups (or groups in nodes): a tree. Two places are
/// alike where the popularities below them are, and those of every place above them. What is alike
/// has the same law, so the mean over all of it is a better estimate than each one's own sample.
struct RoutingSymmetry {
  private var expertClass: [Int] = []
  private var rankClass: [Int] = []
  private var nodeClass: [Int] = []

  /// The classes under a gate; everything is a class of its own where its groups cut through ranks
  /// or nodes.
  init(_ gate: ExpertGate, popularity: [Double]) {
    let experts = popularity.count
    let ranks = max(1, min(gate.ranks, experts))
    let nodes = max(1, min(gate.nodes, ranks))
    var counts = [experts, ranks, nodes]
    if gate.isLimited { counts.append(gate.groups) }
    let levels = counts.sorted(by: >)
    guard zip(levels, levels.dropFirst()).allSatisfy({ $0.isMultiple(of: $1) }) else {
      expertClass = Array(0..<experts)
      rankClass = Array(0..<ranks)
      nodeClass = Array(0..<nodes)
      return
    }
    let classes = Self.classes(levels, popularity: popularity)
    for (count, members) in zip(levels, classes) {
      if count == experts { expertClass = members }
      if count == ranks { rankClass = members }
      if count == nodes { nodeClass = members }
    }
  }

  /// The loads, each at the mean of its class.
  func averaged(_ loads: RoutingLoads) -> RoutingLoads {
    RoutingLoads(
      nodeVisits: Self.mean(loads.nodeVisits, nodeClass),
      rankVisits: Self.mean(loads.rankVisits, rankClass),
      rankRows: Self.mean(loads.rankRows, rankClass),
      expertRows: Self.mean(loads.expertRows, expertClass))
  }

  /// The classes where experts are placed, visits of ranks and nodes alone being averaged: ranks are
  /// alike that hold alike experts of as many groups in as many replicas, nodes that hold alike
  /// ranks.
  func placed(by placement: ExpertPlacement, _ gate: ExpertGate) -> RoutingSymmetry {
    guard placement.replicas.count == expertClass.count else { return self }
    let ranks = rankClass.count
    let nodes = nodeClass.count
    let groups = gate.isLimited ? gate.groups : 1
    var known: [[Int]: Int] = [:]
    func id(_ key: [Int]) -> Int {
      if let id = known[key] { return id }
      known[key] = known.count
      return known.count - 1
    }
    var held = [[[Int]]](repeating: [[Int]](repeating: [], count: groups), count: ranks)
    for (slot, expert) in placement.slots.enumerated() {
      let group = expert * groups / expertClass.count
      held[slot * ranks / placement.slots.count][group].append(
        id([0, expertClass[expert], placement.replicas[expert].count]))
    }
    let keys = held.map { groups in
      id([1] + groups.filter { !$0.isEmpty }.map { id([2] + $0.sorted()) }.sorted())
    }
    var ranksOfNode = [[Int]](repeating: [], count: nodes)
    for rank in 0..<ranks { ranksOfNode[rank * nodes / ranks].append(keys[rank]) }
    var other = self
    let ofNodes = ranksOfNode.map { id([3] + $0.sorted()) }
    other.nodeClass = ofNodes
    other.rankClass = (0..<ranks).map { id([4, keys[$0], ofNodes[$0 * nodes / ranks]]) }
    return other
  }

  /// The loads, visits of ranks and nodes at the mean of their class, rows as they are.
  func averagedVisits(_ loads: RoutingLoads) -> RoutingLoads {
    var result = loads
    result.nodeVisits = Self.mean(loads.nodeVisits, nodeClass)
    result.rankVisits = Self.mean(loads.rankVisits, rankClass)
    return result
  }

  /// Classes of each level's parts, the finest level first.
  private static func classes(_ levels: [Int], popularity: [Double]) -> [[Int]] {
    // Upwards: a part's key is the sorted keys of what it holds.
    var known: [[UInt64]: Int] = [:]
    func id(_ key: [UInt64]) -> Int {
      if let id = known[key] { return id }
      known[key] = known.count
      return known.count - 1
    }
    var keys = [popularity.map { id([$0.bitPattern]) }]
    for (finer, count) in zip(levels, levels.dropFirst()) {
      let size = finer / count
      let below = keys[keys.count - 1]
      keys.append(
        (0..<count).map { part in
          let held = below[part * size..<(part + 1) * size].sorted()
          return id([UInt64(keys.count)] + held.map { UInt64($0) })
        })
    }
    // Downwards: a part's class is its key within the class of what holds it.
    known = [:]
    var result = keys
    for level in levels.indices.reversed() {
      for part in 0..<levels[level] {
        let holder =
          level + 1 < levels.count
          ? result[level + 1][part * levels[level + 1] / levels[level]] : 0
        result[level][part] = id([UInt64(level), UInt64(keys[level][part]), UInt64(holder)])
      }
    }
    return result
  }

  private static func mean(_ values: [Double], _ classes: [Int]) -> [Double] {
    guard let last = classes.max(), classes.count == values.count else { return values }
    var sum = [Double](repeating: 0, count: last + 1)
    var count = sum
    for (value, one) in zip(values, classes) {
      sum[one] += value
      count[one] += 1
    }
    return classes.map { sum[$0] / count[$0] }
  }
}
