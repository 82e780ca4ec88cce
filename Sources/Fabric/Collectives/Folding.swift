import Hardware
import Quantities

/// Colours of things and of the links they cross: two have the same colour where their
/// surroundings look alike however far one looks.
///
/// Things may be flows, which cross links by their shares. Colours are refined until no count
/// changes (colour refinement, which finds the coarsest equitable partition). Progressive filling
/// treats equals alike, so flows of one colour have one rate, and links of one colour one load.
///
/// - Complexity: O(crossings) a round; as many rounds as a difference is far from what it makes
///   different, two for a sound cluster.
struct Colouring {
  /// Colour of each thing.
  private(set) var things: [UInt64]
  /// Colour of each link; only those that are crossed mean anything.
  private(set) var links: [UInt64]

  /// - Parameters:
  ///   - starts: where each thing's crossings begin in `uses`, and the end.
  init(starts: [Int], uses: [LinkUse], things: [UInt64], links: [UInt64]) {
    self.things = things
    self.links = links
    var isCrossed = [Bool](repeating: false, count: links.count)
    for use in uses { isCrossed[Int(use.link)] = true }
    let crossed = links.indices.filter { isCrossed[$0] }
    var colours = 0
    while true {
      let before = colours
      colours = Self.distinct(self.things) + Self.distinct(crossed.map { self.links[$0] })
      guard colours > before else { return }
      refine(starts, uses, crossed)
    }
  }

  private mutating func refine(_ starts: [Int], _ uses: [LinkUse], _ crossed: [Int]) {
    var around = [UInt64](repeating: 0, count: links.count)
    for thing in things.indices {
      var sum: UInt64 = 0
      for use in uses[starts[thing]..<starts[thing + 1]] {
        let share = use.share.bitPattern
        sum &+= mixed(links[Int(use.link)], share)
        around[Int(use.link)] &+= mixed(things[thing], share)
      }
      things[thing] = mixed(things[thing], sum)
    }
    for link in crossed { links[link] = mixed(links[link], around[link]) }
  }

  /// How many different colours there are.
  ///
  /// Colours are as good as random, so they are their own hashes in a table with room to spare.
  private static func distinct(_ colours: [UInt64]) -> Int {
    var room = 16
    while room < 2 * colours.count { room *= 2 }
    var table = [UInt64](repeating: 0, count: room)
    var count = 0
    for colour in colours {
      var place = Int(truncatingIfNeeded: colour) & (room - 1)
      while table[place] != 0, table[place] != colour { place = (place + 1) & (room - 1) }
      if table[place] == 0 {
        table[place] = colour
        count += 1
      }
    }
    return count
  }
}

/// A number that depends on both, as if drawn at random (SplitMix64's finaliser, twice).
func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
  func stirred(_ number: UInt64) -> UInt64 {
    var z = number &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  return stirred(stirred(a) ^ b)
}

/// Links of one colour, each colour known by its first link.
struct LinkOrbits {
  /// Orbits in the order of their first links.
  private(set) var all: [LinkOrbit] = []
  /// Index in `all` of each link's orbit; -1 where the link is in none.
  private(set) var orbit: [Int]

  /// Orbits of the links `isUsed` marks.
  init(colours: [UInt64], isUsed: [Bool]) {
    orbit = [Int](repeating: -1, count: colours.count)
    var found: [UInt64: Int] = [:]
    for link in colours.indices where isUsed[link] {
      if let index = found[colours[link]] {
        all[index].size += 1
        orbit[link] = index
      } else {
        found[colours[link]] = all.count
        orbit[link] = all.count
        all.append(LinkOrbit(link: link, size: 1))
      }
    }
  }
}

/// Adds up what one class puts on orbits, as shares of each orbit's first link.
struct OrbitShares {
  private var share: [Double]
  private var touched: [Int] = []

  init(_ orbits: LinkOrbits) { share = [Double](repeating: 0, count: orbits.all.count) }

  /// Counts `crossings` of a link.
  mutating func add(_ crossings: Double, on link: Int, of orbits: LinkOrbits) {
    let orbit = orbits.orbit[link]
    if share[orbit] == 0 { touched.append(orbit) }
    share[orbit] += crossings
  }

  /// The class's path where it stands for `count` flows like the one counted; starts anew.
  mutating func path(standingFor count: Int, of orbits: LinkOrbits) -> [LinkUse] {
    let path = touched.map { orbit in
      let of = orbits.all[orbit]
      return LinkUse(link: of.link, share: share[orbit] * Double(count) / Double(of.size))
    }
    for orbit in touched { share[orbit] = 0 }
    touched.removeAll(keepingCapacity: true)
    return path
  }
}

extension LinkGraph {
  /// What tells links apart before anything crosses them: kind and rate.
  var linkColours: [UInt64] {
    let kinds = LinkKind.allCases
    return links.map { link in
      mixed(UInt64(kinds.firstIndex(of: link.kind) ?? 0), link.rate.value.bitPattern)
    }
  }
}

extension CollectiveStep {
  /// The steps with flows that are alike folded into classes on the first of their links: they take
  /// as long, and links carry as much.
  ///
  /// Links are told apart by all steps together, so that one link stands for the same others in
  /// each.
  static func folded(_ steps: [CollectiveStep], on graph: LinkGraph) -> [CollectiveStep] {
    var all = FlowTable()
    var colours: [UInt64] = []
    for (index, step) in steps.enumerated() {
      for flow in 0..<step.flows.count {
        all.append(step.flows.path(flow), bytes: step.flows.bytes[flow])
        let count = UInt64(step.flows.counts[flow])
        colours.append(mixed(mixed(UInt64(index), count), step.flows.bytes[flow].bitPattern))
      }
    }
    let colouring = Colouring(
      starts: all.starts, uses: all.uses, things: colours, links: graph.linkColours)
    var isUsed = [Bool](repeating: false, count: graph.links.count)
    for use in all.uses { isUsed[Int(use.link)] = true }
    let orbits = LinkOrbits(colours: colouring.links, isUsed: isUsed)
    var first = 0
    return steps.map { step in
      defer { first += step.flows.count }
      return step.folded(colouring.things[first..<first + step.flows.count], orbits)
    }
  }

  /// The step with the flows of one colour as one class.
  private func folded(_ colours: ArraySlice<UInt64>, _ orbits: LinkOrbits) -> CollectiveStep {
    var classOf: [UInt64: Int] = [:]
    var classes: [(first: Int, size: Int)] = []
    for (flow, colour) in colours.enumerated() {
      if let index = classOf[colour] {
        classes[index].size += 1
      } else {
        classOf[colour] = classes.count
        classes.append((flow, 1))
      }
    }
    var folded = FlowTable()
    var shares = OrbitShares(orbits)
    for (first, size) in classes {
      for use in flows.path(first) { shares.add(use.share, on: Int(use.link), of: orbits) }
      folded.append(
        shares.path(standingFor: size, of: orbits), bytes: flows.bytes[first],
        count: flows.counts[first] * size)
    }
    return CollectiveStep(
      latency: latency, flows: folded, orbits: orbits.all, efficiency: efficiency)
  }
}
