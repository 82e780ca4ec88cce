import Training

/// Reads a scenario at each point of its sweep, and makes one scenario of them.
struct SweepReader {
  private let document: Document
  private let sweep: Sweep
  /// Problems with the points each comes up at; none where it is of no point.
  private var found: [(problem: Problem, points: [Int])] = []
  /// Where a problem stands in `found`.
  private var known: [String: Int] = [:]

  /// - Parameter problems: what is wrong with the document whatever the point.
  init(_ document: Document, problems: [Problem]) {
    self.document = document
    sweep = Sweep(document)
    for problem in problems + sweep.problems { found.append((problem, [])) }
  }

  /// The scenario of all points.
  ///
  /// - Throws: `ScenarioError` with the problems of every point, each told once.
  consuming func scenario() throws(ScenarioError) -> Scenario {
    let points = sweep.points
    var scenarios: [Scenario] = []
    for (index, point) in points.enumerated() {
      do {
        scenarios.append(try scenario(at: point))
      } catch {
        for problem in error.problems { note(problem, at: index) }
      }
    }
    guard found.isEmpty, let first = scenarios.first else {
      throw ScenarioError(problems: found.map { told($0.problem, at: $0.points, of: points) })
    }
    return sweep.axes.isEmpty ? first : joined(scenarios, at: points)
  }

  /// The scenario with the point's values set.
  private func scenario(at point: [Int]) throws(ScenarioError) -> Scenario {
    var changed = document
    var problems: [Problem] = []
    for (axis, value) in zip(sweep.axes, point) {
      let item = axis.values[value]
      let change = KeyChange(
        keys: axis.key.split(separator: ".").map(String.init), value: item.value, place: item.place)
      do {
        try change.apply(to: &changed)
      } catch {
        problems += error.problems
      }
    }
    var reader = ScenarioReader(changed)
    reader.keys.swept = sweep.axes.map(\.key)
    reader.keys.report(problems)
    return try reader.scenario()
  }

  private mutating func note(_ problem: Problem, at point: Int) {
    // A key whose list is wrong is not missing as well.
    if case .missing(let key, _) = problem.fault, sweep.wrong.contains(key) { return }
    let text = problem.description
    if let index = known[text] {
      found[index].points.append(point)
    } else {
      known[text] = found.count
      found.append((problem, [point]))
    }
  }

  /// The problem with the values it comes up at, where it does not at all of them and does not
  /// stand at the only such value itself.
  private func told(_ problem: Problem, at indices: [Int], of points: [[Int]]) -> Problem {
    guard !indices.isEmpty, indices.count < points.count else { return problem }
    var texts: [String] = []
    var places: [Place] = []
    for (number, axis) in sweep.axes.enumerated() {
      let items = axis.values.enumerated().filter { value, _ in
        indices.contains { points[$0][number] == value }
      }.map(\.element)
      guard items.count < axis.values.count else { continue }
      let named = items.prefix(3).map { shortened($0.value.flow) }
      let others = items.count - named.count
      texts.append(
        "\(axis.key)=\(either(named))" + (others > 0 ? " or \(counted(others, "other value"))" : "")
      )
      places += items.map(\.place)
    }
    var problem = problem
    if places != [problem.place] { problem.point = texts.joined(separator: ", ") }
    return problem
  }

  /// The cases of all points, each under its schedule and its point.
  private func joined(_ scenarios: [Scenario], at points: [[Int]]) -> Scenario {
    var whole = scenarios[0]
    whole.sweep = sweep.axes.map { SweptKey(key: $0.key, values: $0.values.map(\.value.flow)) }
    whole.cases = zip(scenarios, points).flatMap { scenario, point in
      let values = zip(whole.sweep, point).map { SweptValue(key: $0.key, value: $0.values[$1]) }
      return scenario.cases.map { one in
        var one = one
        one.point = values
        one.name = ([one.name] + values.map(\.text)).joined(separator: ", ")
        return one
      }
    }
    let origins = sweep.axes.map { axis in
      ResolvedKey(
        path: "sweep.\(axis.key)",
        value: "[\(axis.values.map(\.value.flow).joined(separator: ", "))]",
        origin: KeyReader.origin(of: axis.place))
    }
    whole.resolved = ResolvedListing.joined(scenarios.map(\.resolved), sweep: origins)
    return whole
  }
}

extension ResolvedListing {
  /// The listings of all points as one: a key has every value it takes, in the order of the points.
  static func joined(_ listings: [[ResolvedKey]], sweep: [ResolvedKey]) -> [ResolvedKey] {
    var keys: [(key: ResolvedKey, values: [String])] = []
    var positions: [String: Int] = [:]
    for listing in listings {
      var next = 0
      for key in listing {
        if let position = positions[key.path] {
          if !keys[position].values.contains(key.value) { keys[position].values.append(key.value) }
          next = position + 1
        } else {
          keys.insert((key, [key.value]), at: next)
          for index in next..<keys.count { positions[keys[index].key.path] = index }
          next += 1
        }
      }
    }
    var resolved = keys.map { key, values in
      var key = key
      if values.count > 1 { key.value = "\(either(values)) (by case)" }
      return key
    }
    let place = resolved.firstIndex { $0.path == "compare" } ?? resolved.count - 1
    resolved.insert(contentsOf: sweep, at: place + 1)
    return resolved
  }
}
