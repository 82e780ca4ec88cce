/// Puts the parts of an architecture together from the keys of a config.json. Every part is nil
/// where something in it was reported.
extension ConfigReader {
  /// The whole model; nil where anything was reported.
  mutating func architecture(name: String) -> Architecture? {
    let familyName = text("model_type")
    let family = familyName.flatMap(ConfigFamily.init(rawValue:))
    refuseOtherAttention()
    let layers = requiredInteger(
      "num_hidden_layers", "n_layer", most: ConfigReader.mostLayers)
    let hidden = requiredInteger("hidden_size", "n_embd", "n_embed")
    let vocabulary = requiredInteger("vocab_size")
    let attention = attention(family, hidden: hidden, layers: layers)
    let experts = experts(family)
    let feedForward = feedForward(family, hidden: hidden, experts: experts)
    let leading = leadingDenseLayers(layers: layers)
    let predictions = integer("num_nextn_predict_layers", least: 0, most: ConfigReader.mostLayers)
    let tied = boolean("tie_word_embeddings") ?? (family?.isClassic ?? false)
    let positions = family == .gpt2 ? requiredInteger("n_positions", "n_ctx") : 0
    guard problems.isEmpty, let layers, let hidden, let vocabulary, let attention,
      let feedForward, let positions
    else {
      if let familyName, family == nil { report(.unknownFamily(familyName)) }
      return nil
    }
    var architecture = Architecture(
      name: name, layers: layers, hidden: hidden, attention: attention,
      feedForward: feedForward, experts: experts,
      leadingDenseLayers: experts == nil ? 0 : leading, vocabulary: vocabulary,
      tiedEmbeddings: tied, learnedPositions: positions,
      normalization: family?.isClassic == true ? .layer : .rootMeanSquare,
      embeddingNormalization: family == .bloom, predictionLayers: predictions ?? 0)
    // GPT-2's residual, embedding and attention dropout are 0.1 unless a training sets them.
    architecture.trainsWithDropout = family == .gpt2
    let weights = Count.sum(architecture.parameters, architecture.predictionParameters)
    if weights > ConfigReader.mostParameters { report(.tooManyParameters) }
    return architecture
  }

  /// Refuses what would be read as a wrong model, not as a part of one.
  private mutating func refuseOtherAttention() {
    let keys = [
      "linear_attn_config", "linear_num_value_heads", "attn_type_list", "compress_ratios",
      "ssm_cfg", "mamba_d_state", "state_size",
    ]
    for key in keys {
      guard let (_, value) = present([key]) else { continue }
      report(.unsupported(key: key, value: value.text, feature: .otherAttention))
    }
    if boolean("is_encoder_decoder") == true {
      report(.unsupported(key: "is_encoder_decoder", value: "true", feature: .encoder))
    }
  }

  // MARK: Attention

  private mutating func attention(
    _ family: ConfigFamily?, hidden: Int?, layers: Int?
  ) -> Attention? {
    let heads = requiredInteger("num_attention_heads", "n_head")
    if present(["kv_lora_rank"]) != nil { return latent(heads: heads) }
    let keyValueHeads = integer("num_key_value_heads") ?? heads
    if let heads, let keyValueHeads, heads % keyValueHeads != 0 {
      report(
        .notDivisible(
          key: "num_attention_heads", value: heads, divisorKey: "num_key_value_heads",
          divisor: keyValueHeads))
    }
    let bias = boolean("attention_bias")
    let norm = boolean("use_qk_norm")
    let window = slidingWindow(family, layers: layers)
    let dimension = headDimension(hidden: hidden, heads: heads)
    guard let heads, let keyValueHeads, let dimension else { return nil }
    var attention = GroupedAttention(
      heads: heads, keyValueHeads: keyValueHeads, headDimension: dimension)
    attention.queryKeyValueBias = bias ?? (family?.hasQueryKeyValueBias ?? false)
    attention.outputBias =
      bias.map { $0 && family?.attentionBiasSparesOutput != true }
      ?? (family?.hasOutputBias ?? false)
    attention.queryKeyNorm = norm ?? (family?.hasQueryKeyNorm ?? false)
    attention.hasRotaryPositions = family?.isClassic != true
    attention.sinks = family == .gptOSS
    attention.window = window
    return .grouped(attention)
  }

  private mutating func headDimension(hidden: Int?, heads: Int?) -> Int? {
    if present(["head_dim"]) != nil { return integer("head_dim") }
    guard let hidden, let heads else { return nil }
    if hidden % heads == 0 { return hidden / heads }
    report(
      .notDivisible(
        key: "hidden_size", value: hidden, divisorKey: "num_attention_heads", divisor: heads))
    return nil
  }

  private mutating func latent(heads: Int?) -> Attention? {
    let queryRank = integer("q_lora_rank")
    let keyValueRank = requiredInteger("kv_lora_rank")
    let content = requiredInteger("qk_nope_head_dim")
    let rotary = requiredInteger("qk_rope_head_dim")
    let value = requiredInteger("v_head_dim")
    var indexer: Indexer?
    if present(["index_topk"]) != nil {
      let kept = requiredInteger("index_topk")
      let indexHeads = requiredInteger("index_n_heads")
      let dimension = requiredInteger("index_head_dim")
      if let kept, let indexHeads, let dimension {
        indexer = Indexer(heads: indexHeads, headDimension: dimension, tokensKept: kept)
      }
    }
    if boolean("attention_bias") == true {
      report(.unsupported(key: "attention_bias", value: "true", feature: .latentBias))
    }
    guard let heads, let keyValueRank, let content, let rotary, let value else { return nil }
    return .latent(
      LatentAttention(
        heads: heads, queryRank: queryRank, keyValueRank: keyValueRank,
        contentDimension: content, rotaryDimension: rotary, valueDimension: value,
        indexer: indexer))
  }

