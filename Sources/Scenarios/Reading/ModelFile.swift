import Foundation
public import Models
import Quantities

/// A model from the catalogue or from a Hugging Face config.json.
///
///     try loadModel("deepseek-v3").architecture.layers    // 61
///     try loadModel("mine/config.json").source            // mine/config.json
///
/// - Parameter nameOrPath: a catalogue name, or the path of a config.json or of its folder.
/// - Throws: `ScenarioError` with every problem of the name or the file.
public func loadModel(
  _ nameOrPath: String
) throws(ScenarioError) -> (architecture: Architecture, source: String) {
  let model = try LoadedModel(nameOrPath, scenario: nil, place: .argument)
  return (model.architecture, model.source)
}

/// A model with where it is known from, and how well.
struct LoadedModel {
  /// Its shape.
  var architecture: Architecture
  /// The document it is known from, or the file.
  var source: String
  /// How well it is known, as the catalogue says it.
  var status: String

  /// - Parameters:
  ///   - scenario: path of the scenario that names the model; its folder is looked in first.
  ///   - place: where the name stands.
  init(_ nameOrPath: String, scenario: String?, place: Place) throws(ScenarioError) {
    if let entry = ModelCatalogue.model(named: nameOrPath) {
      architecture = entry.architecture
      source = entry.source
      status = entry.status.rawValue
      return
    }
    guard let path = Self.file(nameOrPath, scenario: scenario) else {
      if nameOrPath.contains("/") || nameOrPath.hasSuffix(".json") {
        throw ScenarioError(.noModelFile(value: shortened(nameOrPath)), at: place)
      }
      throw ScenarioError(
        .unknownName(
          key: "model", value: shortened(nameOrPath), kind: .model, names: ModelCatalogue.names,
          suggestion: suggestion(for: nameOrPath, among: ModelCatalogue.names)), at: place)
    }
    let unknownFamily: String?
    (architecture, unknownFamily) = try Self.architecture(of: path)
    source =
      unknownFamily.map { "\(path), whose model_type \($0) is not known: biases left out" } ?? path
    status = (unknownFamily == nil ? Status.stated : .assumed).rawValue
  }

  /// The config.json a path means, seen from the scenario's folder and then from the current one.
  private static func file(_ path: String, scenario: String?) -> String? {
    for candidate in paths(path, besides: scenario) {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder) else {
        continue
      }
      guard isFolder.boolValue else { return candidate }
      let inner = candidate.hasSuffix("/") ? candidate + "config.json" : candidate + "/config.json"
      if FileManager.default.fileExists(atPath: inner) { return inner }
    }
    return nil
  }

  /// The shape in a config.json, and its `model_type` where no family of that name is known.
  private static func architecture(
    of path: String
  ) throws(ScenarioError) -> (Architecture, unknownFamily: String?) {
    let document = try Document(path: path)
    guard document.problems.isEmpty else { throw ScenarioError(problems: document.problems) }
    let fields = document.root.entries.map { (key: $0.key, value: ConfigValue($0.value)) }
    do {
      let architecture = try Architecture(huggingFace: fields, name: name(of: path))
      let family = document.entry("model_type")?.value.text ?? "(missing)"
      return (architecture, Architecture.isKnownFamily(family) ? nil : shortened(family))
    } catch {
      throw ScenarioError(
        problems: error.problems.map { problem in
          let entry = problem.key.flatMap { key in
            document.entry(key) ?? document.entry("text_config.\(key)")
          }
          return Problem(place: entry?.place ?? .file(path), fault: .config(problem))
        })
    }
  }

  /// The folder's name where the file is called config.json, or else the file's.
  private static func name(of path: String) -> String {
    let url = URL(fileURLWithPath: path)
    let stem = url.deletingPathExtension().lastPathComponent
    let folder = url.deletingLastPathComponent().lastPathComponent
    return stem == "config" && !folder.isEmpty && folder != "/" ? folder : stem
  }
}

extension ConfigValue {
  /// A value of a JSON file.
  init(_ value: Document.Value) {
    switch value {
    case .list(let items): self = .list(items.map { ConfigValue($0.value) })
    case .table(let table): self = .table(table.entries.map { ($0.key, ConfigValue($0.value)) })
    case .scalar(let text, let isQuoted):
      if isQuoted {
        self = .text(text)
      } else if value.isEmpty {
        self = .null
      } else if text == "true" || text == "false" {
        self = .boolean(text == "true")
      } else if let integer = Int(text) {
        self = .integer(integer)
      } else if let number = Double(text), text.first?.isLetter == false {
        self = .number(number)
      } else {
        self = .text(text)
      }
    }
  }
}

extension ConfigProblem {
  /// The key the problem is about, if it is one.
  fileprivate var key: String? {
    switch self {
    case .missing, .tooManyParameters: nil
    case .wrongKind(let key, _, _), .tooSmall(let key, _, _), .tooLarge(let key, _, _),
      .notDivisible(let key, _, _, _), .exceeds(let key, _, _, _), .unsupported(let key, _, _):
      key
    case .unknownFamily: "model_type"
    }
  }
}

/// Where the file of a path may stand: in the folder of the scenario that names it, then in the
/// current one.
private func paths(_ path: String, besides scenario: String?) -> [String] {
  guard let scenario, !path.hasPrefix("/") else { return [path] }
  let folder = URL(fileURLWithPath: scenario).deletingLastPathComponent().relativePath
  return folder == "." ? [path] : ["\(folder)/\(path)", path]
}

/// The file a path in a scenario means, if there is one.
func existingFile(_ path: String, besides scenario: String?) -> String? {
  paths(path, besides: scenario).first { FileManager.default.fileExists(atPath: $0) }
}
