import Fabric
import Hardware
import Quantities
public import Scenarios

/// How long a collective takes and what it loads, for the `collective` verb.
public struct CollectiveReport {
  private let answer: CollectiveAnswer

  /// A report on an answer.
  public init(_ answer: CollectiveAnswer) { self.answer = answer }

  private var time: CollectiveTime { answer.time }

  /// As nccl-tests report it: size over time. As DeepEP's tests do: a GPU's logical bytes over
  /// time.
  private var algorithmBandwidth: Bandwidth {
    switch answer.subject {
    case .collective(let collective): time.algorithmBandwidth(collective.bytes)
    case .exchange(let exchange, _, _): exchange.logicalBandwidth(seconds: time.time.seconds)
    }
  }

  /// Of a collective as nccl-tests define it; of a dispatch or combine what the busiest NIC or, in
  /// one node, NVLink port carries.
  private var busBandwidth: Bandwidth {
    switch answer.subject {
    case .collective(let collective):
      return algorithmBandwidth * collective.kind.busFactor(collective.members.count)
    case .exchange:
      let kinds: [LinkKind] = [.nicOut, .nicIn]
      let onNICs = time.loads.filter { kinds.contains($0.kind) }.map(\.bytes).max()
      let bytes = onNICs ?? time.loads.map(\.bytes).max() ?? .zero
      return time.algorithmBandwidth(bytes)
    }
  }

  /// As scripts read it.
  public var json: JSONValue {
    .object([
      ("time_s", .seconds(time.time)),
      ("algorithm_bandwidth_bytes_per_s", .number(algorithmBandwidth.value)),
      ("bus_bandwidth_bytes_per_s", .number(busBandwidth.value)),
      ("bottleneck", .text(name(of: time.bottleneck))),
      ("flows", .integer(time.flows)),
      ("links", .list(time.loads.map(json))),
      ("algorithm", time.algorithm.map { .text($0.rawValue) } ?? .null),
      ("latency_s", .seconds(time.latency)),
      ("lower_bound_s", .seconds(time.lowerBound)),
    ])
  }

  private func json(_ load: KindLoad) -> JSONValue {
    .object([
      ("kind", .text(load.kind.rawValue)),
      ("bytes", .number(load.bytes.value)),
      ("busy_ratio", .number(load.busyRatio)),
      ("total_bytes", .number(load.total.value)),
      ("rate_bytes_per_s", .number(load.rate.value)),
    ])
  }

  /// Kind and owner of a link, such as `nic_out of GPU 0`; of a list its ends.
  private func name(of load: KindLoad) -> String {
    guard answer.cluster.links == nil else { return answer.graph.name(of: load.link) }
    let link = answer.graph.links[load.link]
    let owner: String
    switch link.kind.rawValue.prefix(while: { $0 != "_" }) {
    case "nvlink": owner = "GPU"
    case "nic": owner = answer.cluster.node.nics == answer.cluster.node.gpus ? "GPU" : "NIC"
    case "leaf": owner = "leaf"
    default: owner = "pod"
    }
    return "\(link.kind.rawValue) of \(owner) \(link.owner)"
  }
}

extension CollectiveReport {
  /// As lines and a table for people.
  public var text: String {
    let rows = [
      ("time", milliseconds(time.time)),
      ("of it latency", milliseconds(time.latency)),
      ("bytes over bandwidth allow", milliseconds(time.lowerBound)),
      ("algorithm bandwidth", gigabytes(algorithmBandwidth) + "/s"),
      ("bus bandwidth", gigabytes(busBandwidth) + "/s"),
    ]
    let left = rows.map(\.0.count).max() ?? 0
    let right = rows.map(\.1.count).max() ?? 0
    let lines = rows.map { name, value in
      "  \(DisplayText.left(name, left))  \(DisplayText.right(value, right))\n"
    }
    return head + "\n" + lines.joined() + "\n" + table + "\n" + foot + "\n"
  }

