public import Models

/// Reinforcement learning as amounts of work: in each step answers to prompts are generated, judged,
/// and trained on.
///
///     # 8,000 steps of 32 prompts with 16 answers each
///     - {stage: rl, algorithm: grpo, steps: 8000, prompts: 32, rollouts: 16, prompt_tokens: 200,
///        response_tokens: 8K}
///
/// The value model of PPO and a reward model have the shape of the policy. Sources: PPO with its four
/// models as in arXiv 2203.02155, section 3.5; GRPO, which needs no value model, arXiv 2402.03300,
/// section 4.1.
public struct ReinforcementLearning: Sendable, Equatable {
  /// Which models take part.
  public var algorithm: PolicyAlgorithm
  /// Steps, each with fresh answers.
  public var steps: InputReference
  /// Prompts of a step.
  public var prompts: InputReference
  /// Answers to each prompt; GRPO's group.
  public var rollouts: InputReference
  /// Tokens of a prompt, on average.
  public var promptTokens: InputReference
  /// Tokens of an answer, on average.
  public var responseTokens: InputReference
  /// Passes of training over each answer.
  public var epochs: InputReference
  /// Whether a model judges the answers, not a rule.
  public var hasRewardModel: Bool
  /// Whether the old policy's probabilities take a forward pass of their own; else they are those
  /// with which the answers were sampled.
  public var recomputesOldPolicy: Bool
  /// How answers are generated.
  public var generation: GenerationTerms
}

/// An algorithm of reinforcement learning.
public enum PolicyAlgorithm: String, Sendable, CaseIterable {
  /// Group-relative policy optimization: the mean of a group of answers is the baseline.
  case grpo
  /// Proximal policy optimization: a value model that is trained too is the baseline.
  case ppo
}

/// What the estimate of generation rests on.
public struct GenerationTerms: Sendable, Equatable {
  /// GPUs that hold one copy of the weights; nil for the fewest whose memory they fill by half.
  public var gpus: Int?
  /// Share of the memory bandwidth that decoding reaches.
  public var bandwidthShare: InputReference
  /// Share of the peak that prompts, and decoding at large batches, reach.
  public var computeShare: InputReference
}

/// Fine-tuning on what a teacher generates.
public struct Distillation: Sendable, Equatable {
  /// Samples that are generated and trained on.
  public var samples: InputReference
  /// Tokens of a sample.
  public var tokensPerSample: InputReference
  /// Passes of training over each sample.
  public var epochs: InputReference
  /// The teacher with how it generates; nil where the samples are there already.
  public var teacher: Teacher?
}

/// A model that generates samples.
public struct Teacher: Sendable, Equatable {
  /// Its shape.
  public var model: Architecture
  /// How it generates.
  public var generation: GenerationTerms
}

/// The roles of models in reinforcement learning.
enum RolloutRole: String, CaseIterable {
  case generation
  case reference
  case reward
  case oldPolicy = "old policy"
  case value
  case training
}

extension ReinforcementLearning {
  /// Work on a token of an answer and its prompt, in units of one forward pass: a pass of training is
  /// three. With 2N operations for a forward pass and one epoch, GRPO comes to 8N with a rule and 10N
  /// with a reward model, PPO with a reward model to 18N.
  func forwardPasses(_ role: RolloutRole, epochs: Double) -> Double {
    switch role {
    case .generation: 0
    case .reference: 1
    case .reward: hasRewardModel ? 1 : 0
    case .oldPolicy: recomputesOldPolicy ? 1 : 0
    case .value: algorithm == .ppo ? 1 + 3 * epochs : 0
    case .training: 3 * epochs
    }
  }

  /// Bytes a parameter that each model keeps; none of a model that is not there.
  ///
  /// - Parameters:
  ///   - trained: bytes of a parameter with its gradient, master weight and moments.
  ///   - frozen: bytes of a parameter alone.
  func stateBytes(trained: Double, frozen: Double) -> [StageState] {
    var states = [StageState(name: "policy", bytesPerParameter: trained)]
    if algorithm == .ppo {
      states.append(StageState(name: "value", bytesPerParameter: trained))
    }
    states.append(StageState(name: "reference", bytesPerParameter: frozen))
    if hasRewardModel { states.append(StageState(name: "reward", bytesPerParameter: frozen)) }
    return states
  }
}
