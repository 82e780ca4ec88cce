import Schedules

/// How many activations a rank holds over time, each of one stage and one micro-batch, from the
/// start of F to the end of W or B.
///
/// Invariant: `steps` is in order of time; before the first the rank holds none.
struct MemoryCurve: Equatable {
  /// From `time` on the rank holds `level`.
  struct Step: Equatable {
    var time: Double
    var level: Int
  }

  var steps: [Step] = []

  /// Most it holds.
  var peak: Int { steps.map(\.level).max() ?? 0 }

  /// The curve of a rank that runs `actions` at `spans`.
  init(_ actions: [Action], _ spans: [ActionSpan]) {
    var level = 0
    for (action, span) in zip(actions, spans) {
      if action.takesActivation {
        level += 1
        steps.append(Step(time: span.start, level: level))
      }
      if action.freesActivation {
        level -= 1
        steps.append(Step(time: span.finish, level: level))
      }
    }
  }
}

extension Action {
  /// Whether it takes an activation at its start.
  fileprivate var takesActivation: Bool {
    switch self {
    case .single(let pass): pass.kind == .forward
    case .overlapped: true
    }
  }

  /// Whether it frees an activation at its end.
  fileprivate var freesActivation: Bool {
    switch self {
    case .single(let pass): pass.kind == .weightBackward || pass.kind == .backward
    case .overlapped: true
    }
  }
}

/// A curve as a drawing shows it: the level from each position on, in hundredths of a pixel along
/// all bands.
///
/// Where a drawing is too narrow to show every step, a stretch shows the most held in it.
struct DrawnCurve {
  private(set) var steps: [(position: Int, level: Int)] = []
  /// Most held, at the end of the label and of the scale.
  let peak: Int

  init(_ curve: MemoryCurve, _ layout: DrawingLayout) {
    peak = curve.peak
    let stretch = layout.leastWidth / 2
    let positions = curve.steps.map { layout.position($0.time) }
    var level = 0
    for (index, position) in positions.enumerated() {
      // What changes at one instant is one step.
      if index + 1 < positions.count, positions[index + 1] == position { continue }
      let next = curve.steps[index].level
      if let last = steps.last, position < last.position + stretch {
        steps[steps.count - 1].level = max(last.level, next)
      } else {
        settle(on: level, after: stretch)
        if (steps.last?.level ?? 0) != next { steps.append((position, next)) }
      }
      level = next
    }
    settle(on: level, after: stretch)
  }

  private mutating func settle(on level: Int, after stretch: Int) {
    if let last = steps.last, last.level != level {
      steps.append((last.position + stretch, level))
    }
  }
}
