import Schedules

/// What of a pass runs beside what.
struct PassOverlap: Equatable {
  /// Tensor-parallel exchanges beside the products next to them.
  var tensorExchange = false
  /// Reductions of gradients beside what follows them.
  var gradientReduction = false
  /// Gathers of weights beside what comes before them.
  var parameterGather = false

  init(_ plan: Plan) {
    tensorExchange = plan.overlapsTensorExchange && plan.tensor > 1
    gradientReduction = plan.overlapsGradientReduction
    parameterGather = plan.overlapsParameterGather
  }
}

/// The first forward and the last weight gradient of each work on each rank: what updated weights
/// must be there for, and what a stage's gradients are whole after.
struct WorkPlaces {
  private let works: Int
  private(set) var firstForward: [Int32]
  private(set) var lastWeight: [Int32]

  init(ranks: Int, works: Int) {
    self.works = works
    firstForward = [Int32](repeating: -1, count: ranks * works)
    lastWeight = firstForward
  }

  /// The first task of a work's first forward on a rank; -1 where it has none.
  func firstForward(_ place: Int32, rank: Int) -> Int32 {
    firstForward[rank * works + Int(place)]
  }

  /// The last task of a work's last weight gradient on a rank; -1 where it has none.
  func lastWeight(_ place: Int32, rank: Int) -> Int32 { lastWeight[rank * works + Int(place)] }

  /// Notes where a work's gradients of a micro-batch are reduced; the last of them counts.
  mutating func note(reduced task: Int32, _ work: LayerWork, rank: Int32) {
    guard works > 0 else { return }
    lastWeight[Int(rank) * works + Int(work.place)] = task
  }

  /// Notes the tasks of a block; a rank's are noted in the order it runs them.
  mutating func note(
    _ block: Block, _ work: LayerWork, first: Int32, last: Int32, rank: Int32, pass: PassKind
  ) {
    guard works > 0 else { return }
    let index = Int(rank) * works + Int(work.place)
    switch pass {
    case .forward where firstForward[index] < 0: firstForward[index] = first
    case .weightBackward: lastWeight[index] = last
    default: break
    }
  }
}
