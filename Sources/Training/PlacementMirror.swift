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

/// What a work costs on its own GPU, in seconds: compute and exchanges of its forward and backward.
struct PairedCost: Equatable {
  var forward = 0.0
  var forwardExchange = 0.0
  var backward = 0.0
  var backwardExchange = 0.0
}

extension Placement {
  /// Most items that are balanced over mirrored stages.
  static let mostMirrored = 256

  /// Cuts `items` into `count` runs for overlapped pairs, where each rank holds a run and the one as
  /// far from the model's end: so that the costliest rank costs least and, among such cuts, the runs
  /// have the least sum of squares. Nil where there are too many items, or fewer than runs.
  ///
  /// A rank costs what its two pairs take, the forward of one run beside the backward of the other.
  /// Works are paired one by one, as a pair runs them: both take the longer of their compute and
  /// their exchanges, and what has no partner takes their sum.
  ///
  /// - Parameter works: Costs of each item's works, in the order they run.
  /// - Complexity: O(count x items² x longest run³).
  init?(mirroring items: [ModelItem], works: [[PairedCost]], into count: Int) {
    let n = items.count
    guard count >= 2, count.isMultiple(of: 2), n >= count, n <= Self.mostMirrored else {
      return nil
    }
    let mirror = Mirror(works, pairs: count / 2)
    let plain = Placement(
      balancing: items, costs: works.map { Time(seconds: Mirror.total($0)) }, into: count)
    var ends = [0]
    for stage in plain.stages { ends.append(ends[ends.count - 1] + stage.count) }
    let limit =
      (0..<count / 2).map { pair in
        mirror.cost(
          ends[pair]..<ends[pair + 1], ends[count - 1 - pair]..<ends[count - pair])
      }.max() ?? 0
    guard let least = mirror.best(under: limit * (1 + 1e-12), squares: false),
      let best = mirror.best(under: least.value * (1 + 1e-12), squares: true)
    else { return nil }
    stages = best.cuts.map { Array(items[$0]) }
  }
}

/// The search for mirrored runs: pairs from the ends of the model to its middle.
private struct Mirror {
  private let works: [PairedCost]
  /// First work of each item, and the end.
  private let starts: [Int]
  /// Cost of the items before each, by themselves.
  private let sums: [Double]
  private let pairs: Int

  init(_ costs: [[PairedCost]], pairs: Int) {
    works = costs.flatMap(\.self)
    var starts = [0]
    var sums = [0.0]
    for item in costs {
      starts.append(starts[starts.count - 1] + item.count)
      sums.append(sums[sums.count - 1] + Self.total(item))
    }
    self.starts = starts
    self.sums = sums
    self.pairs = pairs
  }

  /// An item with its forward and backward beside others of their like.
  static func total(_ works: [PairedCost]) -> Double {
    works.reduce(0) {
      $0 + max($1.forward + $1.backward, $1.forwardExchange + $1.backwardExchange)
    }
  }

  private var items: Int { sums.count - 1 }

  /// What the two pairs of a rank take that holds two runs of items.
  func cost(_ a: Range<Int>, _ b: Range<Int>) -> Double {
    pair(forward: a, backward: b) + pair(forward: b, backward: a)
  }

  private func pair(forward: Range<Int>, backward: Range<Int>) -> Double {
    let end = starts[forward.upperBound]
    var f = starts[forward.lowerBound]
    let start = starts[backward.lowerBound]
    var b = starts[backward.upperBound] - 1
    var sum = 0.0
    while f < end, b >= start {
      sum += max(
        works[f].forward + works[b].backward,
        works[f].forwardExchange + works[b].backwardExchange)
      f += 1
      b -= 1
    }
    while f < end {
      sum += works[f].forward + works[f].forwardExchange
      f += 1
    }
    while b >= start {
      sum += works[b].backward + works[b].backwardExchange
      b -= 1
    }
    return sum
  }

  /// The cut whose costliest rank costs least or, with `squares`, the one whose runs have the least
  /// sum of squares, of those whose ranks cost no more than `limit`.
  func best(under limit: Double, squares: Bool) -> (value: Double, cuts: [Range<Int>])? {
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
          visit(front, back, left: left, limit: limit) { newFront, newBack, rank, squared in
            let sum = squares ? value + squared : max(value, rank)
            let slot = newFront * width + newBack
            guard sum < next[slot] else { return }
            next[slot] = sum
            choice[slot] = Int32(front * width + back)
          }
        }
      }
      values = next
      choices.append(choice)
    }
    return runs(values, choices, width)
  }

  /// Every pair of runs after `front` items of one end and `back` of the other that leaves `left`
  /// items at least, or none where it is the last.
  private func visit(
    _ front: Int, _ back: Int, left: Int, limit: Double,
    _ body: (_ front: Int, _ back: Int, _ rank: Double, _ squared: Double) -> Void
  ) {
    var newFront = front + 1
    while newFront < items - back {
      let a = sums[newFront] - sums[front]
      var newBack = left > 0 ? back + 1 : items - newFront
      guard a <= 2 * limit else { return }
      while newFront + newBack + left <= items {
        let b = sums[items - back] - sums[items - newBack]
        // A rank takes no less than the compute of its runs.
        guard a + b <= 2 * limit else { break }
        let rank = cost(front..<newFront, items - newBack..<items - back)
        if rank <= limit { body(newFront, newBack, rank, a * a + b * b) }
        newBack += 1
      }
      newFront += 1
    }
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
