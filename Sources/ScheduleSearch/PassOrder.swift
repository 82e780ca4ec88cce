internal import Schedules

/// An order of all passes of a layout in which every pass stands after those it needs.
struct PassOrder: Sendable {
  /// Place of the layout among those searched.
  var layout: Int
  /// Passes in order; a pair stands for its forward, and the W of its backward is not there.
  var line: [Int32]
  /// For each place the I that its forward forms a pair with, or none.
  var partners: [Int32]
  var makespan: Double
}

extension PassOrder {
  /// The order of a valid schedule of the grid's layout, full backwards taken apart.
  init(_ schedule: Schedule, _ grid: PassGrid, layout: Int) {
    let stages = grid.layout.stages
    func number(_ pass: Pass) -> Int32 {
      grid.forward(Int(pass.microBatch), Int(pass.stage) % stages)
    }
    let cells = Int32(grid.cells)
    var partner = [Int32](repeating: grid.none, count: grid.input.count)
    let lists = schedule.actions.map { list in
      list.flatMap { action -> [Int32] in
        switch action {
        case .overlapped(let forward, let backward):
          partner[Int(number(forward))] = number(backward) + cells
          return [number(forward)]
        case .single(let pass):
          let forward = number(pass)
          switch pass.kind {
          case .forward: return [forward]
          case .inputBackward: return [forward + cells]
          case .weightBackward: return [forward + 2 * cells]
          case .backward: return [forward + cells, forward + 2 * cells]
          }
        }
      }
    }
    line = Self.merged(lists, partner, grid)
    partners = line.map { partner[Int($0)] }
    self.layout = layout
    makespan = .infinity
  }

  /// The lists of the ranks as one line, in the order of their starts.
  private static func merged(
    _ lists: [[Int32]], _ partner: [Int32], _ grid: PassGrid
  ) -> [Int32] {
    var finish = [Double](repeating: .infinity, count: grid.input.count)
    for pass in finish.indices where grid.isEmpty(Int32(pass)) { finish[pass] = 0 }
    func arrival(_ pass: Int32) -> Double {
      finish[Int(grid.input[Int(pass)])] + grid.latency[Int(pass)]
    }
    var started: [(start: Double, pass: Int32)] = []
    var next = [Int](repeating: 0, count: lists.count)
    var free = [Double](repeating: 0, count: lists.count)
    var moved = true
    while moved {
      moved = false
      for rank in lists.indices {
        while next[rank] < lists[rank].count {
          let pass = lists[rank][next[rank]]
          let pair = partner[Int(pass)]
          let start = max(free[rank], arrival(pass), arrival(pair))
          if start == .infinity { break }
          let duration =
            pair == grid.none ? grid.duration[Int(pass)] : grid.pairDuration(pass, pair)
          free[rank] = start + duration
          finish[Int(pass)] = free[rank]
          if pair != grid.none { finish[Int(pair)] = free[rank] }
          started.append((start, pass))
          next[rank] += 1
          moved = true
        }
      }
    }
    // The sort is stable, so of equal starts what needs another stays behind it.
    return started.sorted { $0.start < $1.start }.map(\.pass)
  }

  /// The lists of the ranks, with an I and its W joined to a full backward where `joins` says so;
  /// it is asked with the number of the place in the order in which such places come.
  func schedule(_ grid: PassGrid, joins: (Int) -> Bool) -> Schedule {
    let layout = grid.layout
    var lists = [[Int32]](repeating: [], count: layout.ranks)
    for pass in line { lists[Int(grid.rank[Int(pass)])].append(pass) }
    var partner = [Int32](repeating: grid.none, count: grid.input.count)
    for (pass, other) in zip(line, partners) { partner[Int(pass)] = other }
    func pass(_ number: Int32, _ kind: PassKind) -> Pass {
      let (microBatch, stage) = grid.place(number)
      let direction = layout.directionOf[microBatch]
      return Pass(direction * layout.stages + stage, kind, microBatch)
    }
    var places = 0
    var actions: [[Action]] = []
    for list in lists {
      var made: [Action] = []
      var index = 0
      while index < list.count {
        let number = list[index]
        index += 1
        let pair = partner[Int(number)]
        if pair != grid.none {
          made.append(
            .overlapped(forward: pass(number, .forward), backward: pass(pair, .backward)))
        } else if grid.isForward(number) {
          made.append(.single(pass(number, .forward)))
        } else if grid.isWeightBackward(number) {
          made.append(.single(pass(number, .weightBackward)))
        } else if index < list.count, list[index] == number + Int32(grid.cells) {
          let isJoined = joins(places)
          places += 1
          if isJoined { index += 1 }
          made.append(.single(pass(number, isJoined ? .backward : .inputBackward)))
        } else {
          made.append(.single(pass(number, .inputBackward)))
        }
      }
      actions.append(made)
    }
    return Schedule(
      name: OrderSearch.scheduleName, microBatches: grid.problem.microBatches,
      actions: actions, rankOfStage: layout.rankOfStage,
      modelStage: layout.rankOfStage.indices.map { $0 % layout.stages })
  }

  /// The schedule of the order, with full backwards wherever that does not lengthen the step.
  ///
  /// Places are tried all at once, then in halves, and so on, up to a number of trials.
  func schedule(_ grid: PassGrid) throws(ScheduleError) -> (Schedule, ScheduleTiming) {
    var places = 0
    let split = schedule(grid) {
      places = $0 + 1
      return false
    }
    var best = (split, try split.timing(grid.problem.durations))
    let allowed = best.1.makespan * (1 + 1e-12)
    var joined = [Bool](repeating: false, count: places)
    var ranges = [0..<places]
    var trials = max(1, min(400, 5_000_000 / max(line.count, 1)))
    var next = 0
    while next < ranges.count, trials > 0 {
      let range = ranges[next]
      next += 1
      if range.isEmpty { continue }
      trials -= 1
      for place in range { joined[place] = true }
      let candidate = schedule(grid) { joined[$0] }
      let timing = try candidate.timing(grid.problem.durations)
      if timing.makespan <= allowed {
        best = (candidate, timing)
        continue
      }
      for place in range { joined[place] = false }
      if range.count > 1 {
        let middle = (range.lowerBound + range.upperBound) / 2
        ranges += [range.lowerBound..<middle, middle..<range.upperBound]
      }
    }
    return best
  }
}
