/// A published figure beside the one Fathom computes for the same thing.
///
///     let rows = try Validation.rows()
///     print(rows[0].name, rows[0].error)       // the worst
///
/// What a row rests on says `basis`: rates are fitted to those of `Group.exchange` and
/// `Group.traceKernel` and, in part, to single phases of the trace; to no step.
public struct PublishedFigure: Sendable, Equatable {
  /// What kind of figure it is.
  public enum Group: String, Sendable, CaseIterable {
    /// Steps of DeepSeek-V3's training: GPU-hours and days.
    case trainingRun = "training run of DeepSeek-V3"
    /// Spans of DeepSeek-V3's public trace: phases of a layer, the overlapped pair, exchanges in it.
    case tracePhase = "phases of DeepSeek-V3's trace"
    /// Single kernels of the trace, which Fathom's compute rates are fitted to.
    case traceKernel = "kernels of DeepSeek-V3's trace (fitted)"
    /// Dispatch and combine alone, which Fathom's four exchange rates are fitted to.
    case exchange = "dispatch and combine alone (fitted)"
    /// Steps of Megatron-LM's GPT models on A100.
    case megatronStep = "Megatron-LM steps on A100"
    /// Passes of one layer of Megatron-LM's GPT on A100.
    case megatronLayer = "Megatron-LM layer on A100"
    /// Steps measured for vTrain on A100.
    case measuredStep = "steps of vTrain on A100"
    /// Weights, all and active.
    case parameters = "parameter counts"
    /// Operations of training a token.
    case operations = "training FLOPs a token"
    /// Bytes of a token's keys and values.
    case cache = "KV bytes a token"
    /// Switches and cables.
    case topology = "switches and links"
    /// Whole runs that are argued about, their steps simulated.
    case debatedRun = "runs of the public debate"
    /// The same where only hours, days or operations are known.
    case debatedSum = "sums of the public debate (arithmetic)"
    /// Prices of owning GPUs and networks, and electricity.
    case owning = "owning: networks, GPU-hours, fleets, electricity"
  }

  /// How the published figure is known.
  public enum Status: String, Sendable, CaseIterable {
    /// Read in the publication.
    case verified
    /// Read in another text that quotes it.
    case quoted
    /// Known from the publication, not read again.
    case recalled
  }

  /// Whether the figure had a part in the numbers that Fathom's own is computed with.
  public enum Basis: Sendable, Equatable {
    /// It had none: Fathom's is a prediction.
    case prediction
    /// Fathom's rests partly on the figure, in the way the words say.
    case partlyFitted(String)
    /// Numbers are fitted to the figure and others of its group, as the words say.
    case fitted(String)
    /// Both follow from the same stated numbers: Fathom's predicts nothing.
    case arithmetic

    /// `prediction`, `partly fitted`, `fitted` or `arithmetic`.
    public var name: String {
      switch self {
      case .prediction: "prediction"
      case .partlyFitted: "partly fitted"
      case .fitted: "fitted"
      case .arithmetic: "arithmetic"
      }
    }

    /// What is taken from the figure; empty of predictions.
    public var reason: String {
      switch self {
      case .prediction: ""
      case .arithmetic: "hours, days or operations that the source states"
      case .partlyFitted(let reason), .fitted(let reason): reason
      }
    }
  }

  /// What it is; no two figures have the same name.
  public var name: String
  /// Its kind.
  public var group: Group
  /// Where it was published.
  public var source: String
  /// How the published figure is known.
  public var status: Status
  /// The published figure.
  public var published: Double
  /// What Fathom gives.
  public var simulated: Double
  /// The unit of both.
  public var unit: String
  /// What Fathom simulated, where the source leaves that open; else empty.
  public var setUp = ""
  /// Whether the figure had a part in Fathom's own.
  public var basis = Basis.prediction
  /// What Fathom gives for the other set-ups that the source leaves open; nil where there are none.
  public var others: Others?

  /// Fathom's figures for other set-ups.
  public struct Others: Sendable, Equatable {
    /// What they are, in words.
    public var what: String
    /// How many.
    public var count: Int
    /// The least and the most.
    public var range: ClosedRange<Double>
  }

  /// How far Fathom is off: above zero where it gives more.
  public var error: Double { simulated / published - 1 }
}

/// Every published figure that Fathom can compute.
///
/// Figures fall into families, each a file of this folder. A figure is computed as a user would,
/// through the same catalogue and the same walk; a row has no number of its own to be tuned by.
public enum Validation {
  /// How much is computed.
  public enum Extent: Sendable {
    /// Every figure.
    case all
    /// No step of more than `mostPasses` and no other cuts of DeepSeek-V3, for builds that are slow.
    case small

    /// Passes of a step up to which `small` has it: stages times micro-batches.
    static let mostPasses = 600

    /// Whether a step of so many stages and micro-batches is computed.
    func takes(stages: Int, microBatches: Int) -> Bool {
      self == .all || stages * microBatches <= Self.mostPasses
    }
  }

  /// All rows, the worst first.
  ///
  /// - Throws: `StudyError` where a step cannot be simulated.
  public static func rows(_ extent: Extent = .all) throws(StudyError) -> [PublishedFigure] {
    let all =
      try deepSeekRun(extent) + traceKernels() + exchanges() + megatronSteps(extent)
      + megatronLayers() + measuredSteps(extent) + counts() + topologies() + debate(extent)
      + ownership()
    // Equal errors keep the order of their families.
    return all.enumerated().sorted {
      (-abs($0.element.error), $0.offset) < (-abs($1.element.error), $1.offset)
    }.map(\.element)
  }
}
