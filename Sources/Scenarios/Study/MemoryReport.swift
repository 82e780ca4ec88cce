public import Quantities
public import Training

/// How a case fills memory, and what it would be without what saves it.
public struct MemoryReport: Sendable {
  /// Name of the case.
  public var name: String
  /// The rank that needs most.
  public var memory: RankMemory
  /// Memory of a GPU.
  public var capacity: Bytes
  /// What each technique of the plan saves on that rank, the most first.
  public var savings: [MemorySaving]

  /// A report from its parts.
  init(name: String, memory: RankMemory, capacity: Bytes, savings: [MemorySaving]) {
    self.name = name
    self.memory = memory
    self.capacity = capacity
    self.savings = savings
  }

  /// The report of a simulated case.
  init(_ outcome: CaseOutcome, _ simulation: StepSimulation) {
    name = outcome.name
    memory = outcome.tightest
    capacity = outcome.memoryCapacity
    savings = simulation.memorySavings(of: outcome.result, rank: memory.rank)
  }
}

extension CaseOutcome {
  /// Memory of the rank that needs most, the first of equals.
  var tightest: RankMemory {
    result.memory.reduce(nil as RankMemory?) { best, memory in
      guard let best, memory.peak <= best.peak else { return memory }
      return best
    } ?? RankMemory(rank: 0)
  }

  /// Whether the step fits and by how much; if not, at which rank, and what would fix it.
  ///
  ///     fits by 2.6 GiB, rank 15 needs most
  ///     exceeds by 14.5 GiB at rank 3: full recompute would fit by 8.2 GiB
  func sentence(_ advice: MemoryAdvice) -> String {
    let room = memoryCapacity - peakMemory
    guard room < .zero else {
      return "fits by \(gibibytes(room)), rank \(tightest.rank) needs most"
    }
    func outcome(_ remedy: MemoryRemedy) -> String {
      let room = memoryCapacity - remedy.peak
      return room < .zero
        ? "would exceed by \(gibibytes(room * -1)) at rank \(remedy.rank)"
        : "would fit by \(gibibytes(room))"
    }
    let verdict = "exceeds by \(gibibytes(room * -1)) at rank \(tightest.rank): "
    if let fix = advice.alone.first(where: { $0.peak <= memoryCapacity }) {
      return verdict + "\(fix.words) \(outcome(fix))"
    }
    guard !advice.alone.isEmpty else { return verdict + "no change that was tried lowers it" }
    let saved = advice.alone.map { "\($0.words) saves \(gibibytes(peakMemory - $0.peak))" }
    let alone = saved.joined(separator: ", ")
    guard let together = advice.together else { return verdict + "\(alone), which is not enough" }
    return verdict + "\(alone); \(together.words) \(outcome(together))"
  }
}

/// An amount in GiB with one decimal: `2.6 GiB`.
private func gibibytes(_ amount: Bytes) -> String {
  let tenths = (amount.value / 1_073_741_824 * 10).rounded()
  guard tenths.magnitude < 1e15 else { return "\(amount.value / 1_073_741_824) GiB" }
  let whole = Int(tenths)
  return "\(grouped(whole / 10)).\(whole.magnitude % 10) GiB"
}
