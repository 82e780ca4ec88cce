import Hardware
import Quantities
import Testing

@Suite struct CatalogueTests {
  @Test func nodesAreTheOnesScenariosMayName() {
    #expect(
      HardwareCatalogue.nodes.map(\.name)
        == ["h800", "h100", "h200", "h20", "a100", "b200", "gb200-nvl72", "mi300x"])
    #expect(HardwareCatalogue.node(named: "H800") == nil)
  }

  @Test func everyNumberHasASource() {
    for node in HardwareCatalogue.nodes {
      #expect(!node.gpu.bf16Peak.source.isEmpty && !node.gpu.memory.source.isEmpty)
      for rate in [node.nvlink, node.nic] {
        #expect(!rate.peak.source.isEmpty && !rate.achieved.source.isEmpty)
        #expect(rate.achieved.value < rate.peak.value, "payload stays below the wire rate")
      }
    }
  }

  /// NVLink: 200 GB/s one direction, of which 7/8 of DeepEP's 153 and 158 GB/s cross the wire, and
  /// more while bytes move; NIC: 400 Gbit/s, of which 58 x 3/4 = 43.5, 57 x 3/4 = 42.75,
  /// 51 x 7/8 = 44.6 and 50 x 7/8 = 43.75 arrive.
  @Test func h800PortsAreThePublishedOnes() throws {
    let node = try #require(HardwareCatalogue.node(named: "h800"))
    #expect(node.nvlink.peak.value == Bandwidth(200e9))
    let wire = (153.0 + 158) / 2 * 7 / 8
    #expect(abs(node.nvlink.achieved.value.value / 1e9 / wire - 1) < 0.03)
    let mean = (43.5 + 42.75 + 44.625 + 43.75) / 4
    #expect(abs(node.nic.achieved.value.value / 1e9 / mean - 1) < 0.01)
  }

  @Test func anotherPeakKeepsTheAchievedShare() throws {
    let nic = try #require(HardwareCatalogue.node(named: "h100")).nic
    let doubled = nic.scaled(toPeak: Bandwidth(100e9), source: "test")
    #expect(abs(doubled.achieved.value / nic.achieved.value - 2) < 1e-12)
    #expect(doubled.peak.value == Bandwidth(100e9))
  }

  @Test func fp8FallsBackToBF16WhereThereIsNone() throws {
    let a100 = try #require(HardwareCatalogue.node(named: "a100")).gpu
    #expect(a100.peak(.fp8) == a100.peak(.bf16))
    let h100 = try #require(HardwareCatalogue.node(named: "h100")).gpu
    #expect(h100.peak(.fp8) == FLOPRate(1979e12))
  }
}
