import Quantities
import Testing

@testable import Training

@Suite struct PlacementTests {
  /// Every way to cut `costs` into `count` runs, by the costliest run and the sum of squares.
  private func best(_ costs: [Int], into count: Int) -> (Int, Int) {
    func cuts(_ start: Int, _ left: Int) -> [[Int]] {
      guard left > 1 else { return [[costs[start...].reduce(0, +)]] }
      return (start + 1...costs.count - left + 1).flatMap { end in
        cuts(end, left - 1).map { [costs[start..<end].reduce(0, +)] + $0 }
      }
    }
    return cuts(0, count).map { runs in
      (runs.max() ?? 0, runs.reduce(0) { $0 + $1 * $1 })
    }.min { $0 < $1 } ?? (0, 0)
  }

  @Test(arguments: 1...60)
  func cutsAreTheBestOfAllCuts(seed: Int) {
    let costs = (0..<5 + seed % 5).map { 1 + ($0 * 7 + seed * 13) * 31 % 17 }
    let count = 1 + seed % 5
    let items = costs.indices.map { ModelItem.layer($0) }
    let placement = Placement(
      balancing: items, costs: costs.map { Time(seconds: Double($0)) }, into: count)
    #expect(placement.stages.count == count)
    #expect(placement.stages.flatMap { $0 } == items)
    let runs = placement.stages.map { stage in
      stage.reduce(0) { sum, item in
        if case .layer(let index) = item { sum + costs[index] } else { sum }
      }
    }
    let wanted = best(costs, into: count)
    #expect((runs.max() ?? 0, runs.reduce(0) { $0 + $1 * $1 }) == wanted)
  }
}
