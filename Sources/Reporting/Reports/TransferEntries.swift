import Fabric
import Hardware
import Quantities

extension CatalogueReport {
  /// The rates of dispatch and combine as they are kept, the fit they come from, and each published
  /// row beside what they give.
  static var transfers: [Entry] {
    var entries = [kept]
    guard let fit = try? DispatchFit() else { return entries }
    entries.append(parameters(fit))
    entries += fit.rows.map(row)
    return entries
  }

  private static var kept: Entry {
    Entry(
      name: "dispatch and combine",
      numbers: [
        Number(
          "relay_cost_ratio", ExchangeRates.relayCost, ExchangeRates.relayCost.value,
          DisplayText.number(ExchangeRates.relayCost.value, decimals: 2)),
        time("launch_s", ExchangeRates.launch), time("layout_s", ExchangeRates.layoutLatency),
        time("notify_s", ExchangeRates.notifyLatency),
        Number(
          key: "multiprocessors", value: .integer(DispatchFit.multiprocessors),
          shown: "\(DispatchFit.multiprocessors), of which V3's training gives 20",
          status: Status.stated.rawValue, source: "DeepEP README; arXiv 2505.09343"),
      ])
  }

  /// The fitted numbers with their standard errors.
  private static func parameters(_ fit: DispatchFit) -> Entry {
    func pair(
      _ key: String, _ suffix: String, _ parameter: DispatchFit.Parameter, _ scale: Double,
      _ decimals: Int, _ unit: String
    ) -> [Number] {
      let value = DisplayText.number(parameter.value * scale, decimals: decimals)
      let error = DisplayText.number(parameter.standardError * scale, decimals: decimals)
      return [
        Number(
          key: key + suffix, value: .number(parameter.value),
          shown: "\(value) +/- \(error)\(unit)", status: Status.derived.rawValue,
          source: DispatchFit.source),
        Number(
          key: key + "_standard_error" + suffix, value: .number(parameter.standardError),
          shown: "", status: Status.derived.rawValue, source: DispatchFit.source),
      ]
    }
    return Entry(
      name: "fit",
      numbers: pair("nvlink", "_bytes_per_s", fit.nvlink, 1e-9, 1, " GB/s")
        + pair("nic", "_bytes_per_s", fit.nic, 1e-9, 1, " GB/s")
        + pair("relay_cost", "_ratio", fit.relayCost, 1, 3, "")
        + pair("launch", "_s", fit.launch, 1e6, 0, " us"))
  }

  private static func row(_ row: DispatchFit.Row) -> Entry {
    func rate(_ key: String, _ rate: Bandwidth, _ status: Status) -> Number {
      Number(
        key: key, value: .number(rate.value),
        shown: DisplayText.number(rate.value / 1e9, decimals: 1) + " GB/s",
        status: status.rawValue,
        source: status == .measured ? "DeepEP README, 2025-04-22" : "the fit")
    }
    let decides =
      switch row.bottleneck {
      case .nvlinkOut, .nvlinkIn: "NVLink"
      case .nicOut, .nicIn: "NIC"
      }
    return Entry(
      name: "EP\(row.published.ranks) \(row.published.isCombine ? "combine" : "dispatch")",
      numbers: [
        rate("published_bytes_per_s", row.published.bandwidth, .measured),
        rate("modelled_bytes_per_s", row.modelled, .derived),
        Number(
          key: "error_ratio", value: .number(row.error),
          shown: DisplayText.number(row.error * 100, decimals: 1) + " %, \(decides) decides",
          status: Status.derived.rawValue, source: "the fit"),
        Number(
          key: "bottleneck", value: .text(decides), shown: "", status: Status.derived.rawValue,
          source: "the fit"),
      ])
  }

  private static func time(_ key: String, _ fact: Fact<Time>) -> Number {
    Number(
      key: key, value: .seconds(fact.value),
      shown: DisplayText.number(fact.value.seconds * 1e6, decimals: 0) + " us",
      status: fact.status.rawValue, source: fact.source)
  }
}

extension CatalogueReport.Number {
  fileprivate init(_ key: String, _ fact: Fact<Double>, _ value: Double, _ shown: String) {
    self.init(
      key: key, value: .number(value), shown: shown, status: fact.status.rawValue,
      source: fact.source)
  }
}
