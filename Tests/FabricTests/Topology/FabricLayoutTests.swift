import Fabric
import Hardware
import Testing

/// Switches and cables, against arXiv 2505.09343 and by hand.
@Suite struct FabricLayoutTests {
  /// The paper's Table 3: endpoints, switches and links between switches of three networks.
  @Test(arguments: [
    (Topology.fatTree, 2_048, 96, 2_048), (.multiPlaneFatTree, 16_384, 768, 16_384),
    (.fatTree3, 65_536, 5_120, 131_072), (.multiRailFatTree, 65_536, 5_120, 131_072),
  ])
  func countsOfTable3(topology: Topology, endpoints: Int, switches: Int, links: Int) {
    let layout = FabricLayout.largest(topology)
    #expect(layout.endpointLinks == endpoints)
    #expect(layout.switches == switches)
    #expect(layout.interSwitchLinks == links)
  }

  /// Networks of fewer nodes, by hand.
  @Test(arguments: [
    // 8 nodes, 64 NICs: 2 leaves, whose 64 up-links fill one spine.
    (Topology.fatTree, 8, 8, 8, 3, 64, 2),
    // Half a leaf: no spine.
    (.fatTree, 2, 8, 8, 1, 0, 1),
    // 256 nodes on rails: 8 x 8 leaves, 32 spines; one node more needs 8 leaves more and a core:
    // pods of 32, 32 and 8 leaves with as many spines, 72 x 32 / 64 cores.
    (.multiRailFatTree, 256, 8, 8, 96, 2_048, 2),
    (.multiRailFatTree, 257, 8, 8, 72 + 72 + 36, 2 * 72 * 32, 3),
    // 256 nodes in planes: 8 leaves and 4 spines in each of 8.
    (.multiPlaneFatTree, 256, 8, 8, 8 * 12, 8 * 8 * 32, 2),
    // 4 NICs a node: 4 planes.
    (.multiPlaneFatTree, 256, 8, 4, 4 * 12, 4 * 8 * 32, 2),
    // 16 NICs for 8 GPUs: 16 planes, two of them side by side for each GPU.
    (.multiPlaneFatTree, 256, 8, 16, 16 * 12, 16 * 8 * 32, 2),
    (.multiPlaneFatTree, 32, 8, 8, 8, 0, 1),
    // 1,024 NICs are one pod: two layers do; 1,032 take a second pod of one leaf.
    (.fatTree3, 128, 8, 8, 48, 1_024, 2),
    (.fatTree3, 129, 8, 8, 33 + 33 + 17, 2 * 33 * 32, 3),
    (.singleSwitch, 8, 8, 8, 1, 0, 1),
  ])
  func countsByHand(
    topology: Topology, nodes: Int, gpus: Int, nics: Int, switches: Int, links: Int, layers: Int
  ) {
    let layout = FabricLayout(topology, nodes: nodes, gpus: gpus, nics: nics)
    #expect(layout.switches == switches)
    #expect(layout.interSwitchLinks == links)
    #expect(layout.endpointLinks == nodes * nics)
    #expect(layout.layers == layers)
  }

  /// With twice as many down-links as up-links, half of the cables and of the spines go.
  @Test func oversubscriptionSavesSpines() {
    let layout = FabricLayout(.fatTree, nodes: 256, gpus: 8, nics: 8, oversubscription: 2)
    #expect(layout.switches == 64 + 16)
    #expect(layout.interSwitchLinks == 1_024)
  }

  /// Every port's first GPU sends through it, and every NIC is of one port.
  @Test(arguments: [(8, 8), (8, 4), (8, 2), (8, 1), (8, 16), (4, 12), (72, 72), (6, 4)])
  func portsGPUsAndNICsAgree(gpus: Int, nics: Int) {
    let layout = FabricLayout(.fatTree, nodes: 3, gpus: gpus, nics: nics)
    for port in 0..<layout.ports {
      #expect(layout.port(ofGPU: layout.firstGPU(ofPort: port)) == port)
      #expect(layout.port(ofNIC: layout.firstNIC(ofPort: port)) == port)
      let first = layout.firstGPU(ofPort: port)
      #expect(first == 0 || layout.port(ofGPU: first - 1) == port - 1)
    }
    #expect((0..<3 * gpus).allSatisfy { layout.port(ofGPU: $0) < layout.ports })
  }

  /// What a topology joins at most needs no more ports than its switches have.
  @Test(arguments: Topology.allCases, [1, 2, 4, 8, 16, 72])
  func theLargestClusterFits(topology: Topology, nics: Int) {
    let nodes = topology.maximumNodes(nics: nics)
    guard nodes > 0 else { return }
    let layout = FabricLayout(topology, nodes: nodes, gpus: nics, nics: nics)
    if layout.layers == 2 { #expect(layout.leaves / layout.planes <= 64) }
    #expect(layout.pods <= 64)
    let ports = stride(from: layout.ports - 1, to: 0, by: -97)
    #expect(ports.allSatisfy { layout.leaf(ofPort: $0) < layout.leaves })
  }
}
