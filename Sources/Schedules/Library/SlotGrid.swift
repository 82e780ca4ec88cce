/// The passes of a V on a grid of equal slots, for schedules that repeat one pattern: each
/// micro-batch does the same as the one before, six slots later.
///
/// A rank's passes are numbered, six for each micro-batch: F of its first and its second stage, I
/// of its second and its first, W of its second and its first.
struct SlotGrid {
  private let ranks: Int
  private let microBatches: Int
  private let slots: Int
  /// The pass in each slot of each rank, rank by rank; −1 for none.
  private var cells: [Int32]
  /// Slot of each pass of each rank.
  private var slotOfPass: [Int32]
  /// Where the pattern has each pass, whatever was moved since.
  private let patternSlot: [Int32]
  /// Most activations of each rank in the pattern.
  private var peak: [Int32]

  private static let none: Int32 = -1
  private static let period = 6

  /// The pattern of each rank for all micro-batches, W in the earliest free slots.
  init(microBatches: Int, pattern: [[Int]]) {
    let ranks = pattern.count
    let last = pattern.lazy.flatMap { $0 }.max() ?? 0
    // Each six slots have room for the two W of a micro-batch, so few wait at the end.
    let slots = Self.period * (microBatches + 1) + last
    var cells = [Int32](repeating: Self.none, count: slots * ranks)
    var slotOfPass = [Int32](repeating: 0, count: Self.period * microBatches * ranks)
    var peak = [Int32](repeating: 0, count: ranks)
    for rank in 0..<ranks {
      let first = rank * Self.period * microBatches
      for (step, slot) in pattern[rank].enumerated() {
        for microBatch in 0..<microBatches {
          cells[rank * slots + slot + Self.period * microBatch] =
            Int32(Self.period * microBatch + step)
        }
      }
      var waiting = WaitingWeights()
      var held: Int32 = 0
      for slot in 0..<slots {
        let cell = rank * slots + slot
        if cells[cell] == Self.none, let weight = waiting.next() { cells[cell] = weight }
        let pass = cells[cell]
        guard pass != Self.none else { continue }
        slotOfPass[first + Int(pass)] = Int32(slot)
        waiting.add(after: pass)
        held += Step(pass).activations
        peak[rank] = max(peak[rank], held)
      }
    }
    self.ranks = ranks
    self.microBatches = microBatches
    self.slots = slots
    self.cells = cells
    self.slotOfPass = slotOfPass
    self.patternSlot = slotOfPass
    self.peak = peak
  }

  /// Slot of F or I of one of the rank's two stages.
  func slot(of kind: PassKind, ofSecondStage second: Bool, rank: Int, microBatch: Int) -> Int {
    let step: Step =
      kind == .forward ? (second ? .forward2 : .forward1) : second ? .input2 : .input1
    return slot(rank, Self.period * microBatch + Int(step.rawValue))
  }

  /// Runs each pass as early as its inputs and the order of its rank allow.
  mutating func squeeze() {
    var squeezed = [Int32](repeating: Self.none, count: cells.count)
    var free = [Int](repeating: 0, count: ranks)
    for slot in 0..<slots {
      for rank in 0..<ranks where cells[rank * slots + slot] != Self.none {
        // The slots so far respect the inputs, so those have been squeezed already.
        let pass = cells[rank * slots + slot]
        let early = max(free[rank], earliest(rank, Int(pass)))
        squeezed[rank * slots + early] = pass
        slotOfPass[rank * Self.period * microBatches + Int(pass)] = Int32(early)
        free[rank] = early + 1
      }
    }
    cells = squeezed
  }

  /// Moves passes to earlier idle slots, in the order of their slots, where the rank's peak does
  /// not rise.
  ///
  /// - Parameter moves: Whether a pass may move, by its slot in the pattern and its rank.
  mutating func fillWarmUp(moves: (_ slot: Int, _ rank: Int) -> Bool) {
    var held = [Int32](repeating: 0, count: cells.count)
    for rank in 0..<ranks {
      var count: Int32 = 0
      for cell in rank * slots..<(rank + 1) * slots {
        if cells[cell] != Self.none { count += Step(cells[cell]).activations }
        held[cell] = count
      }
    }
    forEachMovable(moves) { grid, rank, cell in
      let activations = Step(grid.cells[cell]).activations
      let earliest = rank * grid.slots + grid.earliest(rank, Int(grid.cells[cell]))
      var target = cell
      if activations > 0 {
        // The earliest idle slot from which on there is room.
        var candidate = cell - 1
        while candidate >= earliest, held[candidate] < grid.peak[rank] {
          if grid.cells[candidate] == Self.none { target = candidate }
          candidate -= 1
        }
      } else {
        target = (earliest..<cell).first { grid.cells[$0] == Self.none } ?? cell
      }
      for between in target..<cell { held[between] += activations }
      grid.move(rank, from: cell, to: target)
    }
  }

  /// Takes out all W, then moves F and I to earlier idle slots, in the order of their slots, where
  /// the rank's peak does not rise with each W in the earliest slot that is left.
  ///
  /// - Parameter moves: Whether a pass may move, by its slot in the pattern and its rank.
  mutating func fillCoolDown(moves: (_ slot: Int, _ rank: Int) -> Bool) {
    for index in cells.indices where cells[index] != Self.none && Step(cells[index]).isWeight {
      cells[index] = Self.none
    }
    var counts = [Counts](repeating: Counts(), count: cells.count)
    for rank in 0..<ranks {
      var count = Counts()
      for cell in rank * slots..<(rank + 1) * slots {
        count = count.after(cells[cell])
        counts[cell] = count
      }
    }
    forEachMovable(moves) { grid, rank, cell in
      let earliest = rank * grid.slots + grid.earliest(rank, Int(grid.cells[cell]))
      for candidate in earliest..<max(cell, earliest) where grid.cells[candidate] == Self.none {
        grid.move(rank, from: cell, to: candidate)
        if grid.recount(rank, from: candidate, past: cell, &counts) { break }
        grid.move(rank, from: candidate, to: cell)
      }
    }
  }

