import Fabric
import Hardware

/// What in the cluster works below its rate.
extension ScenarioReader {
  /// Reads `cluster.faults` into the cluster; each is checked even where there is no cluster.
  mutating func readFaults() {
    let path = "cluster.faults"
    guard let items = keys.list(path, kind: .faults) else { return }
    let before = keys.problems.count
    var faults: [ClusterFault] = []
    var firstOf: [String: String] = [:]
    for index in items.indices {
      let path = "\(path).\(index + 1)"
      guard let (fault, thing) = fault(at: path) else { continue }
      if let first = firstOf[thing] {
        keys.report(.repeatedFault(key: path, thing: thing, first: first), at: path)
      } else {
        firstOf[thing] = path
        faults.append(fault)
      }
      // A list that goes wrong so often is no list of faults.
      if keys.problems.count > 100 { return }
    }
    guard var sound = cluster, keys.problems.count == before else { return }
    sound.faults = faults
    cluster = sound
    // Only slow GPUs may stand beside a list of links, whose ways are checked as it is read.
    if sound.links == nil, let found = LinkGraph(sound).disconnection() {
      let dead = faults.count { $0.isDead }
      keys.report(.disconnected(key: path, found, others: dead - 1), at: path)
    }
  }

  /// One fault with what it is of, in words; nil where it is reported.
  private mutating func fault(at path: String) -> (fault: ClusterFault, thing: String)? {
    let before = keys.problems.count
    keys.check([(path, ScenarioKeys.fault)])
    guard case .table? = keys.document.entry(path)?.value else {
      // An empty value passes the check of keys.
      if keys.problems.count == before {
        keys.report(.faultOfOne(key: path, found: []), at: path)
      }
      return nil
    }
    let things = ["gpu", "nvlink", "nic", "leaf"].filter { keys.has("\(path).\($0)") }
    guard things.count == 1, let thing = things.first else {
      if !things.isEmpty || keys.problems.count == before {
        keys.report(.faultOfOne(key: path, found: things), at: path)
      }
      return nil
    }
    let takes = thing == "gpu" ? "speed" : "share"
    let other = thing == "gpu" ? "share" : "speed"
    if keys.has("\(path).\(other)") {
      keys.report(
        .faultOption(key: "\(path).\(other)", thing: "a \(thing)", takes: takes),
        at: "\(path).\(other)")
    } else if keys.problems.count == before {
      // A key that is misspelt is named as such, and not as missing too.
      keys.require("\(path).\(takes)", example: "\(takes): 0.5")
    }
    if thing != "gpu", cluster?.links != nil {
      keys.report(.besidesLinks(key: "\(path).\(thing)"), at: "\(path).\(thing)")
      return nil
    }
    let index = keys.whole("\(path).\(thing)", in: 0...last(thing, at: path), default: nil)
    // Below a thousandth a step would take months: a slip.
    let share = keys.number("\(path).\(takes)", in: 0.001...1, orZero: thing != "gpu")
    guard keys.problems.count == before, let index, let share else { return nil }
    guard share < 1 else {
      keys.report(.soundFault(key: "\(path).\(takes)"), at: "\(path).\(takes)")
      return nil
    }
    switch thing {
    case "gpu": return (.slowGPU(gpu: index, speed: share), "gpu \(index)")
    case "nvlink": return (.nvlink(gpu: index, share: share), "nvlink \(index)")
    case "nic": return (.nic(nic: index, share: share), "nic \(index)")
    default: return (.uplinks(leaf: index, share: share), "leaf \(index)")
    }
  }

  /// The last index of a kind of thing in the cluster; a leaf of a network without up-links, and a
  /// NIC of a lone node, are reported.
  private mutating func last(_ thing: String, at path: String) -> Int {
    guard let cluster else { return KeyReader.gpuCounts.upperBound - 1 }
    let layout = FabricLayout(cluster)
    switch thing {
    case "nic":
      if cluster.nodes == 1 {
        keys.report(
          .idleNIC(key: "\(path).nic", value: keys.quoted("\(path).nic")), at: "\(path).nic")
        return KeyReader.gpuCounts.upperBound - 1
      }
      return layout.endpointLinks - 1
    case "leaf":
      if !layout.hasSpine {
        keys.report(
          .noUplinks(
            key: "\(path).leaf", value: keys.quoted("\(path).leaf"),
            fabric: cluster.topology.rawValue), at: "\(path).leaf")
        return KeyReader.gpuCounts.upperBound - 1
      }
      return layout.leaves - 1
    default: return cluster.gpus - 1
    }
  }
}

extension ClusterFault {
  /// Whether nothing goes through it any more.
  fileprivate var isDead: Bool {
    switch self {
    case .slowGPU: false
    case .nvlink(_, let share), .nic(_, let share), .uplinks(_, let share): share == 0
    }
  }
}
