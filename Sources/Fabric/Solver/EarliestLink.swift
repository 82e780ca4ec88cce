/// The earliest of one time for each link: a tree whose every node holds the earlier of its two
/// children.
struct EarliestLink: ~Copyable {
  /// Node 1 is the root, the leaf of link `l` stands at `leaves + l`.
  private let times: UnsafeMutablePointer<Double>
  private let leaves: Int

  /// Never, for each link.
  init(links: Int) {
    var leaves = 1
    while leaves < links { leaves *= 2 }
    self.leaves = leaves
    times = .allocate(capacity: 2 * leaves)
    times.initialize(repeating: .infinity, count: 2 * leaves)
  }

  deinit { times.deallocate() }

  /// The earliest time of all.
  var earliest: Double { times[1] }

  /// Sets a link's time.
  mutating func set(_ link: Int, _ time: Double) {
    times[leaves + link] = time
    lift(leaves + link)
  }

  /// Sets a link's time; `update` follows.
  @inline(__always)
  mutating func hold(_ link: Int, _ time: Double) { times[leaves &+ link] = time }

  /// Lowers a link's time; `update` follows.
  @inline(__always)
  mutating func lower(_ link: Int, to time: Double) {
    if time < times[leaves &+ link] { times[leaves &+ link] = time }
  }

  /// Makes the tree agree with the times of these links.
  mutating func update(_ links: borrowing IndexList) {
    guard links.count < leaves / 8 else {
      var node = leaves - 1
      while node > 0 {
        times[node] = min(times[2 * node], times[2 * node + 1])
        node -= 1
      }
      return
    }
    for position in 0..<links.count { lift(leaves + links[position]) }
  }

  /// The links whose time is not after `limit`, in ascending order.
  func links(until limit: Double, into found: inout IndexList) {
    found.removeAll()
    collect(1, limit, &found)
  }

  private func collect(_ node: Int, _ limit: Double, _ found: inout IndexList) {
    guard times[node] <= limit else { return }
    if node >= leaves {
      found.append(node - leaves)
    } else {
      collect(2 * node, limit, &found)
      collect(2 * node + 1, limit, &found)
    }
  }

  private func lift(_ leaf: Int) {
    var node = leaf / 2
    while node > 0 {
      let time = min(times[2 * node], times[2 * node + 1])
      if times[node] == time { return }
      times[node] = time
      node /= 2
    }
  }
}
