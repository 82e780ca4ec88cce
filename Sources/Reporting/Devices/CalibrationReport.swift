import Hardware
import Kernels
import Quantities
public import Scenarios

/// Fitted curves with their residuals, beside the catalogue's, for the `calibrate` verb.
public struct CalibrationReport {
  private let calibration: Calibration

  /// A report on a calibration.
  public init(_ calibration: Calibration) { self.calibration = calibration }

  /// Every class and row as scripts read it.
  ///
  /// - Parameter file: path of the device file that was written; nil where none was.
  public func json(file: String?) -> JSONValue {
    .object([
      ("device", .text(calibration.device.name)),
      ("classes", .list(calibration.classes.map(json))),
      ("worst", calibration.worst.map(json) ?? .null),
      ("unmeasured", .list(calibration.unmeasured.map { .text($0) })),
      ("file", file.map { .text($0) } ?? .null),
    ])
  }

  private func json(_ one: Calibration.FittedClass) -> JSONValue {
    var format = JSONValue.null
    if case .matrix(_, let operands) = one.fit.kernelClass { format = .text(operands.rawValue) }
    func curve(_ numbers: [(key: String, value: Double)]) -> JSONValue {
      .object(numbers.map { ($0.key, .number($0.value)) })
    }
    return .object([
      ("class", .text(one.fit.kernelClass.name)), ("precision", format),
      ("curve", curve(one.curve)), ("catalogue_curve", curve(one.catalogue)),
      ("range", one.fit.range.map { .text($0) } ?? .null),
      ("mean_error_ratio", .number(Self.mean(one.rows.map { abs($0.error) }))),
      ("rows", .list(one.rows.map(json))),
    ])
  }

  private func json(_ row: Calibration.Row) -> JSONValue {
    let sizes = DeviceText.sizes(of: row.measured.work).map { ($0.key, JSONValue.number($0.value)) }
    return .object(
      [
        ("name", .text(row.measured.role)),
        ("class", .text(row.measured.work.kernelClass.name)),
      ]
        + sizes + [
          ("measured_s", .number(row.measured.seconds)), ("fitted_s", .number(row.fitted)),
          ("error_ratio", .number(row.error)), ("catalogue_s", .number(row.catalogue)),
          ("catalogue_error_ratio", .number(row.catalogueError)),
        ])
  }

  /// The same as tables for people.
  ///
  /// - Parameter file: path of the device file that was written; nil where none was.
  public func text(file: String?) -> String {
    var text = "\(calibration.device.name): curves fitted to \(calibration.device.source)\n"
    for one in calibration.classes { text += self.text(one) }
    if let worst = calibration.worst {
      text +=
        "\nWorst row: \(worst.measured.role) of \(worst.measured.work.kernelClass), "
        + "\(Self.percent(worst.error)) from its curve.\n"
    }
    let unmeasured = calibration.unmeasured
    if !unmeasured.isEmpty {
      text +=
        DisplayText.wrapped(
          "Not measured, and so assumed to reach the shares of peak of the catalogue's H800 "
            + "kernels: \(unmeasured.joined(separator: ", ")).", indent: "") + "\n"
    }
    let alike = calibration.withoutCommunication
    if !alike.isEmpty {
      text +=
        DisplayText.wrapped(
          "All rows had the same multiprocessors, so how far it slows down beside communication is "
            + "taken from the catalogue: \(alike.map(\.description).joined(separator: "; ")).",
          indent: "") + "\n"
    }
    return text
      + (file.map { "Device file: \($0); name it as cluster.device in a scenario.\n" }
        ?? "No device file is written without --output FILE.\n")
  }

  private func text(_ one: Calibration.FittedClass) -> String {
    let numbers = one.curve.map { "\($0.key) \(Self.short($0.value))" }.joined(separator: ", ")
    let catalogue = one.catalogue.map { "\($0.key) \(Self.short($0.value))" }
      .joined(separator: ", ")
    let count = one.rows.count
    var text =
      "\n\(one.fit.kernelClass): \(count) rows" + (one.fit.range.map { ", \($0)" } ?? "") + "\n"
      + "  curve      \(numbers)\n  catalogue  \(catalogue)\n"
    let header = ["row", "measured us", "fitted us", "error %", "catalogue us", "error %"]
    let rows = one.rows.map { row in
      [
        row.measured.role, Self.microseconds(row.measured.seconds),
        Self.microseconds(row.fitted), Self.percent(row.error, unit: ""),
        Self.microseconds(row.catalogue), Self.percent(row.catalogueError, unit: ""),
      ]
    }
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    for row in [header] + rows {
      let cells = row.indices.map {
        $0 == 0 ? DisplayText.left(row[$0], widths[$0]) : DisplayText.right(row[$0], widths[$0])
      }
      text += "  " + cells.joined(separator: "  ") + "\n"
    }
    return text
  }

  private static func microseconds(_ seconds: Double) -> String {
    DisplayText.number(seconds * 1e6, decimals: 1)
  }

  private static func percent(_ share: Double, unit: String = " %") -> String {
    (share > 0 ? "+" : "") + DisplayText.number(share * 100, decimals: 1) + unit
  }

  private static func short(_ value: Double) -> String { DisplayText.number(value, decimals: 3) }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
