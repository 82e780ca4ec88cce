public import Quantities

/// How published clusters fail, each number with its source.
///
/// Failure rates are published, what a failure costs mostly is not: seconds of detection, restart,
/// swap, repair and checkpoint writes that no document gives are assumed, and say so.
public enum ReliabilityCatalogue {
  /// A kind of failure.
  public struct Source: Sendable, Equatable {
    /// What fails.
    public var name: String
    /// Failures a day for each node of eight GPUs.
    public var perNodeDay: Fact<Double>
    /// Seconds until a failure is known.
    public var detection: Fact<Double>
    /// Seconds to start again.
    public var restart: Fact<Double>
    /// Seconds a failed node is out for; 0: it stays.
    public var repair: Fact<Double>
  }

  /// A cluster.
  public struct Entry: Sendable, Equatable {
    /// As scenarios name it.
    public var name: String
    /// What was observed.
    public var summary: String
    /// Kinds of failure, the most frequent first.
    public var sources: [Source]
    /// Seconds of a checkpoint write.
    public var checkpointWrite: Fact<Double>
    /// Seconds to bring in another node.
    public var swap: Fact<Double>
    /// Spare nodes; nil: never short.
    public var spares: Fact<Int>?
    /// Chance of a restart to fail.
    public var startFailure: Fact<Double>?
    /// Nodes of the job that was observed, if it was one.
    public var nodes: Int?
    /// Effective-time ratio that was published: something to compare with, never an input.
    public var publishedRatio: Fact<Double>?

    /// The cluster as a run takes it, with the best interval between checkpoints.
    public var reliability: Reliability {
      Reliability(
        sources: sources.map {
          FailureSource(
            name: $0.name, perNodeDay: $0.perNodeDay.value, detection: $0.detection.value,
            restart: $0.restart.value, repair: $0.repair.value)
        },
        checkpointWrite: checkpointWrite.value, spares: spares?.value, swap: swap.value,
        startFailure: startFailure?.value ?? 0)
    }
  }

  /// All entries, in the order they are listed.
  public static let entries: [Entry] = [llama3, rsc1, rsc2, opt175B, aegisH100, aegisA100]

  /// The entry of a name, as scenarios write it.
  public static func entry(named name: String) -> Entry? {
    entries.first { $0.name == name }
  }

  // MARK: - Clusters

  /// 419 unexpected interruptions in 54 days on 16,384 H100, by cause.
  private static let llama3 = Entry(
    name: "llama-3-h100",
    summary: "Llama 3 405B pre-training: 16,384 H100 for 54 days, 419 unexpected interruptions",
    sources: [
      llama3Source(
        "gpu", 196, "148 faulty GPU, 19 SRAM, 17 system processor, 6 silent corruption, 6 thermal"),
      llama3Source("hbm", 72, "72 HBM3"),
      llama3Source(
        "software", 61, "54 software bug, 7 NCCL watchdog", repair: noRepair),
      llama3Source(
        "host", 48, "32 unplanned maintenance, 3 SSD, 3 power supply, 10 other parts"),
      llama3Source("network", 42, "35 switch or cable, 7 NIC"),
    ],
    checkpointWrite: write, swap: swap, spares: nil, nodes: 2_048,
    publishedRatio: Fact(
      0.9, .stated, "arXiv 2407.21783, section 3.3.4 (2024-07): higher than 90 %"))

  private static let rsc1 = single(
    "rsc-1", "Meta's RSC-1, A100: 6.50 failures per 1,000 node-days",
    Fact(6.50e-3, .measured, "arXiv 2410.21680 (2024-10): RSC-1"))

  private static let rsc2 = single(
    "rsc-2", "Meta's RSC-2, A100: 2.34 failures per 1,000 node-days",
    Fact(2.34e-3, .measured, "arXiv 2410.21680 (2024-10): RSC-2"))

  /// The paper's logbook counts about 70 automatic restarts and 35 by hand.
  private static let opt175B: Entry = {
    let source = "arXiv 2205.01068 (2022-05): about 2 of 124 machines a day, 1.6 %"
    var entry = single(
      "opt-175b", "OPT-175B: 992 A100, about 2 failed machines a day", Fact(0.016, .stated, source))
    let automatic = entry.sources[0]
    var byHand = automatic
    byHand.name = "restarted by hand"
    byHand.perNodeDay = Fact(
      0.016 * 35 / 105, .derived, source + "; 35 of some 105 restarts were by hand")
    byHand.detection = Fact(3_600, .assumed, "an hour until somebody has found the cause")
    entry.sources[0].name = "restarted automatically"
    entry.sources[0].perNodeDay = Fact(
      0.016 * 70 / 105, .derived, source + "; some 70 of 105 restarts were automatic")
    entry.sources.append(byHand)
    entry.spares = Fact(12, .stated, "arXiv 2205.01068: 12 spare nodes")
    entry.nodes = 124
    return entry
  }()

  private static let aegisH100 = aegis("aegis-h100", "H100", days: 200)
  private static let aegisA100 = aegis("aegis-a100", "A100", days: 400)

  private static func aegis(_ name: String, _ gpu: String, days: Double) -> Entry {
    var entry = single(
      name, "Alibaba's Aegis, \(gpu): a mean time to failure of about \(Int(days)) days",
      Fact(
        1 / days, .derived,
        "Aegis (Alibaba, NSDI 2025): \(gpu) about \(Int(days)) days, taken as of a node"))
    entry.startFailure = Fact(
      0.73, .assumed,
      "Aegis: 73 % of failed tasks die in their first ten minutes, taken as that many starts that"
        + " fail before one holds; it counts the tasks of all users, so a tended run does better")
    return entry
  }

  // MARK: - What they share

  private static let detection = Fact(
    120.0, .assumed,
    "no figure published; MegaScale (arXiv 2402.15627) detects and diagnoses within 10 minutes")
  private static let restart = Fact(
    420.0, .assumed,
    "ten minutes from failure to training; MegaScale (arXiv 2402.15627) catches up within 15")
  private static let repair = Fact(86_400.0, .assumed, "a day to drain, repair and test a node")
  private static let noRepair = Fact(0.0, .assumed, "software leaves its node in the job")
  private static let write = Fact(
    20.0, .assumed,
    "no figure published; 14 B a parameter at the 2 TB/s of Llama 3's storage takes 3 s if even")
  private static let swap = Fact(60.0, .assumed, "a warm spare only has to join")

  private static func llama3Source(
    _ name: String, _ count: Double, _ causes: String, repair: Fact<Double> = repair
  ) -> Source {
    let rate = Fact(
      count / 54 / 2_048, .derived,
      "arXiv 2407.21783, Table 5 (2024-07): \(causes); in 54 days on 2,048 nodes")
    return Source(
      name: name, perNodeDay: rate, detection: detection, restart: restart, repair: repair)
  }

  private static func single(_ name: String, _ summary: String, _ rate: Fact<Double>) -> Entry {
    Entry(
      name: name, summary: summary,
      sources: [
        Source(
          name: "node", perNodeDay: rate, detection: detection, restart: restart, repair: repair)
      ],
      checkpointWrite: write, swap: swap)
  }
}
