import Models
import Testing

typealias Fields = [(key: String, value: ConfigValue)]

/// Configs as they are published, cut to the keys that matter and a few that do not.
enum Config {
  static let llama: Fields = [
    ("architectures", .list([.text("LlamaForCausalLM")])), ("attention_bias", .boolean(false)),
    ("hidden_act", .text("silu")), ("hidden_size", .integer(4096)),
    ("intermediate_size", .integer(14_336)), ("mlp_bias", .boolean(false)),
    ("model_type", .text("llama")), ("num_attention_heads", .integer(32)),
    ("num_hidden_layers", .integer(32)), ("num_key_value_heads", .integer(8)),
    ("rope_scaling", .table([("factor", .number(8))])), ("rope_theta", .number(500_000)),
    ("tie_word_embeddings", .boolean(false)), ("vocab_size", .integer(128_256)),
  ]

  static let deepseekV3: Fields = [
    ("attention_bias", .boolean(false)), ("first_k_dense_replace", .integer(3)),
    ("hidden_size", .integer(7168)), ("intermediate_size", .integer(18_432)),
    ("kv_lora_rank", .integer(512)), ("model_type", .text("deepseek_v3")),
    ("moe_intermediate_size", .integer(2048)), ("moe_layer_freq", .integer(1)),
    ("n_group", .integer(8)), ("n_routed_experts", .integer(256)),
    ("n_shared_experts", .integer(1)), ("num_attention_heads", .integer(128)),
    ("num_experts_per_tok", .integer(8)), ("num_hidden_layers", .integer(61)),
    ("num_key_value_heads", .integer(128)), ("num_nextn_predict_layers", .integer(1)),
    ("q_lora_rank", .integer(1536)), ("qk_nope_head_dim", .integer(128)),
    ("qk_rope_head_dim", .integer(64)), ("topk_group", .integer(4)),
    ("topk_method", .text("noaux_tc")), ("tie_word_embeddings", .boolean(false)),
    ("v_head_dim", .integer(128)), ("vocab_size", .integer(129_280)),
  ]

  static let deepseekV32 =
    deepseekV3.with("model_type", .text("deepseek_v32")).with("index_topk", .integer(2048))
    .with("index_n_heads", .integer(64)).with("index_head_dim", .integer(128))

  static let deepseekV2Lite: Fields = [
    ("attention_bias", .boolean(false)), ("first_k_dense_replace", .integer(1)),
    ("hidden_size", .integer(2048)), ("intermediate_size", .integer(10_944)),
    ("kv_lora_rank", .integer(512)), ("model_type", .text("deepseek_v2")),
    ("moe_intermediate_size", .integer(1408)), ("moe_layer_freq", .integer(1)),
    ("n_group", .integer(1)), ("n_routed_experts", .integer(64)),
    ("n_shared_experts", .integer(2)), ("num_attention_heads", .integer(16)),
    ("num_experts_per_tok", .integer(6)), ("num_hidden_layers", .integer(27)),
    ("num_key_value_heads", .integer(16)), ("q_lora_rank", .null),
    ("qk_nope_head_dim", .integer(128)), ("qk_rope_head_dim", .integer(64)),
    ("topk_group", .integer(1)), ("topk_method", .text("greedy")),
    ("v_head_dim", .integer(128)), ("vocab_size", .integer(102_400)),
  ]

  static let qwen3MoE: Fields = [
    ("attention_bias", .boolean(false)), ("decoder_sparse_step", .integer(1)),
    ("head_dim", .integer(128)), ("hidden_size", .integer(4096)),
    ("intermediate_size", .integer(12_288)), ("max_window_layers", .integer(94)),
    ("mlp_only_layers", .list([])), ("model_type", .text("qwen3_moe")),
    ("moe_intermediate_size", .integer(1536)), ("num_attention_heads", .integer(64)),
    ("num_experts", .integer(128)), ("num_experts_per_tok", .integer(8)),
    ("num_hidden_layers", .integer(94)), ("num_key_value_heads", .integer(4)),
    ("sliding_window", .null), ("tie_word_embeddings", .boolean(false)),
    ("use_sliding_window", .boolean(false)), ("vocab_size", .integer(151_936)),
  ]

