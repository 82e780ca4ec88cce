import Models
import Schedules
import Training

/// A schedule as a scenario names it, under `training.schedule` or as a value of `compare`.
struct ScheduleEntry {
  /// Name of the case.
  var name: String
  /// What is run.
  var choice: PlannedSchedule
  /// Key it stands under, such as `compare.2`.
  var path: String

  /// Whether its order is to be searched.
  var isSearched: Bool {
    if case .searched = choice { true } else { false }
  }
}

extension ScenarioReader {
  /// Keys of a schedule's table, and of a search.
  static let scheduleKeys = [
    "name", "file", "search", "stages_per_rank", "group_size", "memory_limit", "pairs",
  ]
  static let searchKeys = ["stages_per_rank", "parameter_copies", "evaluations", "seed"]

  /// `compare` decides where there is one; but a schedule named on the command line takes the place
  /// of a list in the file.
  mutating func readSchedules() {
    stagesPerRank = keys.whole("training.stages_per_rank", in: 1...65_536, default: nil)
    var one = schedule(at: "training.schedule").map { [$0] }
    if let entry = one?.first, entry.isSearched { one?[0].name = PlannedSearch.name }
    let isAlone =
      keys.origin("training.schedule") == .commandLine && keys.origin("compare") != .commandLine
    if keys.has("compare") {
      let compared = comparedSchedules()
      schedules = isAlone ? one : compared
    } else {
      keys.require("training.schedule", example: "schedule: dualpipe")
      schedules = one
    }
    checkStagesPerRank()
  }

  /// The schedules of the list; nil where one of them is reported.
  private mutating func comparedSchedules() -> [ScheduleEntry]? {
    guard let items = keys.list("compare", kind: .schedules) else { return nil }
    var found: [ScheduleEntry] = []
    for index in items.indices {
      if let entry = schedule(at: "compare.\(index + 1)") { found.append(entry) }
      // A list that goes wrong so often is no list of schedules.
      if keys.problems.count > 100 { return nil }
    }
    // A search that is alone needs no options to be told by.
    let searches = found.indices.filter { found[$0].isSearched }
    if searches.count == 1 { found[searches[0]].name = PlannedSearch.name }
    let names = found.map(\.name)
    let repeated = found.indices.filter { names[..<$0].contains(names[$0]) }
    for index in repeated {
      keys.report(.repeatedName(key: "compare", value: names[index]), at: found[index].path)
    }
    return found.count == items.count && repeated.isEmpty ? found : nil
  }

  /// The schedule under a key: a name, or a table; nil where it is absent or reported.
  private mutating func schedule(at path: String) -> ScheduleEntry? {
    guard let entry = keys.document.entry(path) else { return nil }
    // In sentences a value of a list goes by the list's name, as it is quoted anyway.
    let key = path.hasPrefix("compare.") ? "compare" : path
    guard case .table = entry.value else {
      let word = entry.value.text ?? (entry.value.isEmpty ? "an empty item" : entry.value.quoted)
      return builtIn(word, key: key, at: path).map { builtIn in
        let options = ScheduleOptions(stagesPerRank: stages(of: builtIn))
        return ScheduleEntry(
          name: builtIn.rawValue, choice: .builtIn(builtIn, options), path: path)
      }
    }
    keys.check([(path, Self.scheduleKeys)])
    let ways = ["name", "file", "search"].filter { keys.has("\(path).\($0)") }
    switch ways {
    case ["name"]: return namedSchedule(at: path)
    case ["file"]: return loadedSchedule(at: path)
    case ["search"]: return searchedSchedule(at: path)
    default:
      keys.report(.scheduleTable(key: path, found: ways), at: path)
      return nil
    }
  }

  private mutating func builtIn(_ word: String, key: String, at path: String) -> BuiltIn? {
    if let builtIn = BuiltIn(rawValue: word) { return builtIn }
    let names = BuiltIn.allCases.map(\.rawValue)
    keys.report(keys.unknown(word, path: key, kind: .schedule, names: names), at: path)
    return nil
  }

  /// Stages on each rank by the key that all schedules share; the schedule's own where it leaves no
  /// choice.
  private func stages(of builtIn: BuiltIn) -> Int? {
    builtIn.facts.choosesStagesPerRank ? stagesPerRank ?? builtIn.defaultStagesPerRank : nil
  }

