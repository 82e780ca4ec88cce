public import Hardware
import Quantities

/// Ways of fewest links through a list of links.
///
/// Of several next links that are equally near the target, the one at position (source + target)
/// modulo their number is taken, in the order of the list: always the same for a pair, and spread
/// over the pairs. GPUs may pass messages on.
struct ShortestPaths: Sendable {
  /// Links by the place they leave: those of place p stand from `firstOut[p]` to `firstOut[p + 1]`.
  private let out: [Int32]
  private let firstOut: [Int32]
  private let inward: [Int32]
  private let links: [ListedLink]
  let gpus: Int
  private let places: Int
  /// Links from each place to each GPU, GPU by GPU.
  private let distance: [UInt16]

  /// What a place from which there is no way is away.
  static let unreachable = UInt16.max

  /// - Complexity: O(GPUs x links) time, 2 bytes x GPUs x places.
  init(_ list: LinkList) {
    links = list.links
    gpus = list.gpus
    places = list.places.count
    (firstOut, out) = Self.grouped(list.links.map(\.from), count: places)
    let (firstIn, into) = Self.grouped(list.links.map(\.to), count: places)
    inward = (0..<list.gpus).map { firstIn[$0] < firstIn[$0 + 1] ? into[Int(firstIn[$0])] : 0 }
    var distance = [UInt16](repeating: Self.unreachable, count: gpus * places)
    var reached = [Int32](repeating: 0, count: places)
    for gpu in 0..<gpus {
      let base = gpu * places
      distance[base + gpu] = 0
      reached[0] = Int32(gpu)
      var next = 0
      var last = 1
      while next < last {
        let place = Int(reached[next])
        next += 1
        let away = distance[base + place] &+ 1
        guard away < Self.unreachable else { break }
        for index in Int(firstIn[place])..<Int(firstIn[place + 1]) {
          let from = links[Int(into[index])].from
          guard distance[base + Int(from)] == Self.unreachable else { continue }
          distance[base + Int(from)] = away
          reached[last] = from
          last += 1
        }
      }
    }
    self.distance = distance
  }

  /// Indices of `ends` grouped by value, and where each group starts.
  static func grouped(_ ends: [Int32], count: Int) -> (first: [Int32], indices: [Int32]) {
    var first = [Int32](repeating: 0, count: count + 1)
    for end in ends { first[Int(end) + 1] += 1 }
    for place in 0..<count { first[place + 1] += first[place] }
    var next = first
    var indices = [Int32](repeating: 0, count: ends.count)
    for (index, end) in ends.enumerated() {
      indices[Int(next[Int(end)])] = Int32(index)
      next[Int(end)] += 1
    }
    return (first, indices)
  }

  /// The first link that reaches or leaves a GPU; the first of all where there is none.
  func anyLink(of gpu: Int, inward isInward: Bool) -> Int {
    if isInward { return Int(inward[gpu]) }
    return firstOut[gpu] < firstOut[gpu + 1] ? Int(out[Int(firstOut[gpu])]) : 0
  }

  /// Appends the links of the way between two GPUs and returns its latency; nothing and `Time.max`
  /// where there is none.
  func appendRoute(from source: Int, to target: Int, to route: inout [Int]) -> Time {
    let base = target * places
    guard distance[base + source] != Self.unreachable else { return .max }
    var latency = Time.zero
    var place = source
    while place != target {
      let nearer = distance[base + place] - 1
      let span = Int(firstOut[place])..<Int(firstOut[place + 1])
      let isNearer = { (index: Int) in distance[base + Int(links[Int(out[index])].to)] == nearer }
      var count = 0
      for index in span where isNearer(index) { count += 1 }
      var skipped = (source + target) % count
      for index in span where isNearer(index) {
        guard skipped == 0 else {
          skipped -= 1
          continue
        }
        let link = Int(out[index])
        route.append(link)
        latency += links[link].latency
        place = Int(links[link].to)
        break
      }
    }
    return latency
  }
}

extension LinkList {
  /// Whether all ways are found within seconds and kept within a gigabyte.
  public var isSmallEnough: Bool {
    gpus * (links.count + places.count) <= 2_000_000_000 && gpus * places.count <= 500_000_000
  }

  /// Two GPUs of which one cannot reach the other, nil where all reach all: where all reach GPU 0
  /// and GPU 0 reaches all.
  ///
  /// - Complexity: O(links).
  public func disconnection() -> Disconnection? {
    let from = links.map(\.from)
    let to = links.map(\.to)
    let reached = Self.reached(along: from, to, count: places.count)
    if let target = (0..<gpus).first(where: { !reached[$0] }) {
      return Disconnection(source: 0, target: target, link: nil)
    }
    let reaching = Self.reached(along: to, from, count: places.count)
    if let source = (0..<gpus).first(where: { !reaching[$0] }) {
      return Disconnection(source: source, target: 0, link: nil)
    }
    return nil
  }

  /// The places that links from one end to the other lead to, starting at the first place.
  private static func reached(along starts: [Int32], _ ends: [Int32], count: Int) -> [Bool] {
    var isReached = [Bool](repeating: false, count: count)
    guard count > 0 else { return isReached }
    let (first, indices) = ShortestPaths.grouped(starts, count: count)
    var open: [Int32] = [0]
    isReached[0] = true
    while let place = open.popLast() {
      for index in Int(first[Int(place)])..<Int(first[Int(place) + 1]) {
        let next = ends[Int(indices[index])]
        guard !isReached[Int(next)] else { continue }
        isReached[Int(next)] = true
        open.append(next)
      }
    }
    return isReached
  }
}
