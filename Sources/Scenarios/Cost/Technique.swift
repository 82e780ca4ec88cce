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
      else {
        if keys.document.entry("\(path).off")?.value.isEmpty == true {
          keys.report(.run(.emptyOff(key: "\(path).off")), at: "\(path).off")
        }
        continue
      }
      if off.entries.isEmpty {
        keys.report(.run(.emptyOff(key: "\(path).off")), at: "\(path).off")
      }
      for key in ["samples", "seed"] where keys.has("\(path).off.run.\(key)") {
        let key = "\(path).off.run.\(key)"
        keys.report(.run(.notCompared(key: key)), at: key)
      }
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
    of whole: CostPlan, _ document: Document
  ) throws(ScenarioError) -> [TechniqueVariant] {
    let techniques = whole.techniques
    guard !techniques.isEmpty else { return [] }
    var plain = document
    plain.root.entries.removeAll { ["techniques", "headline"].contains($0.key) }
    var problems: [Problem] = []
    var variants: [TechniqueVariant] = []
    for one in wanted(techniques) {
      do {
        let plan = try CostPlan.load(try Self.document(plain, without: one.off))
        if case .without(let index) = one.kind, plan.isSame(as: whole) {
          let key = "\(techniques[index].path).off"
          let place = KeyReader(document).place(key)
          problems.append(Problem(place: place, fault: .run(.changesNothing(key: key))))
        }
        variants.append(TechniqueVariant(kind: one.kind, name: one.name, plan: plan))
      } catch {
        for var problem in error.problems {
          // What is wrong in several of them is told of the first.
          guard
            !problems.contains(where: { $0.place == problem.place && $0.fault == problem.fault })
          else { continue }
          problem.point = [one.point, problem.point].compactMap(\.self).joined(separator: ", ")
          problems.append(problem)
        }
      }
    }
    guard problems.isEmpty else { throw ScenarioError(problems: problems) }
    return variants
  }
}

extension Technique {
  /// A run of the tables of techniques: its row's name, and what a problem is told with.
  private typealias Wanted = (
    kind: TechniqueVariant.Kind, name: String, point: String, off: [Technique]
  )

  private static func wanted(_ techniques: [Technique]) -> [Wanted] {
    var wanted: [Wanted] = []
    for (index, technique) in techniques.enumerated() {
      let name = technique.name
      wanted.append((.without(index), "without \(name)", "\(name) off", [technique]))
    }
    wanted.append((.first(0), "none of them", "all techniques off", techniques))
    for (index, technique) in techniques.enumerated() {
      let off = Array(techniques[(index + 1)...])
      wanted.append(
        (
          .first(index + 1), "+ \(technique.name)", "all techniques after \(technique.name) off",
          off
        ))
    }
    return wanted
  }
}

extension CostPlan {
  /// Whether every figure is the same as of `other`: where numbers stand aside.
  fileprivate func isSame(as other: CostPlan) -> Bool {
    guard terms.inputs.map(\.path) == other.terms.inputs.map(\.path),
      terms.inputs.map(\.spread) == other.terms.inputs.map(\.spread),
      terms.reliability == other.terms.reliability, terms.rent == other.terms.rent,
      stages.count == other.stages.count, cluster == other.cluster
    else { return false }
    return zip(stages, other.stages).allSatisfy { a, b in
      a.stage.kind == b.stage.kind && a.stage.amount == b.stage.amount
        && a.stage.ramp == b.stage.ramp && a.stage.name == b.stage.name && a.cluster == b.cluster
        && a.cases == b.cases
    }
  }
}

extension PlannedStage {
  /// The cases of its step without where their keys come from.
  fileprivate var cases: [ScenarioCase] {
    (scenario?.cases ?? []).map { one in
      var one = one
      one.resolved = []
      return one
    }
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
