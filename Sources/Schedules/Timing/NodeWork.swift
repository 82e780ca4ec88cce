/// What a node of a frozen schedule does: nothing, a pass of a stage, or a pair of two stages.
struct NodeWork {
  /// The pass alone, or nil for a pair and for idleness.
  var kind: PassKind?
  /// The stage that runs forward, and the one that runs backward; −1 for none.
  var forwardStage: Int32 = -1
  var backwardStage: Int32 = -1
  /// Parts of the model these stages are.
  var forwardPart: Int32 = -1
  var backwardPart: Int32 = -1

  /// The work of an idle node.
  static let idle = NodeWork()

  var isPair: Bool { forwardStage >= 0 && backwardStage >= 0 }
  var hasForward: Bool { forwardStage >= 0 }
  /// Whether an activation that lives until the end of W or B ends here.
  var freesAtW: Bool { isPair || kind == .weightBackward || kind == .backward }
  /// Whether an activation that lives until the end of I or B ends here.
  var freesAtI: Bool { isPair || kind == .inputBackward || kind == .backward }

  /// How long the node takes, and how long its results travel: forward, then backward.
  func times(
    _ durations: StageDurations, stages: Int
  ) -> (duration: Double, forwardLatency: Double, backwardLatency: Double) {
    func of(_ stage: Int32, _ part: Int32) -> Durations? {
      stage < 0 ? nil : durations.of(stage: Int(stage), modelStage: Int(part), count: stages)
    }
    let forward = of(forwardStage, forwardPart)
    let backward = of(backwardStage, backwardPart)
    let duration: Double =
      switch (forward, backward) {
      case (let forward?, let backward?):
        StageDurations.overlapped(forward: forward, backward: backward)
      case (let forward?, nil): forward.forward
      case (nil, let backward?):
        switch kind {
        case .inputBackward: backward.inputBackward
        case .weightBackward: backward.weightBackward
        default: backward.backward
        }
      case (nil, nil): 0
      }
    return (duration, forward?.pointToPoint ?? 0, backward?.pointToPoint ?? 0)
  }
}

/// Gives each different work of a schedule a number, in the order of first use.
struct WorkNumbering {
  private(set) var works = [NodeWork.idle]
  /// Number of each pass by stage and kind; 0 for none yet.
  private var numberOfPass: [Int32]
  /// Numbers of pairs by their forward's stage: the backward's stages met with it so far.
  private var pairs: [[(backwardStage: Int32, number: Int32)]]
  private let modelStage: [Int]

  init(_ schedule: Schedule) {
    modelStage = schedule.modelStage
    numberOfPass = [Int32](
      repeating: 0, count: modelStage.count * PassKind.allCases.count)
    pairs = Array(repeating: [], count: modelStage.count)
  }

  /// The number of every node's work.
  mutating func number(_ schedule: Schedule, nodes: Int) -> [Int32] {
    var numbers: [Int32] = []
    numbers.reserveCapacity(nodes)
    for list in schedule.actions {
      numbers.append(0)
      for action in list {
        switch action {
        case .single(let pass): numbers.append(number(of: pass))
        case .overlapped(let forward, let backward):
          numbers.append(number(ofPair: forward.stage, backward.stage))
        }
      }
    }
    return numbers
  }

  private mutating func number(of pass: Pass) -> Int32 {
    let index = Int(pass.stage) * PassKind.allCases.count + Int(pass.kind.rawValue)
    if numberOfPass[index] == 0 {
      let part = Int32(modelStage[Int(pass.stage)])
      numberOfPass[index] = Int32(works.count)
      works.append(
        pass.kind == .forward
          ? NodeWork(kind: .forward, forwardStage: pass.stage, forwardPart: part)
          : NodeWork(kind: pass.kind, backwardStage: pass.stage, backwardPart: part))
    }
    return numberOfPass[index]
  }

  private mutating func number(ofPair forward: Int32, _ backward: Int32) -> Int32 {
    if let found = pairs[Int(forward)].first(where: { $0.backwardStage == backward }) {
      return found.number
    }
    let number = Int32(works.count)
    pairs[Int(forward)].append((backward, number))
    works.append(
      NodeWork(
        kind: nil, forwardStage: forward, backwardStage: backward,
        forwardPart: Int32(modelStage[Int(forward)]),
        backwardPart: Int32(modelStage[Int(backward)])))
    return number
  }
}
