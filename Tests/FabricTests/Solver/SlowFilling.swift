import Fabric

/// A flow as the slow solver sees it.
struct SlowFlow {
  var path: [LinkUse]
  var priority: UInt8 = 0
}

/// Max-min fair rates by the definition: all rates rise together until a link is full, its flows
/// stay, the others rise on; one priority after the other. Slow and without any state.
func slowRates(_ capacities: [Double], _ flows: [SlowFlow]) -> [Double] {
  var rates = [Double](repeating: 0, count: flows.count)
  var room = capacities
  for priority in Set(flows.map(\.priority)).sorted() {
    var rising = Set(flows.indices.filter { flows[$0].priority == priority })
    while !rising.isEmpty {
      var load = [Double](repeating: 0, count: capacities.count)
      for flow in rising { for use in flows[flow].path { load[Int(use.link)] += use.share } }
      let levels = capacities.indices.map { link in
        load[link] == 0 ? .infinity : max(room[link], 0) / load[link]
      }
      guard let link = levels.indices.min(by: { levels[$0] < levels[$1] }) else { break }
      for flow in rising.sorted() where flows[flow].path.contains(where: { $0.link == link }) {
        rates[flow] = levels[link]
        rising.remove(flow)
        for use in flows[flow].path { room[Int(use.link)] -= levels[link] * use.share }
      }
    }
    for link in room.indices where room[link] < 1e-11 * capacities[link] { room[link] = 0 }
  }
  return rates
}
