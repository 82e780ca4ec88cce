import Quantities
public import Scenarios
import Schedules
import Training

extension WaterfallPart {
  /// The word in files, without the unit.
  var word: String {
    switch self {
    case .denseProducts: "dense_products"
    case .groupedProducts: "grouped_products"
    case .weightGradientProducts: "weight_gradient_products"
    case .attention: "attention"
    case .memoryBound: "memory_bound"
    case .launch: "launch"
    case .recompute: "recompute"
    case .dispatch: "exposed_dispatch"
    case .combine: "exposed_combine"
    case .tensorExchange: "exposed_tensor_exchange"
    case .pipelineSend: "exposed_pipeline_send"
    case .gradientReduction: "gradient_reduction"
    case .parameterGather: "parameter_gather"
    case .optimizer: "optimizer"
    case .warmUp: "bubble_warm_up"
    case .coolDown: "bubble_cool_down"
    case .waiting: "bubble_waiting"
    case .imbalance: "bubble_imbalance"
    case .update: "bubble_update"
    }
  }

  /// What it is, for people.
  var spoken: String {
    switch self {
    case .denseProducts: "matrix products"
    case .groupedProducts: "grouped products (experts)"
    case .weightGradientProducts: "weight-gradient products"
    case .attention: "attention"
    case .memoryBound: "memory-bound kernels"
    case .launch: "gaps and small kernels"
    case .recompute: "recompute"
    case .dispatch: "exposed dispatch"
    case .combine: "exposed combine"
    case .tensorExchange: "exposed tensor exchange"
    case .pipelineSend: "exposed pipeline send"
    case .gradientReduction: "gradient reduction"
    case .parameterGather: "parameter gather"
    case .optimizer: "optimizer"
    case .warmUp: "bubble: warm-up"
    case .coolDown: "bubble: cool-down"
    case .waiting: "bubble: waiting for another rank"
    case .imbalance: "bubble: imbalance"
    case .update: "bubble: waiting for the update"
    }
  }
}

extension CSVTables {
  /// `waterfall.csv`: for each case a row a pipeline rank, the mean over its GPUs, and one without a
  /// rank, the mean over all.
  public static func writeWaterfalls(_ outcome: Outcome, to writer: inout ByteWriter) {
    let parts = WaterfallPart.allCases
    writer.putRow(
      header: ["case", "rank"] + parts.map { $0.word + "_s" } + ["waiting_for_rank"])
    for one in outcome.cases {
      for rank in one.result.waterfalls {
        writer.putRow(
          [.text(one.name), .integer(rank.rank)] + parts.map { .seconds(rank.waterfall[$0]) }
            + [rank.waitingForRank.map { .integer($0) } ?? .null])
      }
      let step = one.result.waterfall
      writer.putRow([.text(one.name), .null] + parts.map { .seconds(step[$0]) } + [.null])
    }
  }

  /// `critical-path.csv`: for each case the pieces of its critical path, in order of time.
  public static func writeCriticalPaths(_ outcome: Outcome, to writer: inout ByteWriter) {
    writer.putRow(header: [
      "case", "start_s", "end_s", "rank", "gpu", "stream", "activity", "pass", "stage",
      "micro_batch", "cause",
    ])
    for one in outcome.cases {
      for piece in one.result.criticalPath.segments {
        let isPass = piece.stage >= 0
        writer.putRow([
          .text(one.name), .seconds(piece.start), .seconds(piece.end), .integer(piece.rank),
          .integer(piece.gpu), .text(FileWords.word(of: piece.stream)),
          .text(piece.activity.word),
          isPass ? .text(FileWords.passes[Int(piece.pass.rawValue)]) : .null,
          isPass ? .integer(Int(piece.stage)) : .null,
          isPass ? .integer(Int(piece.microBatch)) : .null, .text(piece.cause.rawValue),
        ])
      }
    }
  }
}

extension Waterfall {
  /// The parts as scripts read them, in seconds and as shares of the step.
  var json: JSONValue {
    let whole = max(total.seconds, .leastNormalMagnitude)
    return .object(
      WaterfallPart.allCases.map { ($0.word + "_s", .seconds(self[$0])) }
        + WaterfallPart.allCases.map { ($0.word + "_ratio", .number(self[$0].seconds / whole)) })
  }
}

extension CriticalPath {
  /// The path as scripts read it: its pieces, and its time by activity.
  var json: JSONValue {
    .object(
      [("segments", .integer(segments.count)), ("rank_changes", .integer(rankChanges))]
        + zip(Activity.allCases, times).map { ($0.word + "_s", .seconds($1)) })
  }
}

extension WhatIfStudy {
  /// The answers as scripts read them, the largest effect first.
  var json: JSONValue {
    .object([
      ("case", .text(caseName)), ("step_s", .seconds(step)),
      (
        "changes",
        .list(
          answers.map { answer in
            .object([
              ("change", .text(answer.change)), ("step_s", .seconds(answer.step)),
              ("effect_ratio", .number(answer.effect)),
            ])
          })
      ),
    ])
  }
}