  /// A built-in schedule with options of its own, which its case's name tells.
  private mutating func namedSchedule(at path: String) -> ScheduleEntry? {
    guard let word = keys.word("\(path).name"),
      let builtIn = builtIn(word, key: "\(path).name", at: "\(path).name")
    else { return nil }
    var name = word
    var isSound = true
    func option(_ key: String, _ reader: inout ScenarioReader) -> Int? {
      guard reader.keys.has("\(path).\(key)") else { return nil }
      let value = reader.keys.whole("\(path).\(key)", in: 1...1_000_000, default: nil)
      if let value { name += " \(key)=\(value)" } else { isSound = false }
      return value
    }
    var options = ScheduleOptions(
      stagesPerRank: option("stages_per_rank", &self) ?? stages(of: builtIn),
      groupSize: option("group_size", &self), memoryLimit: option("memory_limit", &self))
    if keys.has("\(path).pairs"), !builtIn.facts.hasPairs {
      keys.report(
        .idleKey(
          key: "\(path).pairs", value: keys.quoted("\(path).pairs"),
          without: "a schedule with overlapped pairs"), at: "\(path).pairs")
      isSound = false
    } else if keys.has("\(path).pairs") {
      options.pairs = keys.name(
        "\(path).pairs", kind: .pairs, among: PairOrder.allCases.map(\.rawValue)
      ).flatMap(PairOrder.init)
      if let pairs = options.pairs { name += " pairs=\(pairs.rawValue)" } else { isSound = false }
    }
    guard isSound else { return nil }
    return ScheduleEntry(name: name, choice: .builtIn(builtIn, options), path: path)
  }

  private mutating func loadedSchedule(at path: String) -> ScheduleEntry? {
    refuseOptions(at: path, of: "file")
    guard let word = keys.word("\(path).file") else { return nil }
    guard
      let found = existingFile(word, besides: keys.document.file)
    else {
      keys.report(.noScheduleFile(key: "\(path).file", value: shortened(word)), at: "\(path).file")
      return nil
    }
    do {
      var schedule = try LoadedSchedule(path: found).schedule
      schedule.name = word
      return ScheduleEntry(name: word, choice: .written(schedule), path: path)
    } catch {
      keys.report(error.problems)
      return nil
    }
  }

  private mutating func searchedSchedule(at path: String) -> ScheduleEntry? {
    refuseOptions(at: path, of: "search")
    let search = "\(path).search"
    let isEmpty = keys.document.entry(search)?.value.isEmpty ?? true
    if !isEmpty { keys.check([(search, Self.searchKeys)]) }
    let before = keys.problems.count
    let parts = model.map { $0.architecture.layers + 2 + $0.architecture.predictionLayers } ?? 1
    let stages = keys.whole(
      "\(search).stages_per_rank", in: 1...64,
      default: stagesPerRank ?? (parts >= 2 * (pipeline ?? parts) ? 2 : 1))
    let copies = keys.whole("\(search).parameter_copies", in: 1...2, default: 1)
    let evaluations = keys.whole("\(search).evaluations", in: 1...100_000_000, default: nil)
    let seed = keys.whole("\(search).seed", in: 0...KeyReader.mostOfAny, default: 1)
    guard keys.problems.count == before, let stages, let copies, let seed else { return nil }
    let choice = PlannedSearch(
      stagesPerRank: stages, parameterCopies: copies, evaluations: evaluations,
      seed: UInt64(seed))
    var name = PlannedSearch.name
    for key in Self.searchKeys {
      if let value = keys.document.entry("\(search).\(key)")?.value.text {
        name += " \(key)=\(value)"
      }
    }
    return ScheduleEntry(name: name, choice: .searched(choice), path: path)
  }

  /// Options that only a name takes.
  private mutating func refuseOptions(at path: String, of way: String) {
    for key in ["stages_per_rank", "group_size", "memory_limit", "pairs"]
    where keys.has("\(path).\(key)") {
      keys.report(.optionOfName(key: "\(path).\(key)", way: way), at: "\(path).\(key)")
    }
  }

  private mutating func checkStagesPerRank() {
    guard let schedules, let stagesPerRank else { return }
    let isTaken = schedules.contains { schedule in
      switch schedule.choice {
      case .builtIn(let builtIn, _):
        builtIn.facts.choosesStagesPerRank && !keys.has("\(schedule.path).stages_per_rank")
      case .searched: !keys.has("\(schedule.path).search.stages_per_rank")
      case .written: false
      }
    }
    guard !isTaken else { return }
    keys.report(
      .noStagesToChoose(
        key: "training.stages_per_rank", value: stagesPerRank, schedules: schedules.map(\.name)),
      amid: ["training.stages_per_rank", "training.schedule", "compare"])
  }
}
