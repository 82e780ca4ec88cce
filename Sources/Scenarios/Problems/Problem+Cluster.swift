import Fabric

/// The sentences of what is wrong with a cluster's network.
extension Fault {
  var clusterSentence: String? {
    switch self {
    case .numberOutOfRange(let key, let value, let range, let takesZero):
      "\(key) is \(value): it must be \(takesZero ? "0 or " : "")from "
        + "\(significant(range.lowerBound)) to \(significant(range.upperBound)); "
        + "use \(nearest(value, range))"
    case .unevenNICs(let key, let value, let gpus, let nearest):
      "\(key) is \(value): it must divide the \(gpus) GPUs of a node, or be a multiple of them up "
        + "to 32 for each; use \(either(nearest))"
    case .noUplinks(let key, let value, let fabric):
      "\(key) is \(value): the leaves of this \(fabric) have no up-links, so it would do nothing; "
        + "remove it"
    case .noLinkFile(let key, let value):
      "\(key) is \(value): there is no such file in the scenario's folder or the current one; "
        + "correct the path"
    case .besidesLinks(let key):
      "\(key) describes the network that cluster.links lists, so it would do nothing; remove one "
        + "of the two keys"
    case .linkList(let fault): fault.description
    case .faultOfOne(let key, let found):
      "\(key) has \(found.isEmpty ? "none" : found.joined(separator: " and ")) out of gpu, nvlink, "
        + "nic and leaf: a fault is of just one thing; write {gpu: 17, speed: 0.9} or "
        + "{nic: 12, share: 0.5}"
    case .faultOption(let key, let thing, let takes):
      "\(key) is not of \(thing), so it would do nothing; write \(takes) in its place"
    case .repeatedFault(let key, let thing, let first):
      "\(key) is a second fault of \(thing), after \(first): each thing stands once; remove one of "
        + "them"
    case .soundFault(let key):
      "\(key) is 1: a fault takes less, so it would do nothing; give a "
        + "\(key.hasSuffix("speed") ? "speed" : "share") below 1 or remove the fault"
    case .idleNIC(let key, let value):
      "\(key) is \(value): a cluster of one node uses no NICs, so it would do nothing; remove it"
    case .idleTraffic(let key, let value, let needs):
      "\(key) is \(value): this plan has no such traffic, so it would do nothing; remove it or "
        + "give \(needs)"
    case .disconnected(let key, let disconnection, let others):
      "\(key) cuts the cluster in two: \(disconnection.description)"
        + (others > 0
          ? "; \(others) more of the faults \(others == 1 ? "has" : "have") share 0" : "")
    default: nil
    }
  }

  /// The end of the range that a number beyond it is closer to.
  private func nearest(_ value: String, _ range: ClosedRange<Double>) -> String {
    let number = Double(value.filter { $0 != "_" }) ?? range.lowerBound
    return significant(number > range.upperBound ? range.upperBound : range.lowerBound)
  }
}