  /// The list of every rank, each W in the earliest slot without F or I, those of the second stage
  /// first.
  func lists() -> [[Action]] {
    (0..<ranks).map { rank in
      var list: [Action] = []
      list.reserveCapacity(Self.period * microBatches)
      func run(_ pass: Int32) {
        let step = Step(pass)
        list.append(
          .single(
            Pass(
              step.isOfSecondStage ? 2 * ranks - 1 - rank : rank, step.kind,
              Int(pass) / Self.period)))
      }
      var waiting = WaitingWeights()
      for cell in rank * slots..<(rank + 1) * slots {
        let pass = cells[cell]
        if pass != Self.none, !Step(pass).isWeight {
          run(pass)
          waiting.add(after: pass)
        } else if let weight = waiting.next() {
          run(weight)
        }
      }
      while let weight = waiting.next() { run(weight) }
      return list
    }
  }

  private func slot(_ rank: Int, _ pass: Int) -> Int {
    Int(slotOfPass[rank * Self.period * microBatches + pass])
  }

  /// First slot after the inputs of a pass.
  private func earliest(_ rank: Int, _ pass: Int) -> Int {
    let last = ranks - 1
    return switch Step(Int32(pass)) {
    case .forward1: rank > 0 ? slot(rank - 1, pass) + 1 : 0
    case .forward2: (rank < last ? slot(rank + 1, pass) : slot(rank, pass - 1)) + 1
    case .input2: max(rank > 0 ? slot(rank - 1, pass) : 0, slot(rank, pass - 1)) + 1
    case .input1: (rank < last ? slot(rank + 1, pass) : slot(rank, pass - 1)) + 1
    case .weight2, .weight1: slot(rank, pass - 2) + 1
    }
  }

  /// Visits the passes that may move, in the order of their slots and then of the ranks.
  private mutating func forEachMovable(
    _ moves: (_ slot: Int, _ rank: Int) -> Bool,
    _ visit: (_ grid: inout SlotGrid, _ rank: Int, _ cell: Int) -> Void
  ) {
    for slot in 0..<slots {
      for rank in 0..<ranks {
        let cell = rank * slots + slot
        let pass = cells[cell]
        guard pass != Self.none,
          moves(Int(patternSlot[rank * Self.period * microBatches + Int(pass)]), rank)
        else { continue }
        visit(&self, rank, cell)
      }
    }
  }

  private mutating func move(_ rank: Int, from old: Int, to new: Int) {
    let pass = cells[old]
    cells[old] = Self.none
    cells[new] = pass
    slotOfPass[rank * Self.period * microBatches + Int(pass)] = Int32(new - rank * slots)
  }

  /// Counts a rank again from a cell on that has changed to past another; false, with nothing
  /// changed, if that exceeds the rank's peak.
  private func recount(
    _ rank: Int, from first: Int, past last: Int, _ counts: inout [Counts]
  ) -> Bool {
    let before = first == rank * slots ? Counts() : counts[first - 1]
    var now = before
    var end = first
    while end < (rank + 1) * slots {
      now = now.after(cells[end])
      if now.held > peak[rank] { return false }
      if end >= last, now == counts[end] { break }
      end += 1
    }
    now = before
    for cell in first..<end {
      now = now.after(cells[cell])
      counts[cell] = now
    }
    return true
  }

  /// What a rank holds after a slot if each W is run in the first slot without F or I.
  private struct Counts: Equatable {
    var held: Int32 = 0
    var waitingWeights: Int32 = 0

    func after(_ pass: Int32) -> Counts {
      var after = self
      if pass != SlotGrid.none {
        if Step(pass).kind == .forward { after.held += 1 } else { after.waitingWeights += 1 }
      } else if waitingWeights > 0 {
        after.waitingWeights -= 1
        after.held -= 1
      }
      return after
    }
  }

  /// What one of the six passes of a micro-batch on a rank does.
  private enum Step: Int32 {
    case forward1, forward2, input2, input1, weight2, weight1

    init(_ pass: Int32) { self = Step(rawValue: pass % 6) ?? .forward1 }

    var kind: PassKind {
      switch self {
      case .forward1, .forward2: .forward
      case .input1, .input2: .inputBackward
      case .weight1, .weight2: .weightBackward
      }
    }
    var isWeight: Bool { kind == .weightBackward }
    var isOfSecondStage: Bool { self == .forward2 || self == .input2 || self == .weight2 }
    /// By how many the activations of the rank grow.
    var activations: Int32 { kind == .forward ? 1 : isWeight ? -1 : 0 }
  }

  /// The W of a rank whose I has run.
  private struct WaitingWeights {
    private var second: [Int32] = []
    private var first: [Int32] = []
    private var secondDone = 0
    private var firstDone = 0

    mutating func add(after pass: Int32) {
      switch Step(pass) {
      case .input2: second.append(pass + 2)
      case .input1: first.append(pass + 2)
      default: break
      }
    }

    /// The oldest of the second stage, or else of the first.
    mutating func next() -> Int32? {
      if secondDone < second.count {
        secondDone += 1
        return second[secondDone - 1]
      }
      guard firstDone < first.count else { return nil }
      firstDone += 1
      return first[firstDone - 1]
    }
  }
}
