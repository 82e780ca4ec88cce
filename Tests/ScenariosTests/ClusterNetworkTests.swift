import Fabric
import Hardware
import Quantities
import Scenarios
import Testing

/// Keys of the network, and what is said of wrong ones after `--set ...: `; the base has 256 nodes
/// of 8 GPUs on rails.
private let networkCases: [(String, String)] = [
  (
    "cluster.network=ethernet",
    "cluster.network is ethernet: the networks are infiniband, roce; use one of them"
  ),
  (
    "cluster.oversubscription=0.5",
    "cluster.oversubscription is 0.5: it must be from 1 to 32; use 1"
  ),
  (
    "cluster.oversubscription=33", "cluster.oversubscription is 33: it must be from 1 to 32; use 32"
  ),
  (
    "cluster.oversubscription=nan",
    "cluster.oversubscription is nan: it must be a number in decimal digits; write it like 0.5, "
      + "without quotes or unit"
  ),
  (
    "cluster.nics_per_node=3",
    "cluster.nics_per_node is 3: it must divide the 8 GPUs of a node, or be a multiple of them up "
      + "to 32 for each; use 2 or 4"
  ),
  (
    "cluster.nics_per_node=12",
    "cluster.nics_per_node is 12: it must divide the 8 GPUs of a node, or be a multiple of them up "
      + "to 32 for each; use 8 or 16"
  ),
  (
    "cluster.nics_per_node=264",
    "cluster.nics_per_node is 264: it must divide the 8 GPUs of a node, or be a multiple of them "
      + "up to 32 for each; use 256"
  ),
  (
    "cluster.links=no.csv",
    "cluster.links is no.csv: there is no such file in the scenario's folder or the current one; "
      + "correct the path"
  ),
  (
    "cluster.faults=3",
    "cluster.faults is 3: it must be a list of tables; write it like [{nic: 12, share: 0.5}, "
      + "{gpu: 17, speed: 0.9}]"
  ),
  (
    "cluster.faults=[]",
    "cluster.faults is an empty list: it names what works below its rate; add some or remove the "
      + "key"
  ),
  (
    "cluster.faults=[3]",
    "cluster.faults.1 is 3: it must be a table of gpu, nvlink, nic, leaf, speed, share; write its "
      + "keys below it, indented"
  ),
  (
    "cluster.faults=[~]",
    "cluster.faults.1 has none out of gpu, nvlink, nic and leaf: a fault is of just one thing; "
      + "write {gpu: 17, speed: 0.9} or {nic: 12, share: 0.5}"
  ),
  (
    "cluster.faults=[{share: 0.5}]",
    "cluster.faults.1 has none out of gpu, nvlink, nic and leaf: a fault is of just one thing; "
      + "write {gpu: 17, speed: 0.9} or {nic: 12, share: 0.5}"
  ),
  (
    "cluster.faults=[{nic: 1, leaf: 1, share: 0.5}]",
    "cluster.faults.1 has nic and leaf out of gpu, nvlink, nic and leaf: a fault is of just one "
      + "thing; write {gpu: 17, speed: 0.9} or {nic: 12, share: 0.5}"
  ),
  (
    "cluster.faults=[{nics: 1, share: 0.5}]",
    "cluster.faults.1.nics is not a key: its table takes gpu, nvlink, nic, leaf, speed, share; did "
      + "you mean nic?"
  ),
  (
    "cluster.faults=[{nic: 1, speed: 0.5}]",
    "cluster.faults.1.speed is not of a nic, so it would do nothing; write share in its place"
  ),
  (
    "cluster.faults=[{gpu: 1, share: 0.5}]",
    "cluster.faults.1.share is not of a gpu, so it would do nothing; write speed in its place"
  ),
  (
    "cluster.faults=[{leaf: 1}]",
    "cluster.faults.1.share is missing: it has no default; add it, such as share: 0.5"
  ),
  (
    "cluster.faults=[{gpu: 2048, speed: 0.9}]",
    "cluster.faults.1.gpu is 2048: it must be from 0 to 2047; use 2047"
  ),
  (
    "cluster.faults=[{nic: -1, share: 0.9}]",
    "cluster.faults.1.nic is -1: it must be from 0 to 2047; use 0"
  ),
  (
    "cluster.faults=[{leaf: 64, share: 0.9}]",
    "cluster.faults.1.leaf is 64: it must be from 0 to 63; use 63"
  ),
  (
    "cluster.faults=[{gpu: 1, speed: 0}]",
    "cluster.faults.1.speed is 0: it must be from 0.001 to 1; use 0.001"
  ),
  (
    "cluster.faults=[{nvlink: 1, share: 1.5}]",
    "cluster.faults.1.share is 1.5: it must be 0 or from 0.001 to 1; use 1"
  ),
  (
    "cluster.faults=[{nic: 1, share: 50%}]",
    "cluster.faults.1.share is 50%: it must be a number in decimal digits; write it like 0.5, "
      + "without quotes or unit"
  ),
  (
    "cluster.faults=[{nic: 1, share: 0.5}, {nic: 1, share: 0.5}]",
    "cluster.faults.2 is a second fault of nic 1, after cluster.faults.1: each thing stands once; "
      + "remove one of them"
  ),
  (
    "cluster.faults=[{nic: 3, share: 0}]",
    "cluster.faults cuts the cluster in two: GPU 3 cannot reach GPU 8: NIC 3 is dead; give it a "
      + "share above 0, or a cluster without what it cuts off"
  ),
  (
    "cluster.faults=[{nic: 3, share: 0}, {nic: 4, share: 0}]",
    "cluster.faults cuts the cluster in two: GPU 3 cannot reach GPU 8: NIC 3 is dead; give it a "
      + "share above 0, or a cluster without what it cuts off; 1 more of the faults has share 0"
  ),
  (
    "cluster.faults=[{nic: 3, share: 1}]",
    "cluster.faults.1.share is 1: a fault takes less, so it would do nothing; give a share below 1 "
      + "or remove the fault"
  ),
  (
    "cluster.faults=[{gpu: 3, speed: 1.0}]",
    "cluster.faults.1.speed is 1: a fault takes less, so it would do nothing; give a speed below 1 "
      + "or remove the fault"
  ),
  (
    "training.traffic_priority=[]",
    "training.traffic_priority is an empty list: it names the traffic that goes first; add some "
      + "or remove the key"
  ),
]

