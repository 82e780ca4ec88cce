public import Hardware

/// A scenario as `fathom cost` reads it: the terms of the run, and the step of each stage.
///
///     let plan = try CostPlan.load(path: "scenarios/deepseek-v3-pretraining.yaml", set: [])
///     plan.stages[0].stage.name          // pre-training
public struct CostPlan: Sendable {
  /// Name, which is also the name of the output folder.
  public var name: String
  /// What the time and the money rest on.
  public var terms: CostTerms
  /// The cluster of the file, which is what is owned.
  public var cluster: Cluster
  /// Stages with their steps, in order.
  public var stages: [PlannedStage]
  /// What makes it cheaper, in the order in which it is added; empty where the file names nothing.
  public var techniques: [Technique] = []
  /// The run without some of them.
  public var variants: [TechniqueVariant] = []
  /// What was said of the run in public; nil where the file names nothing.
  public var headline: Headline?
}

/// A stage with the scenario of its step.
public struct PlannedStage: Sendable {
  /// The stage.
  public var stage: RunStage
  /// The step, one case for each schedule that may run it; nil of stated stages.
  public var scenario: Scenario?
  /// The cluster it runs on.
  public var cluster: Cluster
}

extension CostPlan {
  /// Reads and checks a scenario file.
  ///
  /// A stage's step is that of the file with the keys set that the stage names. It runs under
  /// `training.schedule` where that is written, and else under the fastest of `compare` that fits.
  ///
  /// - Throws: `ScenarioError` with every problem at once.
  public static func load(path: String, set: [String]) throws(ScenarioError) -> CostPlan {
    let (document, problems) = Scenario.changed(try Document(path: path), set: set)
    return try load(document, problems: problems)
  }

  /// Checks the scenario of a document; as `load(path:set:)`.
  static func load(
    _ document: Document, problems known: [Problem] = []
  ) throws(ScenarioError) -> CostPlan {
    var problems = known
    var head = ScenarioReader(document)
    head.keys.check(ScenarioKeys.tables)
    head.readHead(needsModel: false)
    head.readCluster()
    var reader = CostTermsReader(head.keys, cluster: head.cluster)
    reader.read()
    let terms = reader.terms
    problems += reader.keys.problems
    if terms.stages.isEmpty, reader.keys.problems.isEmpty {
      problems.append(Problem(place: .file(document.file), fault: .cost(.noRun)))
    }
    let sweep = Sweep(document)
    if !sweep.axes.isEmpty || !sweep.problems.isEmpty {
      problems.append(Problem(place: reader.keys.place("sweep"), fault: .cost(.sweep)))
    }
    var stages: [PlannedStage] = []
    for stage in terms.stages {
      do {
        let planned = try planned(stage, document, among: stages, cluster: head.cluster)
        problems += planned.problems(document, terms)
        let (node, own) = (planned.cluster.node.name, head.cluster?.node.name ?? "")
        if node != own, !own.isEmpty {
          let path = "\(stage.path).cluster.node"
          problems.append(
            Problem(
              place: reader.keys.place(path),
              fault: .cost(.otherNode(key: path, node: node, priced: own))))
        }
        stages.append(planned)
      } catch {
        for problem in error.problems where !isKnown(problem, among: problems) {
          problems.append(problem)
        }
      }
    }
    var debate = KeyReader(document)
    let techniques = Technique.read(&debate)
    let headline = Headline.read(&debate)
    if let headline {
      for (path, fault) in headline.faults(of: terms, hasTechniques: !techniques.isEmpty) {
        debate.report(fault, at: path)
      }
    }
    problems += debate.problems
    guard problems.isEmpty, let name = head.name, let cluster = head.cluster else {
      guard problems.isEmpty else { throw ScenarioError(problems: problems) }
      // Every nil above comes with a problem, so this is for the compiler.
      throw ScenarioError(.empty, at: .file(document.file))
    }
    var plan = CostPlan(
      name: name, terms: terms, cluster: cluster, stages: stages, techniques: techniques,
      headline: headline)
    plan.variants = try Technique.variants(of: plan, document)
    return plan
  }

  /// The stage with its step; stages that change nothing share one.
  private static func planned(
    _ stage: RunStage, _ document: Document, among done: [PlannedStage], cluster: Cluster?
  ) throws(ScenarioError) -> PlannedStage {
    if stage.isSimulated,
      let same = done.first(where: { $0.scenario != nil && $0.stage.changes == stage.changes })
    {
      return PlannedStage(stage: stage, scenario: same.scenario, cluster: same.cluster)
    }
    let changed = try changed(document, by: stage)
    if stage.isSimulated {
      do {
        let scenario = try Scenario.load(changed, set: [])
        return PlannedStage(stage: stage, scenario: scenario, cluster: scenario.cluster)
      } catch {
        throw ScenarioError(problems: error.problems.map { named($0, stage) })
      }
    }
    guard !stage.changes.isEmpty, stage.changes.contains(where: { $0.key == "cluster" }) else {
      guard let cluster else { throw ScenarioError(problems: []) }  // the cluster's own is told
      return PlannedStage(stage: stage, scenario: nil, cluster: cluster)
    }
    return PlannedStage(stage: stage, scenario: nil, cluster: try Scenario.cluster(of: changed))
  }

  /// Whether the same is told already, of the file or of an earlier stage.
  private static func isKnown(_ problem: Problem, among others: [Problem]) -> Bool {
    others.contains { $0.place == problem.place && $0.fault == problem.fault }
  }

  /// A problem that only the stage has is told with its name.
  private static func named(_ problem: Problem, _ stage: RunStage) -> Problem {
    guard !stage.changes.isEmpty else { return problem }
    var problem = problem
    problem.point = "stage \(stage.name)"
    return problem
  }

  /// The document of the stage's step: its keys set, and nothing of money, runs and sweeps.
  private static func changed(
    _ document: Document, by stage: RunStage
  ) throws(ScenarioError) -> Document {
    var changed = document
    for key in ["run", "price", "reliability", "sweep", "techniques", "headline"] {
      changed.root.entries.removeAll { $0.key == key }
    }
    for entry in stage.changes { try set(entry, at: [entry.key], in: &changed) }
    if changed.entry("training.schedule") != nil {
      changed.root.entries.removeAll { $0.key == "compare" }
    }
    return changed
  }

  /// Sets a value; of a table each of its keys.
  private static func set(
    _ entry: Document.Entry, at keys: [String], in document: inout Document
  ) throws(ScenarioError) {
    if case .table(let table) = entry.value, keys.count < 8 {
      for inner in table.entries { try set(inner, at: keys + [inner.key], in: &document) }
      return
    }
    try KeyChange(keys: keys, value: entry.value, place: entry.place).apply(to: &document)
  }
}
