public import Scenarios

/// When the flows of a file end, for `flows`.
public struct FlowReport {
  private let flows: FlowCase
  private let result: FlowCaseResult

  /// Solves a case.
  ///
  /// - Throws: `ScenarioError` if a flow ends later than can be said.
  public init(_ flows: FlowCase) throws(ScenarioError) {
    self.flows = flows
    result = try flows.solved()
  }

  private var last: Double { result.finish.max() ?? 0 }

  /// Seconds by flow, and what was done to find them.
  public var json: JSONValue {
    .object([
      (
        "finish_s",
        .object(zip(flows.ids, result.finish).map { ($0, .number($1)) })
      ),
      ("last_finish_s", .number(last)),
      ("solves", .integer(result.solves)),
    ])
  }

  /// The same as a table for people, with what the links carried.
  public var text: String {
    let flowRows = flows.ids.indices.map { flow in
      let duration = result.finish[flow] - flows.starts[flow]
      return [
        flows.ids[flow], DisplayText.short(flows.bytes[flow]),
        DisplayText.short(flows.starts[flow]),
        DisplayText.short(result.finish[flow]), DisplayText.short(duration),
        duration > 0 ? DisplayText.short(flows.bytes[flow] / duration / 1e9) : "-",
      ]
    }
    let linkRows = flows.links.indices.map { link in
      let whole = flows.links[link].capacity * last
      return [
        flows.links[link].id, DisplayText.short(flows.links[link].capacity),
        DisplayText.short(result.carried[link]),
        whole > 0 ? DisplayText.percent(result.carried[link] / whole) : "-",
      ]
    }
    return """
      \(flows.file): \(counted(flows.ids.count, "flow")) on \(counted(flows.links.count, "link")), \
      \(counted(result.solves, "solve")); the last ends after \(DisplayText.short(last)) s

      \(DisplayText.table(["flow", "bytes", "start s", "finish s", "takes s", "GB/s"], flowRows))
      \(DisplayText.table(["link", "capacity B/s", "carried bytes", "busy"], linkRows))
      """
  }

  private func counted(_ number: Int, _ noun: String) -> String {
    "\(DisplayText.number(number)) \(noun)\(number == 1 ? "" : "s")"
  }
}
