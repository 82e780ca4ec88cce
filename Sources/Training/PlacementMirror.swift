import Quantities
import Schedules

extension Schedule {
  /// Whether every rank holds a stage and the one as far from the model's end: V shapes, and both
  /// directions of a bidirectional schedule.
  var isMirrored: Bool {
    let stages = modelStages
    guard stages >= 2, stages.isMultiple(of: 2) else { return false }
    return (0..<ranks).allSatisfy { rank in
      let held = modelStages(of: rank).sorted()
      return held.count == 2 && held[0] + held[1] == stages - 1
    }
  }
}

extension Placement {
  /// Most items that are balanced over mirrored stages.
  static let mostMirrored = 256

  /// Cuts `items` into `count` runs so that the costliest rank costs least, where each holds a run
  /// and the one as far from the end; among such cuts, the one whose runs have the least sum of
  /// squares. Nil where there are too many items, or fewer than runs.
  ///
  /// - Complexity: O(count x items² x longest run²).
  init?(mirroring items: [ModelItem], costs: [Time], into count: Int) {
    let n = items.count
    guard count >= 2, count.isMultiple(of: 2), n >= count, n <= Self.mostMirrored else {
      return nil
    }
    var sums = [0.0]
    for cost in costs { sums.append(sums[sums.count - 1] + cost.seconds) }
    let plain = Placement(balancing: items, costs: costs, into: count)
    var limit = 0.0
    var ends: [Int] = []
    for stage in plain.stages { ends.append((ends.last ?? 0) + stage.count) }
    for pair in 0..<count / 2 {
      func cost(_ stage: Int) -> Double {
        sums[ends[stage]] - sums[stage > 0 ? ends[stage - 1] : 0]
      }
      limit = max(limit, cost(pair) + cost(count - 1 - pair))
    }
    let mirror = Mirror(sums: sums, pairs: count / 2)
    guard let least = mirror.best(under: limit * (1 + 1e-12), by: { max($0, $1 + $2) }),
      let best = mirror.best(
        under: least.value * (1 + 1e-12), by: { $0 + $1 * $1 + $2 * $2 })
    else { return nil }
    stages = best.cuts.map { Array(items[$0]) }
  }
}

/// The search for mirrored runs: pairs from the ends of the model to its middle.
private struct Mirror {
  let sums: [Double]
  let pairs: Int

  private var items: Int { sums.count - 1 }

  /// The least value of any cut whose pairs cost no more than `limit`, and its runs.
  ///
  /// - Parameter add: The value of a cut with one pair more: value before, costs of both runs.
  func best(
    under limit: Double, by add: (Double, Double, Double) -> Double
  ) -> (value: Double, cuts: [Range<Int>])? {
    let width = items + 1
    // values[front * width + back]: the best of so many pairs over that many items of each end.
    var values = [Double](repeating: .infinity, count: width * width)
    values[0] = 0
    var choices: [[Int32]] = []
    for pair in 0..<pairs {
      var next = [Double](repeating: .infinity, count: width * width)
      var choice = [Int32](repeating: -1, count: width * width)
      let left = 2 * (pairs - 1 - pair)
      for front in 0..<items {
        for back in 0..<items - front where values[front * width + back] < .infinity {
          let value = values[front * width + back]
          var newFront = front + 1
          while newFront < items - back {
            let a = sums[newFront] - sums[front]
            guard a <= limit else { break }
            var newBack = left > 0 ? back + 1 : items - newFront
            while newFront + newBack + left <= items {
              let b = sums[items - back] - sums[items - newBack]
              guard a + b <= limit else { break }
              let slot = newFront * width + newBack
              let sum = add(value, a, b)
              if sum < next[slot] {
                next[slot] = sum
                choice[slot] = Int32(front * width + back)
              }
              newBack += 1
            }
            newFront += 1
          }
        }
      }
      values = next
      choices.append(choice)
    }
    return runs(values, choices, width)
  }

  private func runs(
    _ values: [Double], _ choices: [[Int32]], _ width: Int
  ) -> (value: Double, cuts: [Range<Int>])? {
    var slot = -1
    var value = Double.infinity
    for front in 1..<max(items, 1) where values[front * width + items - front] < value {
      slot = front * width + items - front
      value = values[slot]
    }
    guard slot >= 0 else { return nil }
    var fronts: [Range<Int>] = []
    var backs: [Range<Int>] = []
    for choice in choices.reversed() {
      let before = Int(choice[slot])
      fronts.append(before / width..<slot / width)
      backs.append(items - slot % width..<items - before % width)
      slot = before
    }
    return (value, fronts.reversed() + backs)
  }
}
