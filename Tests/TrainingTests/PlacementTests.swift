import Models
import Quantities
import Schedules
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

  /// What the pairs of two runs take, work by work: together the longer of compute and exchanges,
  /// alone their sum.
  private func pairs(_ a: [PairedCost], _ b: [PairedCost]) -> Double {
    func pair(_ forward: [PairedCost], _ backward: [PairedCost]) -> Double {
      let last = Array(backward.reversed())
      return (0..<max(forward.count, last.count)).reduce(0) { sum, index in
        guard index < forward.count else {
          return sum + last[index].backward + last[index].backwardExchange
        }
        let one = forward[index]
        guard index < last.count else { return sum + one.forward + one.forwardExchange }
        return sum
          + max(
            one.forward + last[index].backward,
            one.forwardExchange + last[index].backwardExchange)
      }
    }
    return pair(a, b) + pair(b, a)
  }

  /// The costliest rank of four runs, of which the outer two and the inner two share one.
  private func costliest(_ runs: [[[PairedCost]]]) -> Double {
    let works = runs.map { $0.flatMap(\.self) }
    return max(pairs(works[0], works[3]), pairs(works[1], works[2]))
  }

  @Test(arguments: 1...40)
  func mirroredCutsAreTheBestOfAllCuts(seed: Int) throws {
    let items = 4 + seed % 6
    let works = (0..<items).map { item in
      (0..<(item == items - 1 ? 2 : 1)).map { work in
        let base = Double(1 + (item * 7 + work + seed * 13) * 31 % 17)
        return PairedCost(
          forward: base, forwardExchange: Double((item + seed) % 3) * base / 2,
          backward: 2 * base, backwardExchange: Double((item + seed) % 4) * base)
      }
    }
    let names = (0..<items).map { ModelItem.layer($0) }
    var best = Double.infinity
    for a in 1..<items - 2 {
      for b in a + 1..<items - 1 {
        for c in b + 1..<items {
          let runs = [works[..<a], works[a..<b], works[b..<c], works[c...]].map(Array.init)
          best = min(best, costliest(runs))
        }
      }
    }
    let placement = try #require(Placement(mirroring: names, works: works, into: 4))
    #expect(placement.stages.flatMap(\.self) == names)
    var start = 0
    let found = placement.stages.map { stage in
      defer { start += stage.count }
      return Array(works[start..<start + stage.count])
    }
    #expect(abs(costliest(found) / best - 1) < 1e-9)
  }

  /// Balanced by rank DualPipe's step is no longer than balanced by stage.
  @Test(arguments: [BuiltIn.dualPipe, .dualPipeV])
  func ranksAreBalancedWherePairsRun(schedule: BuiltIn) throws {
    func step(byRank: Bool) throws -> StepResult {
      try Degrees(expert: 16).step(.sparse, schedule) {
        $0.model.layers = 30
        $0.plan.pipeline = 4
        $0.plan.data = 8
        $0.plan.expert = 8
        $0.plan.globalBatch = 16 * 8
        $0.balancesRanks = byRank
      }.run()
    }
    let (byRank, byStage) = (try step(byRank: true), try step(byRank: false))
    #expect(byRank.step <= byStage.step)
    #expect(byRank.placement.stages.flatMap(\.self) == byStage.placement.stages.flatMap(\.self))
  }

  /// Other cuts are of the same model and schedule, none the same as another.
  @Test func plausibleLayoutsDiffer() throws {
    let simulation = try Degrees(expert: 4).step(.sparse)
    let result = try simulation.run()
    #expect(simulation.hasPlausibleLayouts(result.schedule))
    let others = simulation.plausibleLayouts(of: result)
    #expect(!others.isEmpty)
    let texts = others.map(\.layout) + [result.placement.description]
    #expect(Set(texts).count == texts.count)
    for other in others {
      var written = simulation
      written.plan.layout = try LayoutText(other.layout, of: simulation.model).stages
      let step = try written.run()
      #expect(step.step == other.step && step.peakMemory == other.peakMemory)
      #expect(!written.hasPlausibleLayouts(step.schedule))
    }
    let even = try Degrees().step(.dense) { $0.model.layers = 4 }
    #expect(!even.hasPlausibleLayouts(try even.run().schedule))
  }
}
