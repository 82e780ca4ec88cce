public import Hardware
import Quantities

/// Ways of fewest links through a list of links.
///
/// Of several next links that are equally near the target, that is taken from which on the
/// narrowest link is widest; of equally wide ones the one with the lowest latency; and of several
/// equal in both the one at position (source + target) modulo their number, in the order of the
/// names of the places they lead to: always the same for a pair, spread over the pairs, and the
/// same in whatever order the rows stand. GPUs may pass messages on.
struct ShortestPaths: Sendable {
  /// Links by the place they leave, those of place p from `firstOut[p]` to `firstOut[p + 1]`, by
  /// the names of the places they lead to; `inward` by the place they reach.
  private let out: [Int32]
  private let firstOut: [Int32]
  private let inward: [Int32]
  private let firstIn: [Int32]
  private let links: [ListedLink]
  let gpus: Int
  /// A bit for each GPU and position in `out`: whether the way to the GPU goes on there.
  private var isOnWay: [UInt64]
  /// Words of `isOnWay` for a GPU.
  private let words: Int

  /// - Complexity: O(GPUs x links) time, a bit x GPUs x links.
  init(_ list: LinkList) {
    links = list.links
    gpus = list.gpus
    let places = list.places.count
    // GPUs by number, then all other places by name.
    var order = Array(0..<places)
    order[gpus...].sort { list.places[$0] < list.places[$1] }
    var rank = [Int32](repeating: 0, count: places)
    for (position, place) in order.enumerated() { rank[place] = Int32(position) }
    (firstOut, out) = Self.grouped(
      list.links.map(\.from), count: places, by: list.links.map { rank[Int($0.to)] })
    (firstIn, inward) = Self.grouped(
      list.links.map(\.to), count: places, by: list.links.map { rank[Int($0.from)] })
    words = (list.links.count + 63) / 64
    isOnWay = [UInt64](repeating: 0, count: gpus * words)
    var labels = Labels(places: places)
    for gpu in 0..<gpus { findWays(to: gpu, &labels) }
  }

  /// What is known of each place's way to one GPU.
  private struct Labels {
    /// Links to go; -1 where no way is found.
    var distance: [Int32]
    /// Rate of the narrowest link, and latency.
    var width: [Double]
    var latency: [Time]
    /// Places with a way, the nearest first.
    var reached: [Int32] = []

    init(places: Int) {
      distance = [Int32](repeating: -1, count: places)
      width = [Double](repeating: 0, count: places)
      latency = [Time](repeating: .zero, count: places)
      reached.reserveCapacity(places)
    }
  }

  /// Goes from the GPU outwards; all nearer places are known when a place's turn comes.
  private mutating func findWays(to gpu: Int, _ labels: inout Labels) {
    for place in labels.reached { labels.distance[Int(place)] = -1 }
    labels.reached.removeAll(keepingCapacity: true)
    labels.reached.append(Int32(gpu))
    labels.distance[gpu] = 0
    labels.width[gpu] = .infinity
    labels.latency[gpu] = .zero
    var next = 0
    while next < labels.reached.count {
      let place = Int(labels.reached[next])
      next += 1
      if place != gpu { chooseLinks(from: place, to: gpu, &labels) }
      for index in Int(firstIn[place])..<Int(firstIn[place + 1]) {
        let from = Int(links[Int(inward[index])].from)
        guard labels.distance[from] < 0 else { continue }
        labels.distance[from] = labels.distance[place] + 1
        labels.reached.append(Int32(from))
      }
    }
  }

  /// Marks the links a place's way goes on with.
  private mutating func chooseLinks(from place: Int, to gpu: Int, _ labels: inout Labels) {
    let nearer = labels.distance[place] - 1
    var best = (width: -1.0, latency: Time.zero)
    let span = Int(firstOut[place])..<Int(firstOut[place + 1])
    for isMarking in [false, true] {
      for position in span {
        let link = links[Int(out[position])]
        let to = Int(link.to)
        guard labels.distance[to] == nearer else { continue }
        let width = min(link.rate.value, labels.width[to])
        let latency = link.latency + labels.latency[to]
        if isMarking {
          guard width == best.width, latency == best.latency else { continue }
          isOnWay[gpu * words + position / 64] |= 1 << UInt64(position % 64)
        } else if width > best.width || width == best.width && latency < best.latency {
          best = (width, latency)
        }
      }
    }
    labels.width[place] = best.width
    labels.latency[place] = best.latency
  }

  /// Indices of `ends` grouped by value and in each group in the order of `ranks`, and where each
  /// group starts.
  private static func grouped(
    _ ends: [Int32], count: Int, by ranks: [Int32]
  ) -> (first: [Int32], indices: [Int32]) {
    let ranked = grouped(ranks, count: count).indices
    let (first, positions) = grouped(ranked.map { ends[Int($0)] }, count: count)
    return (first, positions.map { ranked[Int($0)] })
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

  /// The links that reach or leave a GPU.
  func links(of gpu: Int, inward isInward: Bool) -> ArraySlice<Int32> {
    isInward
      ? inward[Int(firstIn[gpu])..<Int(firstIn[gpu + 1])]
      : out[Int(firstOut[gpu])..<Int(firstOut[gpu + 1])]
  }

  /// The first link that reaches or leaves a GPU; the first of all where there is none.
  func anyLink(of gpu: Int, inward isInward: Bool) -> Int {
    Int(links(of: gpu, inward: isInward).first ?? 0)
  }

  /// Appends the links of the way between two GPUs and returns its latency; nothing and `Time.max`
  /// where there is none.
  func appendRoute(from source: Int, to target: Int, to route: inout [Int]) -> Time {
    let base = target * words
    let isOn = { (position: Int) in
      isOnWay[base + position / 64] >> UInt64(position % 64) & 1 == 1
    }
    var latency = Time.zero
    var place = source
    while place != target {
      let span = Int(firstOut[place])..<Int(firstOut[place + 1])
      var count = 0
      for position in span where isOn(position) { count += 1 }
      guard count > 0 else { return .max }
      var skipped = (source + target) % count
      for position in span where isOn(position) {
        guard skipped == 0 else {
          skipped -= 1
          continue
        }
        let link = Int(out[position])
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
  /// Whether all ways are found within seconds and kept within a quarter of a gigabyte.
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
