public import Quantities

/// A link a flow crosses, and how many bytes cross it for each byte of the flow's payload.
@frozen
public struct LinkUse: Sendable, Equatable, BitwiseCopyable {
  /// Index of the link.
  public var link: Int32
  /// Bytes on the link for each byte of payload; 1 for an ordinary flow.
  public var share: Double

  /// A use of `link` by `share` bytes for each byte of payload.
  @inlinable
  public init(link: Int, share: Double = 1) {
    self.link = Int32(link)
    self.share = share
  }
}

/// Flows that share links max-min fairly, as a fluid.
///
/// All rates rise together until a link is full; the flows on it stay there and the others rise on
/// (progressive filling). One flow may stand for a class of equal flows: its `LinkUse`s say how
/// often the class crosses a link. Rates change only where a flow enters or leaves, and only in
/// the connected part it touches.
///
///     var network = FlowNetwork(capacities: [Bandwidth(1e9)], longestPath: 1)
///     network.start([LinkUse(link: 0)], bytes: Bytes(1e6), tag: 7, at: .zero)
///     network.settle(at: .zero) { flow, finish in print(finish.seconds) }   // 0.001
///
/// Remaining bytes and time are kept in double precision; only finish times handed to the caller
/// are rounded to picoseconds, so rounding never adds up. A flow is known by its slot, which is
/// used again after the flow has ended.
public struct FlowNetwork: ~Copyable {
  private struct Flow {
    var remaining = 0.0
    var rate = 0.0
    /// Exact seconds up to which `remaining` is accounted for, and at which it will be zero.
    var updated = 0.0
    var end = 0.0
    var finish = Time.max
    var tag: UInt32 = 0
    var useCount: Int32 = 0
    var isActive = false
    var isFrozen = false
  }

  private let capacity: [Double]
  private let stride: Int
  private var flows: [Flow] = []
  private var freeSlots: [Int32] = []
  /// Uses of slot `s` stand at `s * stride`; active ones are also linked by their link.
  private var uses: [LinkUse] = []
  private var nextUse: [Int32] = []
  private var previousUse: [Int32] = []
  private var firstUse: [Int32]
  private var carried: [Double]

  private var dirtyLinks: [Int32] = []
  /// Exact instant of the changes not yet settled.
  private var instant = 0.0

  // Scratch of `settle`: the connected part, and what is left on its links.
  private var visit: Int32 = 0
  private var linkVisit: [Int32]
  private var flowVisit: [Int32] = []
  private var partLinks: [Int32] = []
  private var partFlows: [Int32] = []
  private var room: [Double]
  private var load: [Double]
  private var unfrozen: [Int32]

  /// A network of idle links, each with its payload rate in one direction.
  ///
  /// No flow may cross more than `longestPath` links.
  public init(capacities: [Bandwidth], longestPath: Int) {
    let zeros = [Double](repeating: 0, count: capacities.count)
    capacity = capacities.map(\.value)
    stride = longestPath
    firstUse = [Int32](repeating: -1, count: capacities.count)
    linkVisit = [Int32](repeating: 0, count: capacities.count)
    unfrozen = linkVisit
    carried = zeros
    room = zeros
    load = zeros
  }

  /// Bytes each link has carried; exact once every flow has ended.
  public var carriedBytes: [Bytes] { carried.map { Bytes($0) } }

  /// What the caller gave as `tag` to the flow in `slot`.
  public func tag(of slot: UInt32) -> UInt32 { flows[Int(slot)].tag }

  /// Whether the flow in `slot` is on its way and ends at `time`; false for a finish time that a
  /// later change has replaced.
  public func ends(_ slot: UInt32, at time: Time) -> Bool {
    flows[Int(slot)].isActive && flows[Int(slot)].finish == time
  }

  /// Adds a flow of `bytes` payload over `path`; rates change at the next `settle`.
  ///
  /// `path` must not be empty and `bytes` must be above zero: what moves nothing is no flow.
  public mutating func start(_ path: [LinkUse], bytes: Bytes, tag: UInt32, at now: Time) {
    let slot = freeSlots.popLast().map(Int.init) ?? addSlot()
    instant = max(instant, now.seconds)
    flows[slot] = Flow(
      remaining: bytes.value, updated: instant, tag: tag, useCount: Int32(path.count),
      isActive: true)
    for (offset, use) in path.enumerated() {
      let index = Int32(slot * stride + offset)
      let link = Int(use.link)
      uses[Int(index)] = use
      nextUse[Int(index)] = firstUse[link]
      previousUse[Int(index)] = -1
      if firstUse[link] >= 0 { previousUse[Int(firstUse[link])] = index }
      firstUse[link] = index
      dirtyLinks.append(use.link)
    }
  }

