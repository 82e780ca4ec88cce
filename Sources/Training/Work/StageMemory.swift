import Models
import Quantities
import Schedules

/// What a pass of one micro-batch takes of memory, and until when.
enum MemoryPhase: Int, CaseIterable {
  /// From forward to the end of the input gradient.
  case held
  /// From the end of an input gradient on its own to the end of the weight gradient.
  case pending
  /// While a forward, or a backward, is worked on: the most of any layer of the stage.
  case forward, backward

  fileprivate var blocks: [Lifetime] {
    self == .forward ? Lifetime.forwardBlocks : Lifetime.backwardBlocks
  }
}

/// One change of a rank's memory, at the start or the end of an action of its list.
struct MemoryChange {
  /// Place of the action in the rank's list.
  var action: Int32
  var atStart: Bool
  /// Model stage of the pass.
  var stage: Int32
  var phase: MemoryPhase
  var microBatch: Int32
  /// 1 where memory is taken, -1 where it is given back.
  var sign: Int
}

extension Schedule {
  /// How a rank's memory changes, in order: what an action takes when it starts, then what it gives
  /// back when it ends. A rank's actions follow each other, so this is the order in time too.
  func memoryChanges(of rank: Int) -> [MemoryChange] {
    var changes: [MemoryChange] = []
    for (index, action) in actions[rank].enumerated() {
      func add(_ pass: Pass, _ phase: MemoryPhase, _ sign: Int, atStart: Bool) {
        changes.append(
          MemoryChange(
            action: Int32(index), atStart: atStart, stage: Int32(modelStage[Int(pass.stage)]),
            phase: phase, microBatch: pass.microBatch, sign: sign))
      }
      switch action {
      case .single(let pass):
        switch pass.kind {
        case .forward:
          add(pass, .held, 1, atStart: true)
          add(pass, .forward, 1, atStart: true)
          add(pass, .forward, -1, atStart: false)
        case .backward:
          add(pass, .backward, 1, atStart: true)
          add(pass, .backward, -1, atStart: false)
          add(pass, .held, -1, atStart: false)
        case .inputBackward:
          add(pass, .backward, 1, atStart: true)
          add(pass, .backward, -1, atStart: false)
          add(pass, .held, -1, atStart: false)
          add(pass, .pending, 1, atStart: false)
        case .weightBackward:
          add(pass, .pending, -1, atStart: false)
        }
      case .overlapped(let forward, let backward):
        add(forward, .held, 1, atStart: true)
        add(forward, .forward, 1, atStart: true)
        add(backward, .backward, 1, atStart: true)
        add(forward, .forward, -1, atStart: false)
        add(backward, .backward, -1, atStart: false)
        add(backward, .held, -1, atStart: false)
      }
    }
    return changes
  }
}

/// Bytes that one micro-batch takes on a GPU, by model stage and phase; where routing is uneven, by
/// draw of its tokens and by GPU.
struct StageMemory {
  private let stages: [[LayerWork]]
  private let uneven: UnevenLoads
  private let draws: Int
  private let members: Int
  private var bytes: [Double] = []
  /// Layer and block that need most while they are worked on, by stage and phase.
  private var busiest: [(layer: Int, block: Lifetime)?] = []

  init(_ stages: [[LayerWork]], uneven: UnevenLoads, members: Int) {
    self.stages = stages
    self.uneven = uneven
    let isUneven = stages.contains { $0.contains { $0.load >= 0 } }
    draws = isUneven ? uneven.draws : 1
    self.members = isUneven ? members : 1
    for stage in stages.indices {
      for phase in MemoryPhase.allCases {
        busiest.append(busiest(stage, phase))
        let terms = terms(stage, phase)
        for draw in 0..<draws {
          for member in 0..<self.members {
            bytes.append(
              terms.reduce(0) { sum, term in
                let load = uneven.load(term.load, microBatch: Int32(draw), member: member)
                return sum + term.bytes + term.slope * (load - 1)
              })
          }
        }
      }
    }
  }

  /// GPUs of a rank whose needs may differ.
  var differing: Int { members }

  /// Bytes a change takes or gives back on a member.
  func bytes(_ change: MemoryChange, member: Int) -> Double {
    Double(change.sign) * bytes[place(change) * members + (members > 1 ? member : 0)]
  }

  /// Number of the kind of memory that is counted: its stage, phase and draw.
  func place(_ change: MemoryChange) -> Int {
    (Int(change.stage) * MemoryPhase.allCases.count + change.phase.rawValue) * draws
      + max(Int(change.microBatch), 0) % draws
  }

  /// How many kinds of memory are counted.
  var places: Int { stages.count * MemoryPhase.allCases.count * draws }

  /// Adds `count` times the tensors of a kind of memory to `parts`.
  func add(_ count: Int, of place: Int, member: Int, to parts: inout MemoryParts) {
    let phases = MemoryPhase.allCases.count
    let (rest, draw) = place.quotientAndRemainder(dividingBy: draws)
    guard count != 0, let phase = MemoryPhase(rawValue: rest % phases) else { return }
    func add(_ work: LayerWork, _ lifetime: Lifetime) {
      let load = uneven.load(work.load, microBatch: Int32(draw), member: member)
      for part in work.activations(at: load).parts where part.lifetime == lifetime {
        parts.add(part.bytes * Double(count), .activation(part.tensor, lifetime))
      }
    }
    switch phase {
    case .held: for work in stages[rest / phases] { add(work, .input) }
    case .pending: for work in stages[rest / phases] { add(work, .weight) }
    case .forward, .backward:
      if let busiest = busiest[rest] { add(stages[rest / phases][busiest.layer], busiest.block) }
    }
  }

  /// What a stage takes at most on any member in any draw, in a phase.
  static func most(
    _ works: [LayerWork], _ phase: MemoryPhase, uneven: UnevenLoads
  ) -> Bytes {
    let activations = works.map { $0.activations(at: uneven.most($0.load)) }
    return switch phase {
    case .held: activations.reduce(.zero) { $0 + $1.held }
    case .pending: activations.reduce(.zero) { $0 + $1.pendingWeight }
    case .forward, .backward: activations.map { $0.working(phase.blocks) }.max() ?? .zero
    }
  }

  /// What each layer adds to a stage's phase at the balanced load, and with each further share.
  private func terms(
    _ stage: Int, _ phase: MemoryPhase
  ) -> [(load: Int32, bytes: Double, slope: Double)] {
    func term(_ work: LayerWork, _ lifetime: Lifetime) -> (Int32, Double, Double) {
      (
        work.load, work.activations.bytes(lifetime).value,
        work.load >= 0 ? work.activationSlope.bytes(lifetime).value : 0
      )
    }
    switch phase {
    case .held: return stages[stage].map { term($0, .input) }
    case .pending: return stages[stage].map { term($0, .weight) }
    case .forward, .backward:
      guard let busiest = busiest[stage * MemoryPhase.allCases.count + phase.rawValue] else {
        return []
      }
      return [term(stages[stage][busiest.layer], busiest.block)]
    }
  }

  private func busiest(_ stage: Int, _ phase: MemoryPhase) -> (layer: Int, block: Lifetime)? {
    guard phase == .forward || phase == .backward else { return nil }
    var best: (layer: Int, block: Lifetime)?
    var most = Bytes.zero
    for (layer, work) in stages[stage].enumerated() {
      let activations = work.activations(at: uneven.most(work.load))
      for block in phase.blocks {
        let bytes = activations.bytes(block)
        if bytes > most { (best, most) = ((layer, block), bytes) }
      }
    }
    return best
  }
}
