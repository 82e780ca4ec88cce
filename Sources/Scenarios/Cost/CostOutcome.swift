public import Economics

/// What a run takes and costs, as `fathom cost` says it.
public struct CostOutcome: Sendable {
  /// What was asked.
  public var plan: CostPlan
  /// The stages, in order.
  public var stages: [StageOutcome]
  /// The run's figures, each with its range.
  public var figures: [CostFigure]
  /// Where the GPU-hours go, with every input at its middle; they sum to the first figure.
  public var parts: [CostPart]
  /// What owning costs, with every input at its middle; nil where a term is not known.
  public var ownership: OwnershipCost?
  /// Months of use after which owning is cheaper than renting; nil where that is never so within the
  /// cluster's life, or without a rent.
  public var breakEvenMonths: Double?
  /// What moves the headline figure most, the most first.
  public var tornado: [TornadoRow]
  /// The same for what owning costs.
  public var ownTornado: [TornadoRow]
  /// The figure that the tornado is of.
  public var headline: CostFigure.Key
  /// Draws whose failures left a stage unfinished, so that their figures are lower bounds.
  public var unfinishedDraws: Int
  /// Each draw's figures, in the order of `figures`.
  public var draws: [[Double]]
  /// What is assumed, a sentence each.
  public var assumptions: [String]
}

/// A stage of the run with every input at its middle.
public struct StageOutcome: Sendable {
  /// The stage.
  public var stage: RunStage
  /// GPUs it keeps busy.
  public var gpus: Int
  /// The simulated step; nil of stated stages.
  public var step: CaseOutcome?
  /// Tokens trained on; nil where only hours are known.
  public var tokens: Double?
  /// Days on the clock, failures included.
  public var wallDays: Double
  /// Hours of all GPUs together, failures included.
  public var gpuHours: Double
  /// Share of them that went into work that was kept.
  public var effectiveTimeRatio: Double
  /// Model operations over what the GPUs' BF16 dense peak allows in all billed hours, attention over
  /// half of the square; nil where operations are not known.
  public var billedMFU: Double?
  /// Whether all work was done; otherwise failures leave no progress, and the time is a lower bound.
  public var isFinished = true
  /// How its work is saved; nil where nothing fails, and of stated stages.
  public var checkpoints: StageCheckpoints?
  /// Kinds of work in it, in order; empty where there is one.
  public var parts: [StagePart] = []
  /// What models of reinforcement learning keep a parameter; empty of other stages.
  public var states: [StageState] = []
  /// GPU-hours that 5 and 95 of 100 draws lie below; nil of a stage of a single draw.
  public var gpuHoursRange: ClosedRange<Double>?
  /// The same of days on the clock.
  public var wallDaysRange: ClosedRange<Double>?
}

/// How a stage's work is saved from failures.
public struct StageCheckpoints: Sendable {
  /// Seconds of useful work between two checkpoints.
  public var interval: Double
  /// Where the interval comes from.
  public var rule: GoodputRun.IntervalRule
  /// Failures in the mean.
  public var failures: Double
  /// The most nodes that are out for repair at once, as 99 of 100 runs do not exceed: the spares it
  /// takes to wait for none.
  public var nodesOut: Int
  /// Effective-time ratio by the closed form (Daly's, exact); nil where none holds.
  public var closedFormRatio: Double?
  /// Why no closed form holds, a few words each; empty where one does.
  public var closedFormLimits: [String]
}

/// A part of the GPU-hours that are billed.
public struct CostPart: Sendable, Equatable {
  /// What they went into.
  public var kind: Kind
  /// GPU-hours.
  public var gpuHours: Double

  /// What GPU-hours go into, in the order of the waterfall, by their name in files.
  public enum Kind: String, Sendable, CaseIterable {
    /// The model's operations at the BF16 dense peak, of simulated stages.
    case operations
    /// What the kernels of products and attention take beyond that; below zero where FP8 makes
    /// them faster than the BF16 peak.
    case products
    /// Kernels limited by memory.
    case memoryBound = "memory_bound"
    /// Gaps between kernels, and kernels so small that their launch takes the time.
    case launch
    /// What the backward pass computes again.
    case recompute
    /// Transfers with nothing computing beside them.
    case exposedCommunication = "exposed_communication"
    /// GPUs that neither compute nor communicate.
    case bubble
    /// The optimizer's kernels.
    case optimizer
    /// What steps of a batch that grows take longer than the full one's for as many tokens.
    case batchRamp = "batch_ramp"
    /// What forward passes that train nothing take beyond their operations at the peak.
    case forwardPasses = "forward_passes"
    /// What generation, which is estimated, takes beyond its operations at the peak.
    case generation
    /// Checkpoint writes.
    case checkpoints
    /// Work that a failure lost.
    case lostWork = "lost_work"
    /// Until failures were known.
    case detection
    /// Starting again.
    case restarts
    /// Waiting for other nodes.
    case waiting
    /// What slow nodes added.
    case slowNodes = "slow_nodes"
    /// Hours that a document states.
    case stated
    /// Work that led to no stage.
    case researchOverhead = "research_overhead"
  }
}

/// A figure of the run: with every input at its middle, and over all draws.
public struct CostFigure: Sendable, Equatable {
  /// What it is.
  public var key: Key
  /// With every input at its middle and failures at their mean.
  public var value: Double
  /// The value that 5 of 100 draws lie below.
  public var low: Double
  /// The median of the draws.
  public var median: Double
  /// The value that 95 of 100 draws lie below.
  public var high: Double

  /// The figures, in the order they are told, by their key in JSON.
  public enum Key: String, Sendable, CaseIterable {
    /// GPU-hours that are billed.
    case gpuHours = "gpu_hours"
    /// Days on the clock.
    case wallDays = "wall_days"
    /// Dollars of rent.
    case rent = "rent_usd"
    /// Dollars of the same hours on a cluster of one's own.
    case own = "own_usd"
    /// Share of the hours of simulated stages that went into work that was kept.
    case effectiveTimeRatio = "effective_time_ratio"
    /// Model operations over the BF16 dense peak of all billed hours, where operations are known.
    case billedMFU = "billed_mfu_ratio"
    /// Electricity at the meter.
    case energy = "energy_kwh"
    /// Carbon dioxide from electricity alone.
    case carbon = "carbon_tonnes"
  }
}

/// How far one input alone moves a figure.
public struct TornadoRow: Sendable, Equatable {
  /// The input's key path.
  public var input: String
  /// The input where 5 of 100 draws lie below, and where 95 do, with units.
  public var inputs: (low: String, high: String)
  /// The figure at both, everything else at its middle.
  public var figures: (low: Double, high: Double)

  /// How far the figure moves.
  public var swing: Double { abs(figures.high - figures.low) }

  /// Equal where everything is.
  public static func == (a: TornadoRow, b: TornadoRow) -> Bool {
    a.input == b.input && a.inputs == b.inputs && a.figures == b.figures
  }
}