  /// Removes the flow in `slot` at its exact end; rates change at the next `settle`.
  public mutating func finish(_ slot: UInt32) {
    let slot = Int(slot)
    instant = max(instant, flows[slot].end)
    let payload = flows[slot].remaining
    for index in slot * stride..<slot * stride + Int(flows[slot].useCount) {
      let link = Int(uses[index].link)
      carried[link] += payload * uses[index].share
      let next = nextUse[index]
      let previous = previousUse[index]
      if next >= 0 { previousUse[Int(next)] = previous }
      if previous >= 0 { nextUse[Int(previous)] = next } else { firstUse[link] = next }
      dirtyLinks.append(Int32(link))
    }
    flows[slot].isActive = false
    freeSlots.append(Int32(slot))
  }

  /// Solves the parts that flows have entered or left since the last call, and reports each flow
  /// whose finish time is new.
  ///
  /// Call it once an instant, after all its starts and finishes.
  /// - Complexity: O(links x levels + crossings) of the touched parts.
  public mutating func settle(at now: Time, report: (_ slot: UInt32, _ finish: Time) -> Void) {
    guard !dirtyLinks.isEmpty else { return }
    instant = max(instant, now.seconds - 0.5e-12)
    collectPart()
    advancePart()
    fillPart()
    for slot in partFlows {
      let index = Int(slot)
      let flow = flows[index]
      let end = instant + flow.remaining / flow.rate
      let finish = max(Time(seconds: end), now)
      flows[index].end = end
      if finish != flow.finish {
        flows[index].finish = finish
        report(UInt32(slot), finish)
      }
    }
    dirtyLinks.removeAll(keepingCapacity: true)
  }

  private mutating func addSlot() -> Int {
    flows.append(Flow())
    flowVisit.append(0)
    for _ in 0..<stride {
      uses.append(LinkUse(link: 0))
      nextUse.append(-1)
      previousUse.append(-1)
    }
    return flows.count - 1
  }

  /// Gathers every link and flow connected to a dirty link.
  private mutating func collectPart() {
    visit &+= 1
    partLinks.removeAll(keepingCapacity: true)
    partFlows.removeAll(keepingCapacity: true)
    for link in dirtyLinks where linkVisit[Int(link)] != visit {
      linkVisit[Int(link)] = visit
      partLinks.append(link)
    }
    var reached = 0
    while reached < partLinks.count {
      var use = firstUse[Int(partLinks[reached])]
      while use >= 0 {
        let slot = Int(use) / stride
        if flowVisit[slot] != visit {
          flowVisit[slot] = visit
          partFlows.append(Int32(slot))
          for index in slot * stride..<slot * stride + Int(flows[slot].useCount) {
            let link = Int(uses[index].link)
            if linkVisit[link] != visit {
              linkVisit[link] = visit
              partLinks.append(Int32(link))
            }
          }
        }
        use = nextUse[Int(use)]
      }
      reached += 1
    }
  }

  /// Takes off what has drained since the flows were last looked at.
  private mutating func advancePart() {
    for slot in partFlows {
      let index = Int(slot)
      let drained = min(
        flows[index].rate * (instant - flows[index].updated), flows[index].remaining)
      flows[index].remaining -= drained
      flows[index].updated = instant
      flows[index].isFrozen = false
      for use in index * stride..<index * stride + Int(flows[index].useCount) {
        carried[Int(uses[use].link)] += drained * uses[use].share
      }
    }
  }

  /// Progressive filling of the part: the link with the least room for each of its flows is full
  /// first; its flows stay at that rate, and what they use is taken off their other links.
  private mutating func fillPart() {
    for link in partLinks {
      let index = Int(link)
      room[index] = capacity[index]
      load[index] = 0
      unfrozen[index] = 0
      var use = firstUse[index]
      while use >= 0 {
        load[index] += uses[Int(use)].share
        unfrozen[index] += 1
        use = nextUse[Int(use)]
      }
    }
    var left = partFlows.count
    while left > 0 {
      var fullest = -1
      var rate = Double.infinity
      for link in partLinks where unfrozen[Int(link)] > 0 {
        let fair = room[Int(link)] / load[Int(link)]
        if fair < rate {
          rate = fair
          fullest = Int(link)
        }
      }
      guard fullest >= 0 else { return }
      var use = firstUse[fullest]
      while use >= 0 {
        let slot = Int(use) / stride
        if !flows[slot].isFrozen {
          freeze(slot, at: max(rate, 0))
          left -= 1
        }
        use = nextUse[Int(use)]
      }
    }
  }

  private mutating func freeze(_ slot: Int, at rate: Double) {
    flows[slot].isFrozen = true
    flows[slot].rate = rate
    for index in slot * stride..<slot * stride + Int(flows[slot].useCount) {
      let link = Int(uses[index].link)
      room[link] -= rate * uses[index].share
      load[link] -= uses[index].share
      unfrozen[link] -= 1
    }
  }
}
