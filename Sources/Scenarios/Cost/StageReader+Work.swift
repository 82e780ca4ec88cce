import Models
import Quantities
import Statistics

/// Reads what stages do that is more than one number: a growing batch, samples, answers and teachers.
extension StageReader {
  /// The growth of the batch; nil where there is none or it is reported.
  mutating func ramp(_ path: String) -> BatchRamp? {
    guard keys.has(path) else { return nil }
    let before = keys.problems.count
    keys.check([(path, ["from", "over"])])
    guard keys.problems.count == before else { return nil }
    let from = needed("\(path).from", 1e12, example: "from: 3072")
    let over = needed("\(path).over", 1e18, example: "over: 469B")
    guard let from, let over else { return nil }
    return BatchRamp(from: from, over: over)
  }

  /// Samples with their tokens and epochs, the latter one where nothing else is said; nil where there
  /// are none.
  mutating func samples(
    _ path: String
  ) -> (count: InputReference, tokens: InputReference, epochs: InputReference)? {
    let samples = count("\(path).samples", 1e15)
    if keys.has("\(path).samples") {
      keys.require("\(path).tokens_per_sample", example: "tokens_per_sample: 4K")
    } else {
      for key in ["tokens_per_sample", "epochs"] where keys.has("\(path).\(key)") {
        keys.report(
          .cost(.without(key: "\(path).\(key)", needed: "samples", stage: path)),
          at: "\(path).\(key)")
      }
    }
    let perSample = count("\(path).tokens_per_sample", 1e9)
    let epochs = epochs(path)
    guard let samples, let perSample, let epochs else { return nil }
    return (samples, perSample, epochs)
  }

  /// Passes over the samples, one where nothing else is said; nil where it is reported.
  private mutating func epochs(_ path: String) -> InputReference? {
    let path = "\(path).epochs"
    if keys.has(path) { return input(path, .count, in: 0.001...1000) }
    return constant(path, 1)
  }

  /// Reinforcement learning; nil where it is reported.
  mutating func learning(_ path: String) -> ReinforcementLearning? {
    keys.require("\(path).algorithm", example: "algorithm: grpo")
    let algorithm = keys.name(
      "\(path).algorithm", kind: .choice, among: PolicyAlgorithm.allCases.map(\.rawValue)
    ).flatMap(PolicyAlgorithm.init)
    let steps = needed("\(path).steps", 1e12, example: "steps: 8000")
    let prompts = needed("\(path).prompts", 1e9, example: "prompts: 32")
    let rollouts = needed("\(path).rollouts", 1e6, example: "rollouts: 16")
    let promptTokens = needed("\(path).prompt_tokens", 1e8, example: "prompt_tokens: 200")
    let responseTokens = needed("\(path).response_tokens", 1e8, example: "response_tokens: 4K")
    let epochs = epochs(path)
    let reward = keys.name(
      "\(path).reward", kind: .choice, among: ["rule", "model"], default: "rule")
    let oldPolicy = keys.name(
      "\(path).old_policy", kind: .choice, among: ["sampled", "recomputed"], default: "sampled")
    let generation = generation(path)
    guard let algorithm, let steps, let prompts, let rollouts, let promptTokens, let responseTokens,
      let epochs, let reward, let oldPolicy, let generation
    else { return nil }
    return ReinforcementLearning(
      algorithm: algorithm, steps: steps, prompts: prompts, rollouts: rollouts,
      promptTokens: promptTokens, responseTokens: responseTokens, epochs: epochs,
      hasRewardModel: reward == "model", recomputesOldPolicy: oldPolicy == "recomputed",
      generation: generation)
  }

  /// Distillation; nil where it is reported.
  mutating func distillation(_ path: String) -> Distillation? {
    let before = keys.problems.count
    let samples = samples(path)
    var teacher: Teacher?
    keys.require("\(path).teacher", example: "teacher: deepseek-r1")
    let name = keys.name(
      "\(path).teacher", kind: .choice, among: ["none"] + ModelCatalogue.names)
    if let name, let model = ModelCatalogue.model(named: name)?.architecture {
      if let generation = generation(path) {
        teacher = Teacher(model: model, generation: generation)
      }
    } else if name == "none" {
      for key in StageKind.generationKeys where keys.has("\(path).\(key)") {
        keys.report(
          .cost(.without(key: "\(path).\(key)", needed: "teacher", stage: path)),
          at: "\(path).\(key)")
      }
    }
    guard let samples, keys.problems.count == before else { return nil }
    return Distillation(
      samples: samples.count, tokensPerSample: samples.tokens, epochs: samples.epochs,
      teacher: teacher)
  }

  /// How text is generated; nil where it is reported.
  private mutating func generation(_ path: String) -> GenerationTerms? {
    let gpus = "\(path).generation_gpus"
    let copy = keys.whole(gpus, in: KeyReader.gpuCounts, default: nil)
    let bandwidth = share("\(path).generation_bandwidth", .uniform(from: 0.4, to: 0.8))
    let compute = share("\(path).generation_compute", .uniform(from: 0.3, to: 0.6))
    guard let bandwidth, let compute, copy != nil || !keys.has(gpus) else { return nil }
    return GenerationTerms(gpus: copy, bandwidthShare: bandwidth, computeShare: compute)
  }

  /// A share that generation reaches, assumed where the file is silent.
  private mutating func share(_ path: String, _ spread: Spread) -> InputReference? {
    if keys.has(path) { return input(path, .share, in: 0.01...1) }
    return terms.add(
      CostInput(
        path: path, spread: spread, dimension: .share, range: 0.01...1,
        origin: .catalogue(
          source: "generation is an estimate without events, so its rates are wide guesses",
          status: Status.assumed.rawValue)))
  }
}
