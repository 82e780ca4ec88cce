public import Fabric
public import Quantities
public import Schedules

/// What simulating one step gave.
public struct StepResult: Sendable {
  /// The schedule that was run.
  public var schedule: Schedule
  /// Which pieces of the model each model stage held.
  public var placement: Placement
  /// Length of the step: the last finish, optimizer included.
  public var step: Time
  /// Everything that ran, ordered by rank, stream and start.
  public var spans: [Span]
  /// Where the time of one GPU of each rank went: the one that computes longest, whose spans
  /// `spans` are.
  public var ranks: [RankBreakdown]
  /// Where the time of every simulated GPU went, in their order: one of each rank, or all where
  /// they differ.
  public var gpus: [RankBreakdown]
  /// What each port of each simulated GPU carried and, where all are simulated, each trunk.
  public var links: [LinkLoad]
  /// What was exchanged: a row for each rank, activity and pass.
  public var traffic: [TrafficUse]
  /// The largest gap between what a link carried and what was put on it, over the latter.
  var trafficGap = 0.0
  /// What each rank's GPU has to hold.
  public var memory: [RankMemory]
  /// Idle GPU-seconds over simulated GPUs times step.
  public var bubbleRatio: Double
  /// 1 - mean busy time over the longest GPU's first start to last finish, optimizer left out
  /// of both (the Zero Bubble papers' measure).
  public var spanBubbleRatio: Double
  /// Mean share of the step in which a GPU's compute stream runs.
  public var computeUtilization: Double
  /// Events the engine processed.
  public var events: Int
  /// Where the time of a mean GPU of each rank went, part by part.
  public var waterfalls: [RankWaterfall] = []
  /// Where the time of a mean GPU of the step went.
  public var waterfall = Waterfall()
  /// What followed what from the start of the step to its last finish.
  public var criticalPath = CriticalPath()
  /// Where tokens went; nil where every GPU had the same load.
  public var routing: StepRouting?
  /// What the search for the schedule found; nil where none was made.
  public var search: SearchSummary?

  /// The largest rank's memory.
  public var peakMemory: Bytes { memory.map(\.peak).max() ?? .zero }

  /// The link that was busiest, the first of several.
  public var busiestLink: LinkLoad? {
    links.reduce(nil) { best, load in
      guard let best, load.busyRatio <= best.busyRatio * (1 + 1e-9) else { return load }
      return best
    }
  }

  /// Mean share of the step's capacity that links of some kinds carried; nil where there are none.
  public func utilization(of kinds: Set<LinkKind>) -> Double? {
    let loads = links.filter { kinds.contains($0.kind) }
    return loads.isEmpty ? nil : loads.reduce(0) { $0 + $1.busyRatio } / Double(loads.count)
  }
}

/// Where the step of a pipeline rank's GPU went; the five categories and the bubble sum to it.
public struct RankBreakdown: Sendable, Equatable {
  /// Pipeline rank.
  public var rank: Int
  /// GPU of the cluster; where one stands for its rank, the rank's first.
  public var gpu = 0
  /// Time in forwards, alone.
  public var forward = Time.zero
  /// Time in input gradients, alone.
  public var inputBackward = Time.zero
  /// Time in weight gradients, alone.
  public var weightBackward = Time.zero
  /// Time in overlapped pairs.
  public var overlapped = Time.zero
  /// Time in gradient reduction, optimizer and parameter gather.
  public var optimizer = Time.zero
  /// Time in which neither compute nor communication of the rank ran.
  public var bubble = Time.zero
  /// What of the five the rank spent with communication alone running.
  public var exposedCommunication = Time.zero
  /// Time the compute stream ran.
  public var computeBusy = Time.zero
}

/// What one link carried in the step.
public struct LinkLoad: Sendable, Equatable {
  /// Pipeline rank whose GPU has the port; nil for a link between switches.
  public var rank: Int?
  /// GPU of the cluster that has the port; where one stands for its rank, the rank's first.
  public var gpu: Int?
  /// What the link joins.
  public var kind: LinkKind
  /// Index of the GPU, NIC, leaf or pod it belongs to.
  public var owner: Int
  /// Kind and owner, as `nic_out 3`, or the places a listed link joins.
  public var name: String
  /// Payload bytes.
  public var bytes: Bytes
  /// Payload rate.
  public var rate: Bandwidth
  /// Bytes over what the link could carry in the step.
  public var busyRatio: Double
  /// What of the bytes each traffic class sent, in the order of `Activity.traffic`.
  public var bytesByClass: [Bytes]
}