  private var head: String {
    let cluster = answer.cluster
    let network = cluster.links.map { "links of \($0.name)" } ?? cluster.topology.rawValue
    let place = "of \(cluster.node.name), \(network)"
    guard case .collective(let collective) = answer.subject else { return exchangeHead(place) }
    let size = DisplayText.number(collective.bytes.value, decimals: 0)
    let way = time.algorithm.map { ", by \($0.rawValue)" } ?? ""
    let group =
      collective.kind == .send
      ? "from GPU \(collective.members[0]) to GPU \(collective.members[1])"
      : "among \(DisplayText.number(collective.members.count)) GPUs"
    return "\(collective.kind.rawValue) of \(size) bytes \(group) \(place)\(way)\n"
  }

  private func exchangeHead(_ place: String) -> String {
    guard case .exchange(let exchange, let gpus, let tokens) = answer.subject else { return "" }
    let kind = exchange.kind == .combine ? "combine" : "dispatch"
    return "\(kind) of \(DisplayText.number(tokens)) tokens a GPU among "
      + "\(DisplayText.number(gpus)) GPUs \(place), balanced routing\n"
  }

  private var table: String {
    let titles = ["links", "GB/s", "busiest, bytes", "busy", "all, bytes"]
    let rows = time.loads.map { load in
      [
        load.kind.rawValue, DisplayText.number(load.rate.value / 1e9, decimals: 1),
        DisplayText.number(load.bytes.value, decimals: 0), DisplayText.percent(load.busyRatio),
        DisplayText.number(load.total.value, decimals: 0),
      ]
    }
    return DisplayText.table(titles, rows)
  }

  private var foot: String {
    let flows = DisplayText.number(time.flows) + (time.flows == 1 ? " flow" : " flows")
    var text = "The busiest link is \(name(of: time.bottleneck)). Simulated: \(flows)"
    text +=
      answer.isExpanded ? ". " : ", each for all that are like it; --expand simulates every one. "
    guard case .collective(let collective) = answer.subject else {
      return DisplayText.wrapped(text + Self.exchangeSentence, indent: "") + "\n"
    }
    if collective.algorithm == nil, collective.kind.candidates.count > 1 {
      let names = collective.kind.candidates.map(\.rawValue).joined(separator: ", ")
      text += "The algorithm is the fastest of \(names) at this size. "
    }
    if time.algorithm == .inSwitch {
      text +=
        "in-switch assumes NVLink and network switches that sum, as those of Hopper and "
        + "Blackwell nodes do (NVLink SHARP, InfiniBand SHARP). "
    }
    return DisplayText.wrapped(text + sizeSentence(collective), indent: "") + "\n"
  }

  /// How a dispatch or combine is done and counted.
  private static let exchangeSentence =
    "As DeepEP's normal kernels do it: a token crosses the NIC once for each node and is forwarded "
    + "over NVLink; dispatch in FP8 with scales, combine in BF16; with a known layout, 24 "
    + "multiprocessors. Algorithm bandwidth is DeepEP's logical one, a row for each node a token "
    + "visits, its own included (in one node, for each GPU); bus bandwidth is what the busiest NIC "
    + "carries (in one node, NVLink port). `fathom catalog transfers` has the measurements."

  /// What the size means.
  private func sizeSentence(_ collective: Collective) -> String {
    let part = DisplayText.number(
      collective.bytes.value / Double(collective.members.count), decimals: 0)
    switch collective.kind {
    case .allReduce: return "Size, as in nccl-tests: every GPU's buffer."
    case .allGather:
      return "Size, as in nccl-tests: the gathered buffer; each GPU gives \(part) bytes."
    case .reduceScatter:
      return "Size, as in nccl-tests: every GPU's buffer; each keeps \(part) bytes of the sum."
    case .broadcast: return "Size, as in nccl-tests: the buffer that every GPU gets."
    case .allToAll:
      return "Size, as in nccl-tests: a GPU's whole buffer; \(part) bytes go to each GPU."
    case .send: return "Size: the message."
    }
  }

  private func milliseconds(_ time: Time) -> String {
    DisplayText.number(time.seconds * 1e3, decimals: 6) + " ms"
  }

  private func gigabytes(_ rate: Bandwidth) -> String {
    DisplayText.number(rate.value / 1e9, decimals: 3) + " GB"
  }
}
