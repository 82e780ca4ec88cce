import Models
import Quantities
import Testing

/// Configs that cannot be read: each sentence, word for word.
@Suite struct ConfigErrorTests {
  /// A config with something wrong in it, and what is said about it.
  struct Mistake: Sendable {
    let fields: Fields
    let sentence: String

    init(_ fields: Fields, _ sentence: String) {
      self.fields = fields
      self.sentence = sentence
    }
  }

  static let mistakes: [Mistake] = [
    Mistake(
      Config.llama.without("hidden_size"),
      "hidden_size (or n_embd, n_embed) is missing: add it with the model's value"
    ),
    Mistake(
      Config.llama.with("vocab_size", .null),
      "vocab_size is missing: add it with the model's value"
    ),
    Mistake(
      Config.llama.with("hidden_size", .text("4096")),
      "hidden_size is \"4096\": it must be a whole number"
    ),
    Mistake(
      Config.llama.with("hidden_size", .number(4096.5)),
      "hidden_size is 4096.5: it must be a whole number"
    ),
    Mistake(
      Config.llama.with("tie_word_embeddings", .integer(1)),
      "tie_word_embeddings is 1: it must be true or false"
    ),
    Mistake(Config.llama.with("model_type", .list([])), "model_type is a list: it must be a text"),
    Mistake(
      Config.gptOSS.with("layer_types", .list([.boolean(true)])),
      "layer_types is a list: it must be a list of texts"
    ),
    Mistake(
      Config.llama.with("num_hidden_layers", .integer(0)),
      "num_hidden_layers is 0: it must be at least 1"
    ),
    Mistake(
      Config.deepseekV3.with("n_shared_experts", .integer(-1)),
      "n_shared_experts is -1: it must be at least 0"
    ),
    Mistake(
      Config.llama.with("num_hidden_layers", .integer(10_001)),
      "num_hidden_layers is 10001: it must be at most 10000"
    ),
    Mistake(
      Config.llama.with("vocab_size", .number(1e18)),
      "vocab_size is 1e+18: it must be at most 2147483648"
    ),
    Mistake(
      Config.llama.with("num_attention_heads", .integer(24)),
      """
      hidden_size is 4096, which is not a multiple of num_attention_heads, 24: \
      correct one of them, or give head_dim
      """
    ),
    Mistake(
      Config.llama.with("num_key_value_heads", .integer(5)),
      """
      num_attention_heads is 32, which is not a multiple of num_key_value_heads, 5: \
      correct one of them
      """
    ),
    Mistake(
      Config.deepseekV3.with("num_experts_per_tok", .integer(257)),
      "num_experts_per_tok is 257, more than n_routed_experts, 256: correct one of them"
    ),
    Mistake(
      Config.deepseekV3.with("topk_group", .integer(9)),
      "topk_group is 9, more than n_group, 8: correct one of them"
    ),
    Mistake(
      Config.deepseekV3.with("num_experts_per_tok", .integer(129)),
      """
      num_experts_per_tok is 129, more than the experts in topk_group groups, 128: \
      correct one of them
      """
    ),
    Mistake(
      Config.deepseekV3.with("first_k_dense_replace", .integer(62)),
      "first_k_dense_replace is 62, more than num_hidden_layers, 61: correct one of them"
    ),
    Mistake(
      Config.llama.with("linear_attn_config", .table([])),
      """
      linear_attn_config is a table, which asks for linear, compressed or state-space layers: \
      that is not modelled
      """
    ),
    Mistake(
      Config.llama.with("is_encoder_decoder", .boolean(true)),
      """
      is_encoder_decoder is true, which asks for an encoder beside the decoder: \
      that is not modelled
      """
    ),
    Mistake(
      Config.deepseekV3.with("moe_layer_freq", .integer(2)),
      """
      moe_layer_freq is 2, which asks for experts in some of the later layers only: \
      that is not modelled
      """
    ),
    Mistake(
      Config.qwen3MoE.with("mlp_only_layers", .list([.integer(4)])),
      """
      mlp_only_layers is a list, which asks for experts in some of the later layers only: \
      that is not modelled
      """
    ),
    Mistake(
      Config.qwen2.with("use_sliding_window", .boolean(true)),
      """
      use_sliding_window is true, which asks for sliding windows in an irregular pattern of \
      layers: that is not modelled
      """
    ),
    Mistake(
      Config.deepseekV3.with("attention_bias", .boolean(true)),
      "attention_bias is true, which asks for biases in latent attention: that is not modelled"
    ),
    Mistake(
      Config.llama.with("hidden_size", .integer(1 << 31))
        .with("intermediate_size", .integer(1 << 31)),
      "the model would have 2^62 parameters or more: check the widths and the number of layers"
    ),
    Mistake(
      Config.llama.without("vocab_size").with("model_type", .text("mine")),
      """
      vocab_size is missing: add it with the model's value
      model_type "mine" is not a family known here: such a config is read under the \
      common key names of Llama and DeepSeek, and needs all of them
      """
    ),
  ]

