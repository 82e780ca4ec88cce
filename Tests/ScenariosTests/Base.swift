import Scenarios

/// The scenario that tests change a line of.
let baseLines = [
  "format: 1",
  "name: tiny",
  "model: deepseek-v3",
  "cluster: {node: h800, nodes: 256}",
  "parallelism: {pipeline: 16, expert: 64}",
  "training:",
  "  sequence_length: 4096",
  "  global_batch: 15360",
  "  schedule: dualpipe",
]

/// The base with some lines, counted from 1, replaced; lines from 10 on are added.
func base(_ changes: [Int: String] = [:]) -> String {
  var lines = baseLines
  for number in changes.keys.sorted() {
    while lines.count < number { lines.append("") }
    lines[number - 1] = changes[number] ?? ""
  }
  return lines.joined(separator: "\n")
}

/// The scenario of a text, under the file name `s.yaml`.
func load(_ text: String, set: [String] = []) throws -> Scenario {
  try Scenario.load(try Document(text: text, file: "s.yaml"), set: set)
}

/// The sentences of what is wrong with a text; none where nothing is.
func sentences(_ text: String, set: [String] = []) -> [String] {
  do {
    _ = try load(text, set: set)
    return []
  } catch let error as ScenarioError {
    return error.problems.map(\.description)
  } catch {
    return ["unexpected: \(error)"]
  }
}