  static let mixtral: Fields = [
    ("hidden_size", .integer(4096)), ("intermediate_size", .integer(14_336)),
    ("model_type", .text("mixtral")), ("num_attention_heads", .integer(32)),
    ("num_experts_per_tok", .integer(2)), ("num_hidden_layers", .integer(32)),
    ("num_key_value_heads", .integer(8)), ("num_local_experts", .integer(8)),
    ("sliding_window", .null), ("tie_word_embeddings", .boolean(false)),
    ("vocab_size", .integer(32_000)),
  ]

  static let gptOSS: Fields = [
    ("attention_bias", .boolean(true)), ("head_dim", .integer(64)),
    ("hidden_size", .integer(2880)), ("intermediate_size", .integer(2880)),
    (
      "layer_types",
      .list((0..<36).map { .text($0 % 2 == 0 ? "sliding_attention" : "full_attention") })
    ),
    ("model_type", .text("gpt_oss")), ("num_attention_heads", .integer(64)),
    ("num_experts_per_tok", .integer(4)), ("num_hidden_layers", .integer(36)),
    ("num_key_value_heads", .integer(8)), ("num_local_experts", .integer(128)),
    ("sliding_window", .integer(128)), ("tie_word_embeddings", .boolean(false)),
    ("vocab_size", .integer(201_088)),
  ]

  static let qwen2: Fields = [
    ("hidden_size", .integer(8192)), ("intermediate_size", .integer(29_568)),
    ("max_window_layers", .integer(80)), ("model_type", .text("qwen2")),
    ("num_attention_heads", .integer(64)), ("num_hidden_layers", .integer(80)),
    ("num_key_value_heads", .integer(8)), ("sliding_window", .integer(131_072)),
    ("use_sliding_window", .boolean(false)), ("vocab_size", .integer(152_064)),
  ]

  static let glm4MoE: Fields = [
    ("attention_bias", .boolean(true)), ("first_k_dense_replace", .integer(3)),
    ("head_dim", .integer(128)), ("hidden_size", .integer(5120)),
    ("intermediate_size", .integer(12_288)), ("model_type", .text("glm4_moe")),
    ("moe_intermediate_size", .integer(1536)), ("n_group", .integer(1)),
    ("n_routed_experts", .integer(160)), ("n_shared_experts", .integer(1)),
    ("num_attention_heads", .integer(96)), ("num_experts_per_tok", .integer(8)),
    ("num_hidden_layers", .integer(92)), ("num_key_value_heads", .integer(8)),
    ("num_nextn_predict_layers", .integer(1)), ("topk_group", .integer(1)),
    ("use_qk_norm", .boolean(true)), ("vocab_size", .integer(151_552)),
  ]

  static let minimaxM2: Fields = [
    ("head_dim", .integer(128)), ("hidden_size", .integer(3072)),
    ("intermediate_size", .integer(1536)), ("model_type", .text("minimax_m2")),
    ("num_attention_heads", .integer(48)), ("num_experts_per_tok", .integer(8)),
    ("num_hidden_layers", .integer(62)), ("num_key_value_heads", .integer(8)),
    ("num_local_experts", .integer(256)), ("use_qk_norm", .boolean(true)),
    ("vocab_size", .integer(200_064)),
  ]

  static let bloom: Fields = [
    ("model_type", .text("bloom")), ("n_embed", .integer(14_336)), ("n_inner", .null),
    ("n_layer", .integer(70)), ("num_attention_heads", .integer(112)),
    ("vocab_size", .integer(250_880)),
  ]

  /// GPT-3 as GPT-2's code would describe it.
  static let gpt2: Fields = [
    ("model_type", .text("gpt2")), ("n_ctx", .integer(2048)), ("n_embd", .integer(12_288)),
    ("n_head", .integer(96)), ("n_layer", .integer(96)), ("n_positions", .integer(2048)),
    ("vocab_size", .integer(50_257)),
  ]
}

extension [(key: String, value: ConfigValue)] {
  /// The fields with one value changed or added.
  func with(_ key: String, _ value: ConfigValue) -> Fields {
    without(key) + [(key: key, value: value)]
  }

  /// The fields without one key.
  func without(_ key: String) -> Fields { filter { $0.key != key } }
}

