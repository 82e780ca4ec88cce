import Foundation
import Reporting
import Scenarios
import Testing

/// The table of published figures, computed anew, and what the README shows of it.
///
/// After a change that is meant to move it, write the README's part anew with
/// `FATHOM_WRITE_GOLDEN=1 swift test --filter PublishedFigureTests` and read the difference.
@Suite struct PublishedFigureTests {
  static let rows = Result { try Validation.rows() }

  private static let readme = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../README.md").standardized
  private static let start = "<!-- fathom validate: written by PublishedFigureTests -->\n"
  private static let end = "<!-- end of fathom validate -->\n"

  @Test func rowsStandWorstFirst() throws {
    let rows = try Self.rows.get()
    #expect(rows.count >= 100)
    #expect(Set(rows.map(\.name)).count == rows.count)
    for (row, next) in zip(rows, rows.dropFirst()) { #expect(abs(row.error) >= abs(next.error)) }
    for row in rows {
      #expect(row.published > 0 && row.simulated > 0 && row.error.isFinite, "\(row.name)")
    }
  }

  /// How far each group may be off today: the mean of its errors' magnitudes. A bound is what was
  /// reached, rounded up; it falls when the model gets better and must not rise.
  @Test(arguments: [
    (PublishedFigure.Group.trainingRun, 0.12), (.tracePhase, 0.15), (.exchange, 0.02),
    (.megatronStep, 0.08), (.megatronLayer, 0.10), (.measuredStep, 0.12), (.parameters, 0.02),
    (.operations, 0.04), (.cache, 1e-9), (.topology, 1e-9),
  ])
  func groupIsWithinItsBound(group: PublishedFigure.Group, bound: Double) throws {
    let errors = try Self.rows.get().filter { $0.group == group }.map { abs($0.error) }
    let mean = errors.reduce(0, +) / Double(max(errors.count, 1))
    #expect(!errors.isEmpty)
    #expect(mean <= bound, "\(mean)")
  }

  /// Megatron-LM's eight steps and the 37 measured ones are all there.
  @Test func stepsOnA100AreComplete() throws {
    let rows = try Self.rows.get()
    #expect(rows.count { $0.group == .megatronStep } == 8)
    #expect(rows.count { $0.group == .measuredStep } == 37)
  }

  /// The README's part is what the code gives.
  @Test func theREADMEShowsTheTable() throws {
    let table = "\n" + ValidationReport(try Self.rows.get()).markdown + "\n"
    var text = try String(contentsOf: Self.readme, encoding: .utf8)
    let start = try #require(text.range(of: Self.start), "README.md has no \(Self.start)")
    let end = try #require(text.range(of: Self.end), "README.md has no \(Self.end)")
    if ProcessInfo.processInfo.environment["FATHOM_WRITE_GOLDEN"] != nil {
      text.replaceSubrange(start.upperBound..<end.lowerBound, with: table)
      try Data(text.utf8).write(to: Self.readme, options: .atomic)
      return
    }
    #expect(text[start.upperBound..<end.lowerBound] == table)
  }
}
