import Economics
import Quantities
import Statistics

/// Reads the table `reliability`: how the cluster fails, and what a failure costs.
extension CostTermsReader {
  /// The preset that is taken where none is named.
  static let defaultPreset = "llama-3-h100"
  /// Keys of a failure.
  static let failureKeys = [
    "name", "rate", "shape", "observed_nodes", "detection", "restart", "repair",
  ]
  /// Most failures of a list.
  static let mostFailures = 64
  static let lemonKeys = ["nodes", "factor", "strikes"]
  static let stragglerKeys = ["rate", "duration", "slowdown"]

  mutating func readReliability(nodes: Int?) {
    let path = "reliability"
    var names = ReliabilityCatalogue.entries.map(\.name)
    names.append("none")
    let isList =
      if case .list? = keys.document.entry("\(path).failures")?.value { true } else { false }
    if case .table? = keys.document.entry("\(path).failures")?.value {
      keys.report(
        .run(.noFailures(value: keys.quoted("\(path).failures"), names: names)),
        at: "\(path).failures")
      return
    }
    let word =
      isList
      ? Self.defaultPreset
      : keys.name(
        "\(path).failures", kind: .reliability, among: names, default: Self.defaultPreset)
    guard let word, let preset = ReliabilityCatalogue.entry(named: word) else {
      if word == "none" { reportIdle(path, nodes: nodes) }
      return
    }
    var reliability = ReliabilityTerms(name: isList ? "\(path).failures" : word)
    readWhatFailuresCost(preset, &reliability)
    if isList {
      readSources(preset, &reliability)
    } else {
      readRate(preset, &reliability)
    }
    readNodes(nodes, preset, &reliability)
    terms.reliability = reliability
  }

  /// With no failures the other keys of the table would do nothing.
  private mutating func reportIdle(_ path: String, nodes: Int?) {
    for key in ScenarioKeys.reliability where key != "failures" && keys.has("\(path).\(key)") {
      keys.report(
        .idleKey(
          key: "\(path).\(key)", value: keys.quoted("\(path).\(key)"), without: "\(path).failures"),
        at: "\(path).\(key)")
    }
  }

  private mutating func readWhatFailuresCost(
    _ preset: ReliabilityCatalogue.Entry, _ reliability: inout ReliabilityTerms
  ) {
    let path = "reliability"
    reliability.checkpointWrite = fact(
      "\(path).checkpoint_write", .time, in: 0...86_400, preset.checkpointWrite)
    if keys.document.entry("\(path).checkpoint_interval")?.value.text != "optimum",
      keys.has("\(path).checkpoint_interval")
    {
      reliability.checkpointInterval = input(
        "\(path).checkpoint_interval", .time, in: 1e-3...3e8)
    }
    checkInterval(reliability)
    reliability.swap = fact("\(path).swap", .time, in: 0...2.6e6, preset.swap)
    if let chance = preset.startFailure {
      reliability.startFailure = fact("\(path).start_failure", .share, in: 0...0.99, chance)
    } else if keys.has("\(path).start_failure") {
      reliability.startFailure = input("\(path).start_failure", .share, in: 0...0.99)
    }
  }

  /// Checkpoints that take all of the time are a mistake, and would be simulated one by one.
  private mutating func checkInterval(_ reliability: ReliabilityTerms) {
    guard let interval = reliability.checkpointInterval, let write = reliability.checkpointWrite
    else { return }
    let longest = terms.inputs[write.index].ends.upperBound
    guard terms.inputs[interval.index].ends.lowerBound < longest / 100 else { return }
    let path = "reliability.checkpoint_interval"
    keys.report(
      .run(
        .checkpointsTooOften(
          value: keys.quoted(path), write: Dimension.time.text(longest),
          least: Dimension.time.text(longest / 100))), at: path)
  }

  /// A preset's sources share one rate, which may be set anew.
  private mutating func readRate(
    _ preset: ReliabilityCatalogue.Entry, _ reliability: inout ReliabilityTerms
  ) {
    let path = "reliability"
    let total = preset.sources.reduce(0) { $0 + $1.perNodeDay.value }
    reliability.rate = input(
      "\(path).rate", .ratePerNodeDay, in: 1e-9...100,
      default: .lognormal(median: total, factor: Self.rateFactor), .derived,
      "\(preset.summary); spread as the clusters of Llama 3, RSC-1, RSC-2 and Aegis differ")
    guard reliability.rate != nil else { return }
    var known: [String: InputReference] = [:]
    /// A time that sources share where the file or the preset has one for all, else the source's own.
    func time(
      _ key: String, _ source: ReliabilityCatalogue.Source,
      _ fact: KeyPath<ReliabilityCatalogue.Source, Fact<Double>>, in range: ClosedRange<Double>
    ) -> InputReference? {
      let isShared =
        keys.has("\(path).\(key)")
        || preset.sources.allSatisfy {
          $0[keyPath: fact].value == preset.sources[0][keyPath: fact].value || key == "repair"
        }
      let name = isShared ? "\(path).\(key)" : "\(path).\(key) of \(source.name)"
      if let reference = known[name] { return reference }
      let reference = self.fact(
        name, .time, in: range, (isShared ? preset.sources[0] : source)[keyPath: fact])
      known[name] = reference
      return reference
    }
    for source in preset.sources {
      let detection = time("detection", source, \.detection, in: 0...2.6e6)
      let restart = time("restart", source, \.restart, in: 0...2.6e6)
      let repair = time("repair", source, \.repair, in: 0...3e7)
      guard let detection, let restart, let repair else { return }
      reliability.sources.append(
        ReliabilityTerms.Source(
          name: source.name, shareOfRate: source.perNodeDay.value / total, detection: detection,
          restart: restart, repair: source.repair.value > 0 ? repair : nil))
    }
  }

