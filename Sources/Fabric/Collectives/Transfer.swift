public import Hardware
public import Quantities

/// The ports of a GPU, each a link of its own in one direction.
public enum Port: Int, Sendable, CaseIterable {
  /// From the GPU to its node's NVLink switch.
  case nvlinkOut
  /// From the switch to the GPU.
  case nvlinkIn
  /// From the GPU's NIC to the network.
  case nicOut
  /// From the network to the NIC.
  case nicIn

  /// Payload rate of the port on `node`: of NICs, a GPU's part of those of its node.
  public func rate(of node: Node) -> Bandwidth {
    switch self {
    case .nvlinkOut, .nvlinkIn: node.nvlink.achieved.value
    case .nicOut, .nicIn: node.nic.achieved.value * (Double(node.nics) / Double(node.gpus))
    }
  }
}

/// A port a transfer loads, and by how many bytes for each byte of its payload.
public struct PortUse: Sendable, Equatable {
  /// The port.
  public var port: Port
  /// Bytes on the port for each byte of payload.
  public var share = 1.0
  /// Time a byte holds the port, over that of a byte sent directly; above 1 where a kernel relays.
  public var cost = 1.0

  /// What the port is loaded with for each byte of payload, as bytes sent directly.
  public var load: Double { share * cost }
}

/// One fluid part of a transfer.
public struct TransferFlow: Sendable, Equatable {
  /// Payload on the part's first port.
  public var bytes: Bytes
  /// What it loads.
  public var uses: [PortUse]
}

/// What one GPU moves in a communication operation, as seen from its own ports.
///
/// Where all members of a group send and receive alike, the ports of one of them stand for all:
/// what a GPU receives from the others is what it sends to them.
public struct Transfer: Sendable, Equatable {
  /// Time before the first byte moves.
  public var latency: Time
  /// Parts that move at the same time; none where there is nothing to move.
  public var flows: [TransferFlow]

  /// Whether nothing moves and no time passes.
  public var isEmpty: Bool { flows.isEmpty && latency == .zero }

  /// A transfer of nothing.
  public static let none = Transfer(latency: .zero, flows: [])

  /// Payload that leaves the GPU through `port`.
  public func bytes(through port: Port) -> Bytes {
    var sum = Bytes.zero
    for flow in flows {
      for use in flow.uses where use.port == port { sum += flow.bytes * use.share }
    }
    return sum
  }

  /// Seconds the transfer takes with no other traffic; the ports' rates bound it from below.
  public func seconds(alone node: Node) -> Double {
    let slowest = Port.allCases.map { port in
      flows.reduce(0) { sum, flow in
        flow.uses.reduce(sum) {
          $1.port == port ? $0 + flow.bytes * $1.load / port.rate(of: node) : $0
        }
      }
    }
    return latency.seconds + (slowest.max() ?? 0)
  }
}