  @Test(arguments: mistakes)
  func sentence(mistake: Mistake) throws {
    let error = try #require(throws: ConfigError.self) {
      try Architecture(huggingFace: mistake.fields, name: "mine")
    }
    #expect(error.description == mistake.sentence)
  }

  /// All problems at once, in the order the keys are read.
  @Test func allProblemsAreListed() throws {
    let fields: Fields = [("num_hidden_layers", .integer(-3)), ("hidden_size", .boolean(true))]
    let error = try #require(throws: ConfigError.self) {
      try Architecture(huggingFace: fields, name: "mine")
    }
    #expect(
      error.problems == [
        .tooSmall(key: "num_hidden_layers", value: "-3", least: 1),
        .wrongKind(key: "hidden_size", value: "true", kind: .integer),
        .missing(keys: ["vocab_size"]), .missing(keys: ["num_attention_heads", "n_head"]),
        .missing(keys: ["intermediate_size"]),
      ])
  }

  @Test func anEmptyConfigIsRefused() {
    #expect(throws: ConfigError.self) { try Architecture(huggingFace: [], name: "") }
  }

  /// Whatever number stands under a key, the answer is a model or an error, never a trap, and a
  /// model can be asked for everything.
  @Test(arguments: [
    ConfigValue.integer(0), .integer(-1), .integer(.min), .integer(.max), .integer(1 << 31),
    .integer(3), .number(1e18), .number(1e300), .number(-1e300), .number(.nan),
    .number(.infinity), .number(0.5), .text(""), .boolean(true), .null, .list([.integer(1)]),
    .table([]),
  ])
  func absurdValuesNeverTrap(value: ConfigValue) {
    for config in [Config.llama, Config.deepseekV32, Config.gptOSS, Config.qwen3MoE, Config.gpt2] {
      for field in config {
        let fields = config.with(field.key, value)
        guard let model = try? Architecture(huggingFace: fields, name: "a") else { continue }
        #expect(model.parameters > 0 && model.parameters < 1 << 62)
        #expect(model.activeParameters <= model.parameters)
        #expect(model.trainingFLOPsPerToken(sequenceLength: 4096, causal: true).value.isFinite)
        #expect(model.keyValueBytesPerToken().value > 0)
      }
    }
  }

  /// The largest value under every key at once.
  @Test func hugeNumbersTogetherNeverTrap() {
    for config in [Config.llama, Config.deepseekV32, Config.gptOSS, Config.qwen3MoE] {
      let fields = config.map { field -> (key: String, value: ConfigValue) in
        guard case .integer = field.value else { return field }
        return (field.key, .integer(field.key == "num_hidden_layers" ? 10_000 : 1 << 31))
      }
      #expect(throws: ConfigError.self) { try Architecture(huggingFace: fields, name: "a") }
    }
  }
}
