/// What the time and the money of a run rest on.
///
/// Every number stands once in `inputs`, in the order of the file and then of the defaults, so that
/// a draw of all of them is one list of numbers; the other properties say which is which.
public struct CostTerms: Sendable, Equatable {
  /// All numbers.
  public internal(set) var inputs: [CostInput] = []
  /// Stages in the order in which they run.
  public internal(set) var stages: [RunStage] = []
  /// Dollars for a GPU-hour; nil where none is written or known.
  public internal(set) var rent: InputReference?
  /// What a GPU-hour costs that owns the cluster; nil where a term is wrong.
  public internal(set) var ownership: OwnershipInputs?
  /// How the cluster fails; nil where it does not.
  public internal(set) var reliability: ReliabilityTerms?
  /// What all hours are multiplied by for work that led to no stage; nil where none is named.
  public internal(set) var researchOverhead: InputReference?
  /// How far simulated steps may be off, as a share of their length.
  public internal(set) var stepError: InputReference?
  /// How often everything is drawn.
  public internal(set) var samples = 2000
  /// Seed of all draws.
  public internal(set) var seed: UInt64 = 1

  /// The middle of every input.
  public var middles: [Double] { inputs.map { $0.value(0.5) } }

  /// Adds an input.
  mutating func add(_ input: CostInput) -> InputReference {
    inputs.append(input)
    return InputReference(index: inputs.count - 1)
  }
}
