import Fabric
import Testing

@Suite struct ExpertPlacementTests {
  /// The worked example of deepseek-ai/EPLB's README: 2 layers of 12 experts in 4 groups, 16 slots on
  /// 2 nodes with 8 GPUs.
  @Test(arguments: [
    (
      [90.0, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86],
      [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1]
    ),
    (
      [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27],
      [7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1]
    ),
  ])
  func theWorkedExample(loads: [Double], slots: [Int]) throws {
    let placement = try ExpertPlacement(loads: loads, slots: 16, groups: 4, nodes: 2, gpus: 8)
    #expect(placement.slots == slots)
    #expect(placement.replicas[5] == slots.indices.filter { slots[$0] == 5 })
  }

  /// Groups that do not divide among nodes: one group on one node. 3 experts of loads 6, 3, 1 in 4
  /// slots on 2 GPUs: expert 0 twice (3 each); of 3, 3, 3, 1 the first and, at equal weights, the third
  /// go to GPU 0, which are both replicas of expert 0.
  @Test func globalPlacement() throws {
    let placement = try ExpertPlacement(
      loads: [6, 3, 1], slots: 4, groups: 1, nodes: 2, gpus: 2)
    #expect(placement.slots == [0, 0, 1, 2])
    #expect(placement.replicas == [[0, 1], [2], [3]])
  }

  @Test(arguments: [0, 32, 64])
  func everyExpertIsPlacedAndLoadsLevel(redundant: Int) throws {
    let gate = ExpertGate(
      experts: 64, perToken: 6, ranks: 16, nodes: 2, groups: 8, groupsPerToken: 4)
    let law = RoutingLaw(gate, .zipf(0.8), layer: 0, seed: 1)
    let placement = try ExpertPlacement(
      loads: law.loads.expertRows, slots: 64 + redundant, groups: 8, nodes: 2, gpus: 16)
    #expect(placement.replicas.allSatisfy { !$0.isEmpty })
    #expect(placement.slots.count == 64 + redundant)
    let placed = law.placed(by: placement).loads
    #expect(abs(placed.rankRows.reduce(0, +) - 6) < 1e-9)
    #expect(placed.imbalance < law.loads.imbalance)
    if redundant > 0 { #expect(placed.imbalance < 1.35) }
  }

  @Test func mistakesHaveSentences() {
    func sentence(slots: Int, groups: Int = 4, nodes: Int = 2, gpus: Int = 8) -> String {
      do {
        _ = try ExpertPlacement(
          loads: [Double](repeating: 1, count: 12), slots: slots, groups: groups, nodes: nodes,
          gpus: gpus)
        return ""
      } catch { return "\(error)" }
    }
    #expect(sentence(slots: 8).contains("8 expert slots cannot hold 12 experts; use 12 or more"))
    #expect(sentence(slots: 17).contains("a multiple of the 8 GPUs; use 24"))
    #expect(sentence(slots: 16, gpus: 0).contains("cannot hold"))
    #expect(sentence(slots: 16, groups: 5).contains("experts must be a multiple of groups"))
    #expect(sentence(slots: 16, nodes: 3).contains("GPUs of nodes"))
    #expect(sentence(slots: 16) == "")
  }
}
