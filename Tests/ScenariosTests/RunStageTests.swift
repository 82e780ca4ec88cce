import Quantities
import Testing
import Training

@testable import Scenarios

/// A dense model on eight GPUs with the stages of a run.
private func run(_ stages: [String], _ run: String = "") -> String {
  """
  format: 1
  name: stages
  model: llama-2-7b
  cluster: {node: h100, nodes: 1}
  parallelism: {pipeline: 2}
  training: {sequence_length: 4096, global_batch: 64, schedule: 1f1b, recompute: full}
  reliability: {failures: none}
  run:
    \(run)
    stages:
  \(stages.map { "    - {\($0)}" }.joined(separator: "\n"))
  """
}

private func plan(_ stages: [String]) throws -> CostPlan {
  try CostPlan.load(Document(text: run(stages), file: "s.yaml"))
}

private func problems(_ text: String) -> [String] {
  let document: Document
  do {
    document = try Document(text: text, file: "s.yaml")
  } catch {
    return ["\(error)"]
  }
  do {
    _ = try CostPlan.load(document)
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

private let answers = "steps: 10, prompts: 8, rollouts: 4, prompt_tokens: 96, response_tokens: 1K"

/// A stage with what is wrong about it, after the place.
private let wrongStages: [(String, [String])] = [
  (
    "stage: pre-training",
    ["run.stages.1 does not say how much is done; give tokens or steps"]
  ),
  (
    "stage: pre-training, tokens: -1",
    ["run.stages.1.tokens is -1: it must be from 1 to 1000000T; correct the number or its unit"]
  ),
  (
    "stage: pre-training, tokens: 0",
    ["run.stages.1.tokens is 0: it must be from 1 to 1000000T; correct the number or its unit"]
  ),
  (
    "stage: pre-training, tokens: 2T .. 1T",
    [
      "run.stages.1.tokens is 2T .. 1T: its first value lies above its last; swap them"
    ]
  ),
  (
    "stage: pre-training, tokens: 1T, steps: 10",
    [
      "run.stages.1 has tokens and steps, each of which says how much is done; keep one of them"
    ]
  ),
  (
    "stage: sft, tokens: 1B, samples: 10",
    [
      "run.stages.1 has tokens and samples, each of which says how much is done; keep one of them"
    ]
  ),
  (
    "stage: stated, gpu_hours: 5, duration: 1 h",
    [
      "run.stages.1 has gpu_hours and duration, each of which says how much is done; keep one of "
        + "them"
    ]
  ),
  (
    "stage: stated, gpu_hours: 5, mfu: 40 %",
    [
      "run.stages.1 has gpu_hours and mfu, each of which says how much is done; keep one of them"
    ]
  ),
  (
    "stage: stated, flops: 1e20",
    ["run.stages.1.flops does nothing without run.stages.1.mfu; add that, or remove flops"]
  ),
  (
    "stage: stated, gpu_hours: 5, training: {micro_batch: 2}, model: llama-2-7b",
    [
      "run.stages.1.training does nothing: no step of the stage is simulated, as its amount is "
        + "stated; remove it",
      "run.stages.1.model does nothing: no step of the stage is simulated, as its amount is stated; "
        + "remove it",
    ]
  ),
  (
    "stage: pre-training, tokens: 1B, traning: {micro_batch: 2}",
    [
      "run.stages.1.traning is no key of a stage of kind pre-training, which takes stage, name, "
        + "model, cluster, parallelism, training, routing, tokens, steps, batch_ramp; did you mean "
        + "training?"
    ]
  ),
  (
    "stage: pre-training, token: 1B",
    [
      "run.stages.1.token is no key of a stage of kind pre-training, which takes stage, name, model, "
        + "cluster, parallelism, training, routing, tokens, steps, batch_ramp; did you mean tokens?"
    ]
  ),
  (
    "stage: pre-training, tokens: 1T, teacher: none",
    [
      "run.stages.1.teacher is no key of a stage of kind pre-training, which takes stage, name, "
        + "model, cluster, parallelism, training, routing, tokens, steps, batch_ramp; remove it"
    ]
  ),
  (
    "stage: warm-up, tokens: 1T",
    [
      "run.stages.1.stage is warm-up: the stages are pre-training, context-extension, "
        + "continued-pre-training, sft, rl, distillation, evaluation, stated; use one of them"
    ]
  ),
  (
    "tokens: 1T",
    ["run.stages.1.stage is missing: it has no default; add it, such as stage: pre-training"]
  ),
  (
    "stage: sft, samples: 1M",
    [
      "run.stages.1.tokens_per_sample is missing: it has no default; add it, such as "
        + "tokens_per_sample: 4K"
    ]
  ),
  (
    "stage: sft, tokens: 1M, epochs: 2",
    ["run.stages.1.epochs does nothing without run.stages.1.samples; add that, or remove epochs"]
  ),
  (
    "stage: sft, samples: 1M, tokens_per_sample: 1K .. 5K",
    [
      "run.stages.1.tokens_per_sample makes texts of 5K tokens, which do not fit the stage's "
        + "sequences of 4096; set training.sequence_length of the stage to them or more"
    ]
  ),
  (
    "stage: pre-training, tokens: 1T, batch_ramp: {from: 8 .. 100, over: 1B}",
    [
      "run.stages.1.batch_ramp.from is 8 .. 100: a batch grows, up to the 64 sequences of "
        + "training.global_batch; start below them, or remove batch_ramp"
    ]
  ),
  (
    "stage: sft, samples: 1M, tokens_per_sample: 8K",
    [
      "run.stages.1.tokens_per_sample makes texts of 8K tokens, which do not fit the stage's "
        + "sequences of 4096; set training.sequence_length of the stage to them or more"
    ]
  ),
  (
    "stage: pre-training, tokens: 1T, batch_ramp: {from: 65, over: 2T}",
    [
      "run.stages.1.batch_ramp.from is 65: a batch grows, up to the 64 sequences of "
        + "training.global_batch; start below them, or remove batch_ramp",
      "run.stages.1.batch_ramp.over is 2T: the stage has 1T tokens, so its batch would never be the "
        + "full one; use 1T or fewer",
    ]
  ),
  (
    "stage: pre-training, tokens: 1T, batch_ramp: {from: 8}",
    [
      "run.stages.1.batch_ramp.over is missing: it has no default; add it, such as over: 469B"
    ]
  ),
  (
    "stage: pre-training, tokens: 1T, batch_ramp: {from: 8, over: 1B, to: 64}",
    [
      "run.stages.1.batch_ramp.to is not a key: its table takes from, over; remove it"
    ]
  ),
  (
    "stage: pre-training, tokens: 1T, batch_ramp: 8",
    [
      "run.stages.1.batch_ramp is 8: it must be a table of from, over; write its keys below it, "
        + "indented"
    ]
  ),
  (
    "stage: rl, algorithm: dpo, steps: 10",
    [
      "run.stages.1.prompts is missing: it has no default; add it, such as prompts: 32",
      "run.stages.1.rollouts is missing: it has no default; add it, such as rollouts: 16",
      "run.stages.1.prompt_tokens is missing: it has no default; add it, such as prompt_tokens: 200",
      "run.stages.1.response_tokens is missing: it has no default; add it, such as "
        + "response_tokens: 4K",
      "run.stages.1.algorithm is dpo: the choices are grpo, ppo; did you mean ppo?",
    ]
  ),
  (
    "stage: rl, algorithm: ppo, \(answers), reward: human",
    ["run.stages.1.reward is human: the choices are rule, model; use one of them"]
  ),
  (
    "stage: rl, algorithm: ppo, \(answers), generation_bandwidth: 120 %",
    [
      "run.stages.1.generation_bandwidth is 120 %: it must be from 1 % to 100 %; correct the number or "
        + "its unit"
    ]
  ),
  (
    "stage: rl, algorithm: ppo, \(answers), generation_gpus: 16",
    ["run.stages.1.generation_gpus is 16: it must be from 1 to 8; use 8"]
  ),
  (
    "stage: distillation, samples: 1K, tokens_per_sample: 1K",
    ["run.stages.1.teacher is missing: it has no default; add it, such as teacher: deepseek-r1"]
  ),
  (
    "stage: distillation, samples: 1K, tokens_per_sample: 1K, teacher: none, generation_gpus: 2",
    [
      "run.stages.1.generation_gpus does nothing without run.stages.1.teacher; add that, or remove "
        + "generation_gpus"
    ]
  ),
  (
    "stage: distillation, samples: 1K, tokens_per_sample: 1K, teacher: deepseek-r1",
    [
      "run.stages.1 has deepseek-r1 generate on copies of 8 GPUs, too few for its weights and one "
        + "text; it takes 19, more than the cluster's 8"
    ]
  ),
  (
    "stage: evaluation, tokens: 1B, share: 1 %",
    [
      "run.stages.1 has tokens and share, each of which says how much is done; keep one of them"
    ]
  ),
  (
    "stage: evaluation, share: 5 %",
    [
      "run.stages.1.share is 5 %: no stage before it trains, so it would be a share of nothing; put "
        + "a stage that trains before it, or give tokens"
    ]
  ),
  (
    "stage: evaluation, share: -1 %",
    ["run.stages.1.share is -1 %: it must be from 0 to 10000 %; correct the number or its unit"]
  ),
]

@Suite struct RunStageTests {
  @Test(arguments: wrongStages)
  func wrongStage(_ stage: String, _ rest: [String]) {
    let found = problems(run([stage])).map { $0.drop { $0 != " " }.dropFirst() }
    #expect(found.map(String.init) == rest)
  }

  @Test func allAtOnce() {
    let found = problems(
      run(["stage: sft, samples: 1M", "stage: pre-training", "stage: evaluation, share: x"]))
    #expect(found.count == 3)
    #expect(found.map { $0.prefix(10) } == ["s.yaml:11:", "s.yaml:12:", "s.yaml:13:"])
  }

  @Test func emptyAndTooMany() {
    #expect(
      problems("format: 1\nname: a\ncluster: {node: h100, nodes: 1}\nrun: {stages: []}") == [
        "s.yaml:4: run.stages is an empty list: it names the stages of the run; add some or remove "
          + "the key"
      ])
    let many = [String](repeating: "stage: stated, gpu_hours: 1", count: 101)
    #expect(
      problems(run(many)) == [
        "s.yaml:10: run.stages has 101 stages: at most 100 are read; join some of them"
      ])
    #expect(problems(run(Array(many.dropLast()))) == [])
  }

  /// Stages have names of their own: those that none is written for get numbers.
  @Test func names() throws {
    let stages = ["stage: stated, gpu_hours: 1", "stage: stated, gpu_hours: 2"]
    #expect(try plan(stages).stages.map(\.stage.name) == ["stated", "stated 2"])
    #expect(
      problems(run(["name: a, \(stages[0])", "name: a, \(stages[1])"])) == [
        "s.yaml:12: run.stages has a twice: each has a name of its own; remove one of them"
      ])
  }

  @Test func tooManyDraws() {
    let many = [String](repeating: "stage: stated, gpu_hours: 1", count: 50)
    #expect(
      problems(run(many, "samples: 50000")) == [
        "s.yaml:9: run.samples is 50000: over 50 stages that is more than the 1000000 draws of a "
          + "stage that are kept; use 20000 or fewer"
      ])
  }

  /// `run` takes the tokens of the first stage, whatever else the list holds.
  @Test func stepOfAStagedFile() throws {
    let text = run([
      "stage: pre-training, tokens: 2T, batch_ramp: {from: 8, over: 1B}",
      "stage: rl, algorithm: grpo, \(answers)", "stage: evaluation, share: 1 %",
    ])
    #expect(try load(text).cases[0].tokens == 2e12)
    let samples = try load(run(["stage: sft, samples: 1K, tokens_per_sample: 1K"]))
    #expect(samples.cases[0].tokens == nil)
  }

  /// A stage's keys replace the scenario's, of tables one by one.
  @Test func changes() throws {
    let stages = try plan([
      "stage: pre-training, tokens: 2T",
      "stage: context-extension, steps: 10, training: {sequence_length: 8192}, "
        + "parallelism: {context: 2}",
    ]).stages
    #expect(stages[0].scenario?.plan.sequenceLength == 4096)
    #expect(stages[1].scenario?.plan.sequenceLength == 8192)
    #expect(stages[1].scenario?.plan.context == 2)
    #expect(stages[1].scenario?.plan.globalBatch == 64)
  }

  /// Each stage's hours and operations by its own arithmetic from the same simulated step.
  @Test func stagesOfOneStep() throws {
    let outcome = try CostStudy(
      plan([
        "stage: sft, samples: 1M, tokens_per_sample: 2K, epochs: 3",
        "stage: continued-pre-training, steps: 1000",
        "stage: rl, name: grpo, algorithm: grpo, \(answers)",
        "stage: rl, name: ppo, algorithm: ppo, \(answers), reward: model, epochs: 2",
        "stage: distillation, samples: 800K, tokens_per_sample: 4K, epochs: 2, teacher: none",
        "stage: evaluation, tokens: 1B", "stage: evaluation, share: 1 %",
        "stage: stated, flops: 2.7e20, mfu: 40 %",
      ])
    ).run()
    let stages = outcome.stages
    let step = try #require(stages[0].step)
    func hours(_ tokens: Double) -> Double { tokens / step.tokensPerSecond * 8 / 3600 }
    func isNear(_ a: Double, _ b: Double) -> Bool { abs(a / b - 1) < 1e-9 }
    #expect(isNear(stages[0].gpuHours, hours(6e9)))
    #expect(isNear(stages[1].gpuHours, 1000 * step.stepSeconds * 8 / 3600))
    #expect(isNear(stages[1].tokens ?? 0, 1000 * 64 * 4096))

    let grpo = stages[2]
    #expect(grpo.parts.map(\.name) == ["generation", "reference", "training"])
    let ppo = stages[3]
    #expect(ppo.parts.map(\.name) == ["generation", "reference", "reward", "value", "training"])
    let tokens = 10.0 * 8 * 4 * 1096
    let forward = step.causalFLOPsPerToken.value / 3 * tokens
    #expect(isNear(grpo.parts[2].gpuHours, hours(tokens)))
    #expect(isNear(grpo.parts[1].operations + grpo.parts[2].operations, 4 * forward))
    #expect(isNear(ppo.parts[4].gpuHours, hours(2 * tokens)))
    #expect(isNear(ppo.parts[3].gpuHours, ppo.parts[4].gpuHours + ppo.parts[1].gpuHours))
    let judged = ppo.parts.dropFirst().reduce(0) { $0 + $1.operations }
    #expect(isNear(judged, (1 + 1 + 7 + 6) * forward))
    for stage in [grpo, ppo] {
      #expect(isNear(stage.parts.reduce(0) { $0 + $1.gpuHours }, stage.gpuHours))
    }
    // Full recompute: forward is a fourth of the passes, give or take what products differ by.
    #expect(abs(grpo.parts[1].gpuHours / grpo.parts[2].gpuHours - 0.25) < 0.03)
    #expect(grpo.states.map(\.bytesPerParameter) == [18, 2])
    #expect(ppo.states.map(\.bytesPerParameter) == [18, 18, 2, 2])

    // 6 x 6.7e9 x 6.4e9 tokens, and a twentieth of it for attention.
    let distilled = stages[4]
    #expect(distilled.tokens == 6.4e9)
    #expect(distilled.parts.map(\.name) == ["training"])
    #expect(abs(distilled.parts[0].operations / 2.7e20 - 1) < 0.03)
    let trained = stages[0...4].reduce(0) { $0 + $1.gpuHours }
    #expect(isNear(stages[6].gpuHours, trained * 0.01))
    #expect(stages[5].gpuHours < hours(1e9) * 0.3)
    #expect(abs(stages[7].gpuHours - 189.5) < 0.5)
  }

  @Test func growingBatch() throws {
    let outcome = try CostStudy(
      plan([
        "stage: pre-training, tokens: 1B",
        "stage: pre-training, tokens: 1B, batch_ramp: {from: 6, over: 1B}",
        "stage: pre-training, tokens: 1B, training: {global_batch: 8}",
      ])
    ).run()
    let hours = outcome.stages.map(\.gpuHours)
    #expect(hours[0] < hours[1])
    #expect(hours[1] < hours[2])
    #expect(
      outcome.assumptions.contains {
        $0.hasPrefix(
          "The batch of pre-training 2 grows linearly in tokens from 6 to 64 sequences over 1B tokens; "
            + "steps of 8, 20, 64 sequences are simulated")
      })
  }
}
