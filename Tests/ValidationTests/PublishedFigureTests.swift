import Foundation
import Kernels
import Reporting
import Testing

@testable import Hardware
@testable import Scenarios

/// The table of published figures, computed anew, and what the README shows of it.
///
/// A debug build leaves the steps of many passes out, and says so; `FATHOM_VALIDATE_ALL=1` and release
/// builds compute them too. That the README's part is what `fathom validate --markdown` prints, to the
/// letter, is checked by `.ci/run`, which computes every row. After a change that is meant to move it:
/// `FATHOM_WRITE_GOLDEN=1 swift test --filter PublishedFigureTests`, and read the difference.
@Suite struct PublishedFigureTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let writes = environment["FATHOM_WRITE_GOLDEN"] != nil

  private static let extent: Validation.Extent = {
    #if DEBUG
      guard !writes, environment["FATHOM_VALIDATE_ALL"] == nil else { return .all }
      print("PublishedFigureTests: large steps are left out; FATHOM_VALIDATE_ALL=1 computes them.")
      return .small
    #else
      return .all
    #endif
  }()

  static let rows = Result { try Validation.rows(extent) }

  private static let readme = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../README.md").standardized
  private static let start = "<!-- fathom validate: written by PublishedFigureTests -->\n"
  private static let end = "<!-- end of fathom validate -->\n"

  @Test func rowsStandWorstFirst() throws {
    let rows = try Self.rows.get()
    #expect(Set(rows.map(\.name)).count == rows.count)
    for (row, next) in zip(rows, rows.dropFirst()) { #expect(abs(row.error) >= abs(next.error)) }
    for row in rows {
      #expect(row.published > 0 && row.simulated > 0 && row.error.isFinite, "\(row.name)")
    }
  }

  /// What is reached in a group.
  private struct Reached {
    var group: PublishedFigure.Group
    /// All its rows.
    var count: Int
    /// How far off it may be today: the mean of its errors' magnitudes. A bound is what was reached,
    /// rounded up; it falls when the model gets better and must not rise.
    var bound: Double
    /// Rows whose figures had a part in Fathom's.
    var fitted = 0
    /// The bound without steps of many passes, of groups that have some.
    var smallBound: Double?
  }

  private static let reached = [
    Reached(group: .trainingRun, count: 2, bound: 0.12),
    Reached(group: .tracePhase, count: 11, bound: 0.15, fitted: 8),
    Reached(
      group: .traceKernel, count: MeasuredKernels.trace.count, bound: 0.05,
      fitted: MeasuredKernels.trace.count),
    Reached(group: .exchange, count: 8, bound: 0.02, fitted: 8),
    Reached(group: .megatronStep, count: 8, bound: 0.08, smallBound: 0.08),
    Reached(group: .megatronLayer, count: 7, bound: 0.10),
    Reached(group: .measuredStep, count: 37, bound: 0.12, smallBound: 0.13),
    Reached(group: .parameters, count: 39, bound: 0.02),
    Reached(group: .operations, count: 5, bound: 0.04),
    Reached(group: .debatedRun, count: 6, bound: 0.18, smallBound: 0.20),
    Reached(group: .debatedSum, count: 4, bound: 0.20, fitted: 4),
    Reached(group: .owning, count: 15, bound: 0.08, fitted: 5),
    Reached(group: .cache, count: 3, bound: 1e-9), Reached(group: .topology, count: 9, bound: 1e-9),
  ]

  /// No group has lost a row, none is further off than it was, and each says what it rests on.
  @Test(arguments: PublishedFigure.Group.allCases)
  func groupIsWhole(group: PublishedFigure.Group) throws {
    let reached = try #require(Self.reached.first { $0.group == group })
    let rows = try Self.rows.get().filter { $0.group == group }
    let mean = rows.reduce(0) { $0 + abs($1.error) } / Double(max(rows.count, 1))
    #expect(rows.count { $0.basis != .prediction } == reached.fitted)
    if let bound = reached.smallBound, Self.extent == .small {
      #expect(!rows.isEmpty && rows.count < reached.count)
      #expect(mean <= bound, "\(mean)")
    } else {
      #expect(rows.count == reached.count)
      #expect(mean <= reached.bound, "\(mean)")
    }
  }

  /// The error that a cost gives its steps is that of the published steps; of the small ones alone
  /// it differs a little.
  @Test func theErrorOfStepsIsThatOfPublishedOnes() throws {
    let groups: [PublishedFigure.Group] = [.trainingRun, .megatronStep, .measuredStep]
    let errors = try Self.rows.get().filter { groups.contains($0.group) }.map(\.error)
    let square = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    let tolerance = Self.extent == .small ? 0.03 : 0.003
    #expect(abs(square.squareRoot() - CostTermsReader.stepDeviation) < tolerance, "\(square)")
  }

  /// Each kernel of the trace has one row: its measured time, and the time of the fitted curve.
  @Test func everyKernelOfTheTraceHasItsRow() throws {
    let kernels = try Validation.traceKernels()
    #expect(kernels.count == MeasuredKernels.trace.count && kernels.count > 100)
    let rates = try KernelRates.fitted(for: HardwareCatalogue.h800)
    for (row, measured) in zip(kernels, MeasuredKernels.trace) {
      #expect(row.name.contains(measured.role))
      #expect(abs(row.published - measured.seconds * 1e6) < 1e-9 * row.published)
      let curve = rates.kernelSeconds(
        measured.work, on: HardwareCatalogue.h800,
        multiprocessorShare: measured.multiprocessorShare)
      #expect(abs(row.simulated - curve * 1e6) < 1e-9 * row.simulated, "\(row.name)")
    }
  }

  /// Other cuts of DeepSeek-V3 are steps of their own, not all equal, and stand in the report.
  @Test(.enabled(if: extent == .all)) func otherCutsOfDeepSeekAreTold() throws {
    let rows = try Self.rows.get()
    let hours = try #require(rows.first { $0.unit == "GPU-hours" })
    let others = try #require(hours.others)
    #expect(others.count >= 3 && others.range.upperBound > others.range.lowerBound)
    let text = ValidationReport(rows).markdown
    #expect(text.contains("plausible cuts of the model into stages give"))
  }

  /// The report says how many of some rows of kernels are within a tenth, and which are worst.
  @Test func kernelsAreSummed() throws {
    let kernels = try Validation.traceKernels().sorted { abs($0.error) > abs($1.error) }
    let near = kernels.count { abs($0.error) <= 0.1 }
    let text = ValidationReport(kernels).markdown
    #expect(
      text.contains("\(kernels.count) kernels, which the compute rates are fitted to, \(near) "))
    #expect(text.contains(kernels[0].name) && !text.contains("| \(kernels[0].name)"))
  }

  /// The README's part is what the code gives: all of it where every row is computed, else each row
  /// of its tables that is.
  @Test func theREADMEShowsTheTable() throws {
    let rows = try Self.rows.get()
    let table = "\n" + ValidationReport(rows).markdown + "\n"
    var text = try String(contentsOf: Self.readme, encoding: .utf8)
    let start = try #require(text.range(of: Self.start), "README.md has no \(Self.start)")
    let end = try #require(text.range(of: Self.end), "README.md has no \(Self.end)")
    if Self.writes {
      text.replaceSubrange(start.upperBound..<end.lowerBound, with: table)
      try Data(text.utf8).write(to: Self.readme, options: .atomic)
      return
    }
    let shown = text[start.upperBound..<end.lowerBound]
    guard Self.extent == .small else {
      #expect(shown == table)
      return
    }
    let lines = Set(shown.split(separator: "\n").map(String.init))
    var compared = 0
    for row in rows {
      let figure = "| \(row.name), \(row.unit) |"
      guard let line = lines.first(where: { $0.hasPrefix(figure) }) else { continue }
      #expect(line == ValidationReport.line(row))
      compared += 1
    }
    // DeepSeek-V3's run and phases, and more.
    #expect(compared > 13)
  }
}
