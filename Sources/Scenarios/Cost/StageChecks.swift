import Hardware
import Models
import Quantities
import Schedules
import Training

/// What can only be checked of a stage once its step's scenario is known.
extension PlannedStage {
  /// What does not fit the scenario at either end of any number.
  func problems(_ document: Document, _ terms: CostTerms) -> [Problem] {
    var problems = nodeProblems(document, terms)
    let low = terms.inputs.map(\.ends.lowerBound)
    let high = terms.inputs.map(\.ends.upperBound)
    let keys = KeyReader(document)
    func report(_ fault: CostFault, _ key: String) {
      problems.append(Problem(place: keys.place(key), fault: .cost(fault)))
    }
    guard let scenario, let plan = scenario.cases.first?.plan else { return problems }
    if let ramp = stage.ramp {
      let path = "\(stage.path).batch_ramp"
      let from = keys.quoted("\(path).from")
      if high[ramp.from] > Double(plan.globalBatch) {
        report(
          .rampAbove(key: "\(path).from", value: from, batch: plan.globalBatch), "\(path).from")
      }
      if let tokens = tokens(low, perStep: plan.tokensPerStep), high[ramp.over] > tokens {
        report(
          .rampBeyond(
            key: "\(path).over", value: keys.quoted("\(path).over"),
            tokens: Dimension.count.text(tokens)), "\(path).over")
      }
      for case .written(let list) in scenario.cases.map(\.plan.schedule) {
        report(.rampOfList(key: path, schedule: list.name), path)
      }
    }
    guard let text = text(high) else { return problems }
    if text.tokens > Double(plan.sequenceLength) {
      report(
        .longerThanSequence(
          key: text.key, tokens: Dimension.count.text(text.tokens),
          sequenceLength: plan.sequenceLength), text.key)
    }
    let copyKey = "\(stage.path).generation_gpus"
    if let copy = copyGPUs, copy > cluster.gpus {
      let fault = Fault.outOfRange(key: copyKey, value: "\(copy)", range: 1...cluster.gpus)
      problems.append(Problem(place: keys.place(copyKey), fault: fault))
    } else if let decoder = decoder, !decoder.hasRoom(tokens: text.tokens) {
      let key = keys.has(copyKey) ? copyKey : stage.path
      report(
        .noRoom(
          key: key, model: decoder.model.name, gpus: decoder.copy,
          least: Int(min(decoder.fewestGPUs(tokens: text.tokens), 1e15)), all: cluster.gpus), key)
    }
    return problems
  }

  /// Nodes that fail or are spare, more of them than the stage has; of the file's own cluster that
  /// is told where it is read.
  private func nodeProblems(_ document: Document, _ terms: CostTerms) -> [Problem] {
    let hasOwn = stage.changes.contains { $0.key == "cluster" }
    guard stage.isSimulated, hasOwn, let reliability = terms.reliability else { return [] }
    let keys = KeyReader(document)
    let most = cluster.nodes
    return [
      ("reliability.spares", reliability.spares),
      ("reliability.lemons.nodes", reliability.lemons?.nodes),
    ].compactMap { key, value in
      guard let value, value > most, keys.has(key) else { return nil }
      return Problem(
        place: keys.place(key),
        fault: .run(.aboveStage(key: key, value: value, stage: "stage \(stage.name)", nodes: most)))
    }
  }

  /// Tokens of a stage that has a ramp.
  private func tokens(_ values: [Double], perStep: Double) -> Double? {
    switch stage.amount {
    case .tokens(let tokens): values[tokens]
    case .steps(let steps): values[steps] * perStep
    default: nil
    }
  }

  /// Tokens of a text that is trained on as a whole, with the key that says so.
  private func text(_ values: [Double]) -> (tokens: Double, key: String)? {
    switch stage.amount {
    case .samples(_, let tokens, _):
      (values[tokens], "\(stage.path).tokens_per_sample")
    case .distilled(let distillation):
      (values[distillation.tokensPerSample], "\(stage.path).tokens_per_sample")
    case .rollouts(let learning):
      (
        values[learning.promptTokens] + values[learning.responseTokens],
        "\(stage.path).response_tokens"
      )
    default: nil
    }
  }

  /// GPUs of a copy of what generates, where they are given.
  private var copyGPUs: Int? {
    switch stage.amount {
    case .rollouts(let learning): learning.generation.gpus
    case .distilled(let distillation): distillation.teacher?.generation.gpus
    default: nil
    }
  }

  /// What generates the stage's texts; nil where nothing does.
  var decoder: Decoder? {
    guard let plan = scenario?.cases.first?.plan, let model = scenario?.cases.first?.model else {
      return nil
    }
    switch stage.amount {
    case .rollouts:
      return Decoder(model, format: plan.format, cluster: cluster, gpus: copyGPUs)
    case .distilled(let distillation):
      return distillation.teacher.map {
        Decoder($0.model, format: plan.format, cluster: cluster, gpus: copyGPUs)
      }
    default: return nil
    }
  }
}