@Test(arguments: networkCases)
func wrongNetwork(_ option: String, _ rest: String) {
  #expect(sentences(base(), set: [option]) == ["--set \(option): \(rest)"])
}

/// What keys of the network say of each other.
@Suite struct ClusterNetworkTests {
  /// On one switch there is nothing to oversubscribe and no up-link to fail.
  @Test func aSingleSwitchHasNoUplinks() {
    let small = [4: "cluster: {node: h800, nodes: 8, fabric: single-switch}"]
    let rest =
      ": the leaves of this single-switch have no up-links, so it would do nothing; remove it"
    let found = sentences(
      base(small), set: ["cluster.oversubscription=2", "cluster.faults=[{leaf: 0, share: 0.5}]"])
    #expect(found.contains { $0.hasSuffix(": cluster.oversubscription is 2" + rest) })
    let leaf = sentences(base(small), set: ["cluster.faults=[{leaf: 0, share: 0.5}]"])
    #expect(leaf.contains { $0.hasSuffix(": cluster.faults.1.leaf is 0" + rest) })
  }

  /// A misspelt key of a fault is one problem: it is not missing besides.
  @Test func aMisspeltShareIsNamedOnce() {
    let found = sentences(base(), set: ["cluster.faults=[{nic: 3, shar: 0.5}]"])
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.hasSuffix("did you mean share?") })
  }

  /// Four nodes hang on one leaf, which has no up-links; one node uses no NICs.
  @Test func whatTheClusterIsTooSmallForIsRefused() {
    let small = [4: "cluster: {node: h800, nodes: 4, fabric: fat-tree}"]
    #expect(
      sentences(base(small), set: ["cluster.oversubscription=2"]).contains {
        $0.hasSuffix(
          ": cluster.oversubscription is 2: the leaves of this fat-tree have no up-links, so it "
            + "would do nothing; remove it")
      })
    let single = [4: "cluster: {node: h800, nodes: 1}"]
    #expect(
      sentences(base(single), set: ["cluster.faults=[{nic: 0, share: 0.5}]"]).contains {
        $0.hasSuffix(
          ": cluster.faults.1.nic is 0: a cluster of one node uses no NICs, so it would do "
            + "nothing; remove it")
      })
  }

  /// Wrong faults are all told at once, each at its line.
  @Test func allFaultsAtOnce() {
    let text = base([
      4: "cluster:\n  node: h800\n  nodes: 256\n  faults:\n    - {nic: 9999, share: 0.5}\n"
        + "    - {gpu: 1, speed: 2}"
    ])
    #expect(
      sentences(text) == [
        "s.yaml:8: cluster.faults.1.nic is 9999: it must be from 0 to 2047; use 2047",
        "s.yaml:9: cluster.faults.2.speed is 2: it must be from 0.001 to 1; use 1",
      ])
  }

  /// What is read is what the cluster has, and what `explain` lists.
  @Test func theClusterHasWhatIsWritten() throws {
    let scenario = try load(
      base(),
      set: [
        "cluster.fabric=fat-tree", "cluster.oversubscription=2", "cluster.network=roce",
        "cluster.nics_per_node=4",
        "cluster.faults=[{gpu: 17, speed: 0.9}, {nic: 12, share: 0.5}, {nvlink: 5, share: 0.25}, "
          + "{leaf: 3, share: 0.75}]",
      ])
    let cluster = scenario.cluster
    #expect(cluster.oversubscription == 2 && cluster.network == .roce && cluster.node.nics == 4)
    #expect(
      cluster.faults == [
        .slowGPU(gpu: 17, speed: 0.9), .nic(nic: 12, share: 0.5), .nvlink(gpu: 5, share: 0.25),
        .uplinks(leaf: 3, share: 0.75),
      ])
    func value(_ path: String) -> String? { scenario.resolved.first { $0.path == path }?.value }
    #expect(value("cluster.network") == "roce")
    #expect(value("cluster.nics_per_node") == "4")
    #expect(value("cluster.oversubscription") == "2")
    #expect(value("cluster.fabric_latency") == "5.6 us")
    // 1,024 NICs: 32 leaves with 16 up-links each, 8 spines.
    #expect(value("cluster.switches") == "40")
    #expect(value("cluster.inter_switch_links") == "512")
    #expect(value("cluster.faults.1") == "{gpu: 17, speed: 0.9}")
    #expect(value("cluster.faults.4") == "{leaf: 3, share: 0.75}")
  }

  /// Half the NICs let a fat tree join twice the GPUs.
  @Test func sizeGoesByNICs() throws {
    #expect(
      sentences(base(), set: ["cluster.fabric=fat-tree", "cluster.nodes=512"]).first?.contains(
        "cluster.nodes is 512, 4096 GPUs in all: fat-tree joins at most 2048; use fabric "
          + "multi-plane-fat-tree or fewer nodes") == true)
    _ = try load(
      base(), set: ["cluster.fabric=fat-tree", "cluster.nodes=512", "cluster.nics_per_node=4"])
  }
}
