public import Schedules

/// Durations of each stage, read from a file of comma-separated values.
///
///     stage,forward,input_backward,weight_backward,p2p
///     0,1.5,1.5,1.2,0.1
///     1,1,1,0.9,0.1
///
/// The header is required, and its columns may stand in any order; `overlapped` is F + I + W and
/// `p2p` 0 where their columns are left out. There is one row for each stage, in any order: for the
/// parts of the model, or for every stage of a bidirectional schedule. `activation` is the size of
/// what a stage keeps from F to W, relative to the other stages.
public struct DurationsFile: Sendable, Equatable {
  /// Durations by stage.
  public let durations: StageDurations
  /// Relative size of each stage's activation, if the file has the column.
  public let activations: [Double]?

  /// As many stages as a schedule may have.
  static let mostStages = 65_536

  /// A column of the file.
  enum Column: String, CaseIterable, Sendable {
    case stage, forward
    case inputBackward = "input_backward"
    case weightBackward = "weight_backward"
    case overlapped, p2p, activation

    /// Whether the file must have it.
    var isRequired: Bool {
      switch self {
      case .stage, .forward, .inputBackward, .weightBackward: true
      case .overlapped, .p2p, .activation: false
      }
    }
  }

  /// Reads the file at a path.
  ///
  /// - Throws: `ScenarioError` with every problem of the file, up to 20.
  public init(path: String) throws(ScenarioError) {
    try self.init(text: Document.contents(of: path), file: path)
  }

  /// Reads text.
  ///
  /// - Parameter file: What problems call the text's file.
  /// - Throws: `ScenarioError` with every problem, up to 20.
  public init(text: String, file: String) throws(ScenarioError) {
    var reader = DurationsReader(file: file)
    guard let rows = reader.rows(text) else { throw reader.error }
    let sorted = rows.sorted { $0.stage < $1.stage }
    reader.checkStages(sorted)
    guard reader.problems.isEmpty else { throw reader.error }
    var stages: [Durations] = []
    for row in sorted {
      do throws(ScheduleError) {
        stages.append(
          try Durations(
            forward: row[.forward] ?? 0, inputBackward: row[.inputBackward] ?? 0,
            weightBackward: row[.weightBackward] ?? 0, overlapped: row[.overlapped],
            pointToPoint: row[.p2p] ?? 0))
      } catch {
        throw ScenarioError(
          .scheduleRefused(error), at: .line(file: file, line: row.line, column: 0))
      }
    }
    durations = StageDurations(ofStages: stages)
    let sizes = sorted.compactMap { $0[.activation] }
    activations = sizes.isEmpty ? nil : sizes
  }
}
