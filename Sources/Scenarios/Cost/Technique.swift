/// Something that makes a run cheaper, known by what the scenario is without it.
///
///     # techniques of a scenario, which has all of them on
///     - {name: FP8, off: {training: {precision: bf16}}}
///
/// Where several are off at once and set the same key, the one that stands first decides.
public struct Technique: Sendable, Equatable {
  /// Key path, such as `techniques.2`.
  public var path: String
  /// Name in tables.
  public var name: String
  /// Keys of the scenario without it, as they were written; `null` takes a key out.
  var off: [Document.Entry]

  /// Tables of the scenario that may be other without it.
  static let changeable = ["model", "cluster", "parallelism", "training", "routing", "run"]
  /// Its keys.
  static let keys = ["name", "off"]
  /// Most of a scenario; each is worth two steps or more.
  static let most = 20
}

/// The run without some of a scenario's techniques.
public struct TechniqueVariant: Sendable {
  /// Which it is.
  public var kind: Kind
  /// Its row's name.
  public var name: String
  /// The run.
  public var plan: CostPlan

  /// How a variant stands to the scenario.
  public enum Kind: Sendable, Equatable {
    /// All techniques but one.
    case without(Int)
    /// The first techniques, that many.
    case first(Int)
  }
}

extension Technique {
  /// The techniques of a document; those that are wrong are reported and left out.
  static func read(_ keys: inout KeyReader) -> [Technique] {
    guard let items = keys.list("techniques", kind: .tables) else { return [] }
    if items.count > most {
      keys.report(
        .cost(.tooMany(key: "techniques", count: items.count, most: most)), at: "techniques")
    }
    var found: [Technique] = []
    for index in items.indices.prefix(most) {
      let path = "techniques.\(index + 1)"
      guard case .table = items[index].value else {
        keys.report(
          .wrongKind(key: path, value: keys.quoted(path), kind: .table(keys: self.keys)), at: path)
        continue
      }
      keys.check([(path, self.keys), ("\(path).off", changeable)])
      keys.require("\(path).name", example: "name: FP8")
      keys.require("\(path).off", example: "off: {training: {precision: bf16}}")
      guard let name = keys.word("\(path).name"),
        case .table(let off)? = keys.document.entry("\(path).off")?.value
      else { continue }
      if found.contains(where: { $0.name == name }) {
        keys.report(.repeatedName(key: "techniques", value: name), at: "\(path).name")
      }
      found.append(Technique(path: path, name: name, off: off.entries))
    }
    return found
  }

  /// The document without some of its techniques: those that stand later are taken out first, so
  /// that the first decides.
  static func document(
    _ document: Document, without techniques: [Technique]
  ) throws(ScenarioError) -> Document {
    var changed = document
    for technique in techniques.reversed() {
      for entry in technique.off { try changed.put(entry, at: []) }
    }
    return changed
  }

  /// Every run that the two tables of techniques tell of, in their order: each technique off alone,
  /// then all off and one more on at a time.
  ///
  /// - Throws: `ScenarioError` with every problem that only such a run has, and its name.
  static func variants(
    _ techniques: [Technique], of document: Document
  ) throws(ScenarioError) -> [TechniqueVariant] {
    guard !techniques.isEmpty else { return [] }
    var plain = document
    plain.root.entries.removeAll { ["techniques", "headline"].contains($0.key) }
    var wanted: [(kind: TechniqueVariant.Kind, name: String, off: [Technique])] = []
    for (index, technique) in techniques.enumerated() {
      wanted.append((.without(index), "without \(technique.name)", [technique]))
    }
    wanted.append((.first(0), "none of them", techniques))
    for (index, technique) in techniques.enumerated() {
      wanted.append((.first(index + 1), "+ \(technique.name)", Array(techniques[(index + 1)...])))
    }
    var problems: [Problem] = []
    var variants: [TechniqueVariant] = []
    for one in wanted {
      do {
        let plan = try CostPlan.load(try Self.document(plain, without: one.off))
        variants.append(TechniqueVariant(kind: one.kind, name: one.name, plan: plan))
      } catch {
        for var problem in error.problems {
          // What is wrong in several of them is told of the first.
          guard
            !problems.contains(where: { $0.place == problem.place && $0.fault == problem.fault })
          else { continue }
          problem.point = one.name
          problems.append(problem)
        }
      }
    }
    guard problems.isEmpty else { throw ScenarioError(problems: problems) }
    return variants
  }
}

extension Document {
  /// Puts a value at `path` and its key: of a table that stands there too each key, of anything
  /// else the whole; `null` takes the key out.
  mutating func put(_ entry: Entry, at path: [String]) throws(ScenarioError) {
    let keys = path + [entry.key]
    if case .table(let table) = entry.value, keys.count < 8 {
      if case .table? = self.entry(keys.joined(separator: "."))?.value {
        for inner in table.entries { try put(inner, at: keys) }
        return
      }
      var whole = table
      whole.entries.removeAll { $0.value.isEmpty }
      return try KeyChange(keys: keys, value: .table(whole), place: entry.place).apply(to: &self)
    }
    try KeyChange(keys: keys, value: entry.value, place: entry.place).apply(to: &self)
  }
}
