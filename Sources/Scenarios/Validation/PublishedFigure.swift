/// A published figure beside the one Fathom computes for the same thing.
///
///     let rows = try Validation.rows()
///     print(rows[0].name, rows[0].error)       // the worst
///
/// Nothing is fitted to a row but those of `Group.exchanges`, which say so.
public struct PublishedFigure: Sendable, Equatable {
  /// What kind of figure it is.
  public enum Group: String, Sendable, CaseIterable {
    /// Steps of DeepSeek-V3's training: GPU-hours and days.
    case trainingRun = "training run of DeepSeek-V3"
    /// Spans of DeepSeek-V3's public trace: phases of a layer, the overlapped pair, exchanges in it.
    case tracePhase = "phases of DeepSeek-V3's trace"
    /// Single kernels of the trace.
    case traceKernel = "kernels of DeepSeek-V3's trace"
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
  }

  /// How the published figure is known.
  public enum Status: String, Sendable {
    /// Read in the publication.
    case verified
    /// Read in another text that quotes it.
    case quoted
    /// Known from the publication, not read again.
    case recalled
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

  /// How far Fathom is off: above zero where it gives more.
  public var error: Double { simulated / published - 1 }
}

/// Every published figure that Fathom can compute.
///
/// Figures fall into families, each a file of this folder. A figure is computed as a user would,
/// through the same catalogue and the same walk; a row has no number of its own to be tuned by.
public enum Validation {
  /// All rows, the worst first.
  ///
  /// - Throws: `StudyError` where a step cannot be simulated.
  public static func rows() throws(StudyError) -> [PublishedFigure] {
    let all =
      try deepSeekRun() + traceKernels() + exchanges() + megatronSteps() + megatronLayers()
      + measuredSteps() + counts() + topologies()
    // Equal errors keep the order of their families.
    return all.enumerated().sorted {
      (-abs($0.element.error), $0.offset) < (-abs($1.element.error), $1.offset)
    }.map(\.element)
  }
}
