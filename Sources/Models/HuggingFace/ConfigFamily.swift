/// The families whose implied biases, norms and defaults are known, by their `model_type`.
/// Source: the modeling files of huggingface/transformers.
enum ConfigFamily: String {
  case bloom
  case deepseek
  case deepseekV2 = "deepseek_v2"
  case deepseekV3 = "deepseek_v3"
  case deepseekV32 = "deepseek_v32"
  case glm4MoE = "glm4_moe"
  case glmMoEDSA = "glm_moe_dsa"
  case gpt2
  case gptOSS = "gpt_oss"
  case kimiK2 = "kimi_k2"
  case llama
  case minimaxM2 = "minimax_m2"
  case mistral
  case mixtral
  case qwen2
  case qwen2MoE = "qwen2_moe"
  case qwen3
  case qwen3MoE = "qwen3_moe"

  /// GPT-2's and BLOOM's shape: layer norms, biases everywhere, two matrices, tied embeddings.
  var isClassic: Bool { self == .gpt2 || self == .bloom }

  /// Whether query, key and value have biases though no key says so.
  var hasQueryKeyValueBias: Bool {
    isClassic || self == .qwen2 || self == .qwen2MoE || self == .gptOSS
  }

  /// Whether the output projection has a bias though no key says so.
  var hasOutputBias: Bool { isClassic || self == .gptOSS }

  /// Whether `attention_bias` leaves the output projection without one.
  var attentionBiasSparesOutput: Bool { self == .glm4MoE }

  /// Whether queries and keys are normalized though no key says so.
  var hasQueryKeyNorm: Bool { self == .qwen3 || self == .qwen3MoE || self == .minimaxM2 }

  /// Whether the router has a bias though no key says so.
  var hasGateBias: Bool {
    switch self {
    case .deepseekV3, .deepseekV32, .kimiK2, .glm4MoE, .glmMoEDSA, .minimaxM2, .gptOSS: true
    default: false
    }
  }

  /// Whether `sliding_window` alone puts a window in every layer.
  var windowsEveryLayer: Bool { self == .mistral || self == .mixtral }
}
