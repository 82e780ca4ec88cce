import Quantities
import Schedules

/// Which items of the model each model stage holds.
///
/// Invariant: every item stands on exactly one stage and items keep their order; a stage is empty only
/// where a written layout leaves it so.
public struct Placement: Sendable, Equatable {
  /// Items of each model stage, in order.
  public var stages: [[ModelItem]]

  /// A placement as it was written down.
  public init(stages: [[ModelItem]]) { self.stages = stages }

  /// Cuts `items` into `count` runs so that the costliest run costs least, and among such cuts the
  /// one with the least sum of squares.
  ///
  /// `costs` are simulated times of each item's forward and backward. `items.count` must be at
  /// least `count`.
  /// - Complexity: O(count x items x longest run).
  init(balancing items: [ModelItem], costs: [Time], into count: Int) {
    var sums = [0.0]
    for cost in costs { sums.append(sums[sums.count - 1] + cost.seconds) }
    let limit = Self.smallestLimit(costs.map(\.seconds), into: count) * (1 + 1e-12)
    // best[end]: least sum of squares of `stage + 1` runs over the first `end` items.
    var best = [Double](repeating: .infinity, count: items.count + 1)
    best[0] = 0
    var cuts: [[Int]] = []
    for _ in 0..<count {
      var next = [Double](repeating: .infinity, count: items.count + 1)
      var cut = [Int](repeating: 0, count: items.count + 1)
      for end in 1...items.count {
        var start = end - 1
        while start >= 0 {
          let cost = sums[end] - sums[start]
          guard cost <= limit else { break }
          let value = best[start] + cost * cost
          if value < next[end] {
            next[end] = value
            cut[end] = start
          }
          start -= 1
        }
      }
      best = next
      cuts.append(cut)
    }
    var runs: [[ModelItem]] = []
    var end = items.count
    for cut in cuts.reversed() {
      runs.append(Array(items[cut[end]..<end]))
      end = cut[end]
    }
    stages = runs.reversed()
  }

  /// The least limit under which `count` runs can hold all costs, each run at least one item.
  private static func smallestLimit(_ costs: [Double], into count: Int) -> Double {
    var low = costs.max() ?? 0
    var high = costs.reduce(0, +)
    if runs(costs, under: low) <= count { return low }
    while true {  // `low` is too tight and `high` is not, until nothing lies between them
      let middle = (low + high) / 2
      guard middle > low, middle < high else { return high }
      if runs(costs, under: middle) <= count { high = middle } else { low = middle }
    }
  }

  private static func runs(_ costs: [Double], under limit: Double) -> Int {
    var runs = 1
    var sum = 0.0
    for cost in costs {
      if sum + cost > limit {
        runs += 1
        sum = 0
      }
      sum += cost
    }
    return runs
  }
}

extension Placement: CustomStringConvertible {
  /// The cut in the notation of Megatron's layout string: `E` embedding, `t` layer, `L` head with
  /// the loss, `m` prediction layer, `|` between stages; `t*4` is four layers.
  ///
  ///     Et*5|t*4|t*4|Lm
  public var description: String {
    stages.map { stage in
      var text = ""
      var layers = 0
      func flush() {
        if layers > 0 { text += layers == 1 ? "t" : "t*\(layers)" }
        layers = 0
      }
      for item in stage {
        switch item {
        case .layer: layers += 1
        case .embedding:
          flush()
          text += "E"
        case .head:
          flush()
          text += "L"
        case .prediction:
          flush()
          text += "m"
        }
      }
      flush()
      return text
    }.joined(separator: "|")
  }
}
