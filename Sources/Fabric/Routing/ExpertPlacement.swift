/// Which slot of which GPU holds which expert, popular ones in several.
///
/// By EPLB's published algorithm (deepseek-ai/EPLB): groups of experts are packed onto nodes,
/// within each node the expert with the most load for a replica gets another until the slots are
/// full, and replicas are packed onto GPUs; packing puts the largest next to the lightest with
/// room. Where groups do not divide among nodes, all is one group on one node.
///
///     let placement = try ExpertPlacement(
///       loads: [90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86], slots: 16, groups: 4,
///       nodes: 2, gpus: 8)
///     placement.slots     // [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1]
public struct ExpertPlacement: Sendable, Equatable {
  /// The expert of each slot; a GPU's slots are neighbours.
  public let slots: [Int]
  /// The slots of each expert.
  public let replicas: [[Int]]

  /// Places experts by their loads.
  ///
  /// - Throws: `RoutingError` where experts, slots, nodes and GPUs do not fit together.
  public init(
    loads: [Double], slots: Int, groups: Int, nodes: Int, gpus: Int
  ) throws(RoutingError) {
    let experts = loads.count
    guard experts > 0, slots >= experts, gpus > 0 else {
      throw .tooFewSlots(slots: slots, experts: experts)
    }
    guard slots.isMultiple(of: gpus) else { throw .unevenSlots(slots: slots, gpus: gpus) }
    guard groups > 0, nodes > 0, experts.isMultiple(of: groups), gpus.isMultiple(of: nodes) else {
      throw .unevenExperts(experts: experts, groups: groups, nodes: nodes, gpus: gpus)
    }
    let isHierarchical = groups.isMultiple(of: nodes)
    self.init(
      packing: loads, slots: slots, groups: isHierarchical ? groups : 1,
      nodes: isHierarchical ? nodes : 1, gpus: gpus)
  }

  private init(packing loads: [Double], slots: Int, groups: Int, nodes: Int, gpus: Int) {
    let experts = loads.count
    let groupSize = experts / groups
    let groupLoads = (0..<groups).map { group in
      loads[group * groupSize..<(group + 1) * groupSize].reduce(0, +)
    }
    var placed: [Int] = []
    for groupsOfNode in Self.packed(groupLoads, into: nodes) {
      let members = groupsOfNode.flatMap { group in
        group * groupSize..<(group + 1) * groupSize
      }
      var holder = Array(members.indices)
      var copies = [Int](repeating: 1, count: members.count)
      for _ in members.count..<slots / nodes {
        let heaviest = members.indices.max { a, b in
          let (loadA, loadB) = (
            loads[members[a]] / Double(copies[a]), loads[members[b]] / Double(copies[b])
          )
          return loadA == loadB ? a > b : loadA < loadB
        }
        holder.append(heaviest ?? 0)
        copies[heaviest ?? 0] += 1
      }
      let perSlot = holder.map { loads[members[$0]] / Double(copies[$0]) }
      for gpu in Self.packed(perSlot, into: gpus / nodes) {
        placed += gpu.map { members[holder[$0]] }
      }
    }
    self.slots = placed
    var replicas = [[Int]](repeating: [], count: experts)
    for (slot, expert) in placed.enumerated() { replicas[expert].append(slot) }
    self.replicas = replicas
  }

  /// Items in each bin, equally many: from the heaviest on, each goes to the lightest bin that
  /// still has room.
  private static func packed(_ loads: [Double], into bins: Int) -> [[Int]] {
    let room = loads.count / bins
    guard room > 1 else { return loads.indices.map { [$0] } }
    let order = loads.indices.sorted { a, b in
      loads[a] == loads[b] ? a < b : loads[a] > loads[b]
    }
    var content = [[Int]](repeating: [], count: bins)
    var weight = [Double](repeating: 0, count: bins)
    for item in order {
      var lightest = -1
      for bin in 0..<bins
      where content[bin].count < room && (lightest < 0 || weight[bin] < weight[lightest]) {
        lightest = bin
      }
      content[lightest].append(item)
      weight[lightest] += loads[item]
    }
    return content
  }
}