  /// One standard deviation of the logarithm of the four published rates, 2.34, 3.79, 5.0 and 6.5
  /// failures in 1,000 node-days, as a factor.
  static let rateFactor = 1.55

  private mutating func readSources(
    _ preset: ReliabilityCatalogue.Entry, _ reliability: inout ReliabilityTerms
  ) {
    let path = "reliability.failures"
    for key in ["rate", "detection", "restart", "repair"] where keys.has("reliability.\(key)") {
      keys.report(.cost(.oneOf(key: "reliability.\(key)", other: path)), at: "reliability.\(key)")
    }
    guard let items = keys.list(path, kind: .tables) else { return }
    if items.count > Self.mostFailures {
      keys.report(
        .cost(.tooMany(key: path, count: items.count, most: Self.mostFailures)), at: path)
    }
    for index in items.indices.prefix(Self.mostFailures) {
      let at = "\(path).\(index + 1)"
      guard case .table = items[index].value else {
        keys.report(
          .wrongKind(
            key: at, value: keys.quoted(at), kind: .table(keys: Self.failureKeys)), at: at)
        continue
      }
      keys.check([(at, Self.failureKeys)])
      keys.require("\(at).rate", example: "rate: 0.004 /node-day")
      let first = preset.sources[0]
      let rate = input("\(at).rate", .ratePerNodeDay, in: 1e-9...100)
      let shape = keys.has("\(at).shape") ? input("\(at).shape", .count, in: 0.2...5) : nil
      let detection = fact("\(at).detection", .time, in: 0...2.6e6, first.detection)
      let restart = fact("\(at).restart", .time, in: 0...2.6e6, first.restart)
      let repair = fact("\(at).repair", .time, in: 0...3e7, first.repair)
      let name = keys.word("\(at).name") ?? "source \(index + 1)"
      if reliability.sources.contains(where: { $0.name == name }) {
        keys.report(.repeatedName(key: path, value: shortened(name)), at: "\(at).name")
      }
      guard let rate, let detection, let restart, let repair else { continue }
      reliability.sources.append(
        ReliabilityTerms.Source(
          name: name, rate: rate, shape: shape,
          observedNodes: keys.whole("\(at).observed_nodes", in: 1...1_000_000, default: nil),
          detection: detection, restart: restart, repair: repair))
    }
  }

  private mutating func readNodes(
    _ nodes: Int?, _ preset: ReliabilityCatalogue.Entry, _ reliability: inout ReliabilityTerms
  ) {
    // Stages may run on clusters of their own, which are not known here.
    let stages = terms.stages.filter(\.isSimulated)
    let hasOwn = { (stage: RunStage) in stage.changes.contains { $0.key == "cluster" } }
    let most = !stages.isEmpty && stages.allSatisfy(hasOwn) ? 65_536 : nodes ?? 65_536
    let path = "reliability"
    if let spares = keys.whole("\(path).spares", in: 0...1_000_000, default: nil) {
      if spares > most {
        keys.report(.cost(.sparesAboveCluster(spares: spares, nodes: most)), at: "\(path).spares")
      }
      reliability.spares = spares
    } else if !keys.has("\(path).spares") {
      reliability.spares = preset.spares.map { min($0.value, most) }
    }
    if keys.has("\(path).lemons") {
      keys.check([("\(path).lemons", Self.lemonKeys)])
      keys.require("\(path).lemons.nodes", example: "nodes: 8")
      keys.require("\(path).lemons.factor", example: "factor: 10")
      let lemons = keys.whole("\(path).lemons.nodes", in: 1...min(most, 10_000), default: nil)
      let factor = input("\(path).lemons.factor", .count, in: 1...1e6)
      let strikes = keys.whole("\(path).lemons.strikes", in: 1...1_000_000, default: nil)
      if let lemons, let factor { reliability.lemons = (lemons, factor, strikes) }
    }
    if keys.has("\(path).stragglers") {
      keys.check([("\(path).stragglers", Self.stragglerKeys)])
      for (key, example) in zip(Self.stragglerKeys, ["0.01 /node-day", "24 min", "1.3"]) {
        keys.require("\(path).stragglers.\(key)", example: "\(key): \(example)")
      }
      let rate = input("\(path).stragglers.rate", .ratePerNodeDay, in: 1e-9...1000)
      let duration = input("\(path).stragglers.duration", .time, in: 1...2.6e6)
      let slowdown = input("\(path).stragglers.slowdown", .count, in: 1...1000)
      if let rate, let duration, let slowdown {
        reliability.stragglers = (rate, duration, slowdown)
      }
    }
  }

  /// A number of the file, or else of the catalogue.
  mutating func fact(
    _ path: String, _ dimension: Dimension, in range: ClosedRange<Double>, _ fact: Fact<Double>
  ) -> InputReference? {
    input(
      path, dimension, in: range, default: .exactly(fact.value), fact.status, fact.source)
  }
}