  /// The window of `layer_types`, of gpt-oss or of Mistral; other families carry the key
  /// `sliding_window` without using it.
  private mutating func slidingWindow(_ family: ConfigFamily?, layers: Int?) -> SlidingWindow? {
    if boolean("use_sliding_window") == true {
      report(
        .unsupported(key: "use_sliding_window", value: "true", feature: .irregularWindows))
    }
    if let types = texts("layer_types") {
      if types.allSatisfy({ $0 == "full_attention" }) { return nil }
      guard types.allSatisfy({ $0 == "full_attention" || $0 == "sliding_attention" }) else {
        report(.unsupported(key: "layer_types", value: "a list", feature: .otherAttention))
        return nil
      }
      let full = types.firstIndex(of: "full_attention").map { $0 + 1 }
      let isRegular = types.enumerated().allSatisfy { index, type in
        (type == "full_attention") == (full.map { index % $0 == $0 - 1 } ?? false)
      }
      guard isRegular, layers == nil || types.count == layers else {
        report(.unsupported(key: "layer_types", value: "a list", feature: .irregularWindows))
        return nil
      }
      return requiredInteger("sliding_window").map { SlidingWindow(tokens: $0, fullEvery: full) }
    }
    if family == .gptOSS {
      return requiredInteger("sliding_window").map { SlidingWindow(tokens: $0, fullEvery: 2) }
    }
    guard family?.windowsEveryLayer == true else { return nil }
    return integer("sliding_window").map { SlidingWindow(tokens: $0, fullEvery: nil) }
  }

  // MARK: Feed-forward

  private mutating func feedForward(
    _ family: ConfigFamily?, hidden: Int?, experts: Experts?
  ) -> FeedForward? {
    if family?.isClassic == true {
      let width = integer("n_inner", "intermediate_size")
      return hidden.map {
        FeedForward(intermediate: width ?? 4 * $0, isGated: false, hasBias: true)
      }
    }
    let bias = boolean("mlp_bias") ?? false
    guard let width = requiredInteger("intermediate_size") else { return nil }
    return FeedForward(intermediate: width, isGated: true, hasBias: bias && experts == nil)
  }

  private mutating func experts(_ family: ConfigFamily?) -> Experts? {
    let names = ["n_routed_experts", "num_local_experts", "num_experts"]
    guard let (name, _) = present(names) else { return nil }
    let routed = requiredInteger(name, most: ConfigReader.mostExperts)
    let perToken = requiredInteger(
      "num_experts_per_tok", most: ConfigReader.mostExpertsPerToken)
    let intermediate = requiredInteger("moe_intermediate_size", "intermediate_size")
    let shared = integer("n_shared_experts", least: 0) ?? 0
    let sharedIntermediate =
      family == .qwen2MoE ? integer("shared_expert_intermediate_size", least: 0) : nil
    let groups = integer("n_group") ?? 1
    let groupsPerToken = integer("topk_group") ?? 1
    let isBiased = text("topk_method").map { $0 == "noaux_tc" }
    guard let routed, let perToken, let intermediate else { return nil }
    checkRouting(
      name, routed: routed, perToken: perToken, groups: groups, groupsPerToken: groupsPerToken)
    var experts = Experts(
      routed: routed, perToken: perToken, shared: shared, intermediate: intermediate)
    experts.groups = groups
    experts.groupsPerToken = groupsPerToken
    experts.hasGateBias = isBiased ?? (family?.hasGateBias ?? false)
    experts.hasBias = family == .gptOSS
    if let sharedIntermediate, sharedIntermediate > 0 {
      experts.shared = 1
      experts.sharedIntermediate = sharedIntermediate
      experts.hasSharedGate = true
    }
    return experts
  }

  /// Reports experts and groups that no token could visit.
  private mutating func checkRouting(
    _ name: String, routed: Int, perToken: Int, groups: Int, groupsPerToken: Int
  ) {
    if routed % groups != 0 {
      report(.notDivisible(key: name, value: routed, divisorKey: "n_group", divisor: groups))
    }
    if groupsPerToken > groups {
      report(
        .exceeds(key: "topk_group", value: groupsPerToken, limitKey: "n_group", limit: groups))
    }
    let reachable = Count.product(routed / groups, groupsPerToken)
    if perToken > routed {
      report(
        .exceeds(key: "num_experts_per_tok", value: perToken, limitKey: name, limit: routed))
    } else if perToken > reachable {
      report(
        .exceeds(
          key: "num_experts_per_tok", value: perToken,
          limitKey: "the experts in topk_group groups", limit: reachable))
    }
  }

  /// Layers before the first mixture of experts; any other pattern is reported.
  private mutating func leadingDenseLayers(layers: Int?) -> Int {
    let steps = [
      "moe_layer_freq", "decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval",
    ]
    for key in steps {
      // A list gives each layer its own answer, a 1 makes every layer a mixture.
      guard let (_, value) = present([key]) else { continue }
      if case .integer(1) = value { continue }
      report(.unsupported(key: key, value: value.text, feature: .scatteredExperts))
    }
    if case .list(let dense)? = present(["mlp_only_layers"])?.value, !dense.isEmpty {
      report(
        .unsupported(key: "mlp_only_layers", value: "a list", feature: .scatteredExperts))
    }
    let leading = integer("first_k_dense_replace", least: 0) ?? 0
    if let layers, leading > layers {
      report(
        .exceeds(
          key: "first_k_dense_replace", value: leading, limitKey: "num_hidden_layers",
          limit: layers))
    }
    return leading
  }
}