/// Configs that can be read.
@Suite struct HuggingFaceConfigTests {
  @Test(arguments: [
    ("llama-3.1-8b", Config.llama), ("deepseek-v3", Config.deepseekV3),
    ("deepseek-v3.2", Config.deepseekV32), ("deepseek-v2-lite", Config.deepseekV2Lite),
    ("qwen3-235b-a22b", Config.qwen3MoE), ("mixtral-8x7b", Config.mixtral),
    ("gpt-oss-120b", Config.gptOSS), ("qwen2.5-72b", Config.qwen2),
    ("glm-4.5", Config.glm4MoE), ("minimax-m2", Config.minimaxM2),
    ("bloom-176b", Config.bloom), ("gpt-3-175b", Config.gpt2),
  ])
  func configIsTheModelOfTheCatalogue(name: String, fields: Fields) throws {
    #expect(try Architecture(huggingFace: fields, name: name) == architecture(name))
    #expect(try Architecture(huggingFace: fields.reversed(), name: name) == architecture(name))
  }

  /// A family that is not known is read like Llama, and says so by `isKnownFamily`.
  @Test func unknownFamiliesAreReadByCommonNames() throws {
    let fields = Config.llama.with("model_type", .text("mine"))
    #expect(
      try Architecture(huggingFace: fields, name: "llama-3.1-8b") == architecture("llama-3.1-8b"))
    #expect(!Architecture.isKnownFamily("mine"))
    #expect(Architecture.isKnownFamily("deepseek_v3"))
    #expect(throws: Never.self) {
      try Architecture(huggingFace: fields.without("model_type"), name: "mine")
    }
  }

  @Test func absentKeysHaveTheirDefaults() throws {
    let fields = Config.llama.without("num_key_value_heads").with("head_dim", .null)
    let model = try Architecture(huggingFace: fields, name: "mine")
    #expect(
      model.attention
        == .grouped(GroupedAttention(heads: 32, keyValueHeads: 32, headDimension: 128)))
  }

  @Test func languagePartIsReadFromItsTable() throws {
    let inner = Config.llama.map { ($0.key, $0.value) }
    let fields: Fields = [("model_type", .text("seeing")), ("text_config", .table(inner))]
    #expect(try Architecture(huggingFace: fields, name: "a").parameters == 8_030_261_248)
  }

  @Test func lastOfTwoLikeKeysCounts() throws {
    let fields = [(key: "num_hidden_layers", value: ConfigValue.integer(0))] + Config.llama
    #expect(try Architecture(huggingFace: fields, name: "a").layers == 32)
  }

  @Test func wholeNumbersMayBeWrittenWithAFraction() throws {
    let fields = Config.llama.with("hidden_size", .number(4096))
    #expect(try Architecture(huggingFace: fields, name: "a").hidden == 4096)
  }

  /// Qwen1.5-MoE's one wide shared expert with a gate: 3 x 2048 x 5632 weights and 2048.
  @Test func sharedExpertOfItsOwnWidth() throws {
    let fields = Config.qwen3MoE.with("model_type", .text("qwen2_moe"))
      .with("shared_expert_intermediate_size", .integer(5632))
    let model = try Architecture(huggingFace: fields, name: "a")
    let mixture = model.feedForwardParameters(layer: 0)
    #expect(mixture.always == 3 * 4096 * 5632)
    #expect(mixture.gate == 4096 * 128 + 4096)
  }

  /// Windows: all layers in Mistral, by pattern where layers are listed, none in Qwen2.
  @Test func windowsFollowTheFamily() throws {
    let every = try Architecture(
      huggingFace: Config.mixtral.with("sliding_window", .integer(4096)), name: "a")
    #expect(window(every) == SlidingWindow(tokens: 4096, fullEvery: nil))
    let types: [ConfigValue] = (1...32).map {
      .text($0 % 6 == 0 ? "full_attention" : "sliding_attention")
    }
    let sixth = try Architecture(
      huggingFace: Config.llama.with("layer_types", .list(types))
        .with("sliding_window", .integer(1024)), name: "a")
    #expect(window(sixth) == SlidingWindow(tokens: 1024, fullEvery: 6))
    let short = try Architecture(huggingFace: Config.gptOSS.without("layer_types"), name: "a")
    #expect(window(short) == SlidingWindow(tokens: 128, fullEvery: 2))
  }

  private func window(_ model: Architecture) -> SlidingWindow? {
    if case .grouped(let attention) = model.attention { attention.window } else { nil }
  }
}
