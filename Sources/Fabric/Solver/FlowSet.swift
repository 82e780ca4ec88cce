public import Quantities

/// Flows that are all known beforehand, each with its start, on links they share max-min fairly.
///
///     var set = FlowSet(capacities: [Bandwidth(1e9)])
///     set.add([0], bytes: Bytes(1e6), start: 0)
///     set.add([0], bytes: Bytes(2e6), start: 0)
///     set.solved().finish                              // [0.002, 0.003]
///
/// What a `FlowNetwork` finds event by event, in a form that fits four million flows in a third of
/// a gigabyte: paths in one array, and what leaves or enters at one instant is one solve. Flows
/// whose ends differ by rounding alone end at one instant.
public struct FlowSet: ~Copyable {
  let capacities: [Double]
  /// Links of all paths one after the other, and where each path ends.
  var links = IndexList()
  var pathEnds = IndexList()
  /// By use; empty while every share is 1.
  var shares = GrowingList<Double>()
  /// By flow: bytes still to move, and seconds up to which they are accounted for.
  var remaining = GrowingList<Double>()
  var updated = GrowingList<Double>()

  /// No flows on links of the given payload rates in one direction; a link of rate 0 is dead.
  public init(capacities: [Bandwidth]) { self.capacities = capacities.map(\.value) }

  /// Flows added so far.
  public var count: Int { remaining.count }

  /// Makes room for flows and the links they cross, so that memory is taken once.
  public mutating func reserve(flows: Int, uses: Int) {
    links.reserve(uses)
    pathEnds.reserve(flows)
    remaining.reserve(flows)
    updated.reserve(flows)
  }

  /// Adds a flow that crosses each of `path`'s links with every byte, from `start` seconds on.
  ///
  /// A flow of no bytes or no links ends as it starts.
  public mutating func add(_ path: some Sequence<Int>, bytes: Bytes, start: Double) {
    for link in path {
      links.append(link)
      if shares.count > 0 { shares.append(1) }
    }
    close(bytes, start)
  }

  /// Adds a flow that crosses two links, which most flows do.
  public mutating func add(_ first: Int, _ second: Int, bytes: Bytes, start: Double) {
    links.append(first)
    links.append(second)
    if shares.count > 0 {
      shares.append(1)
      shares.append(1)
    }
    close(bytes, start)
  }

  /// Adds a flow, or a class of equal ones, that crosses links with other shares of its bytes.
  public mutating func add(_ path: some Sequence<LinkUse>, bytes: Bytes, start: Double) {
    for use in path where use.share > 0 {
      if use.share != 1, shares.count == 0 {
        for _ in 0..<links.count { shares.append(1) }
      }
      if use.share != 1 || shares.count > 0 { shares.append(use.share) }
      links.append(use.link)
    }
    close(bytes, start)
  }

  private mutating func close(_ bytes: Bytes, _ start: Double) {
    precondition(links.count < Int(Int32.max), "a flow set holds fewer than 2^31 uses of links")
    pathEnds.append(links.count)
    remaining.append(bytes.value)
    updated.append(start)
  }

  /// When each flow ends, and what the links carried.
  ///
  /// - Complexity: O(crossings that a change reaches) an instant.
  public consuming func solved() -> FlowSolution {
    let carried = carriedBytes
    var run = FlowSetRun(self)
    run.run()
    return FlowSolution(finish: run.finishTimes, carriedBytes: carried, solves: run.solves)
  }

  /// Every byte of a flow crosses each of its links.
  private var carriedBytes: [Bytes] {
    var carried = [Bytes](repeating: .zero, count: capacities.count)
    var use = 0
    for flow in 0..<count {
      let bytes = Bytes(max(remaining.items[flow], 0))
      while use < pathEnds[flow] {
        carried[links[use]] += shares.count > 0 ? bytes * shares.items[use] : bytes
        use += 1
      }
    }
    return carried
  }
}

/// What came of a flow set.
public struct FlowSolution: Sendable {
  /// Seconds at which each flow ends, in the order they were added; infinite where it never does,
  /// for a dead link.
  public let finish: [Double]
  /// Bytes each link has carried, those of flows that never end included.
  public let carriedBytes: [Bytes]
  /// Instants at which rates were solved.
  public let solves: Int
}
