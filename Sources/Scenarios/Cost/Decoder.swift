import Hardware
import Models
import Quantities

/// An estimate of how fast a model generates text: a roofline, without events.
///
/// A copy of the weights stands on so many GPUs and decodes as many answers at a time as their keys
/// and values leave room for. A step of decoding takes the longer of two times: to read the weights
/// that its tokens visit and the cache of every answer, at a share of the memory bandwidth; and to
/// compute, at a share of the peak. Prompts are computed once, at that share.
///
///     let decoder = Decoder(model, format: .fp8, cluster: cluster, gpus: nil)
///     decoder.generate(Answers(...), bandwidthShare: 0.6, computeShare: 0.45).seconds
///
/// Traffic between GPUs, answers of unequal length and scheduling are not in it. Source: the two
/// bounds are those of arXiv 2211.05102, section 2.
struct Decoder: Sendable {
  let model: Architecture
  /// GPUs of a copy of the weights.
  let copy: Int
  /// Copies on the cluster.
  let copies: Double
  private let gpu: GPU
  private let format: NumberFormat
  /// Bytes of the weights that every token visits, without the input embedding, and of all routed
  /// experts.
  private let standing: Double
  private let routed: Double
  /// Share of the routed experts that one token visits.
  private let visited: Double
  private let memory: Double

  /// Share of a GPU's memory that weights and caches may fill.
  static let usableMemory = 0.9

  /// - Parameter gpus: GPUs of a copy; nil for the fewest, doubling, whose memory the weights fill by
  ///   no more than half.
  init(_ model: Architecture, format: NumberFormat, cluster: Cluster, gpus: Int?) {
    self.model = model
    self.format = format
    gpu = cluster.node.gpu
    let weights = Double(model.parameters) * format.bytes
    let capacity = gpu.memory.value.value
    var copy = gpus ?? 1
    if gpus == nil {
      while copy < cluster.gpus, Double(copy) * capacity < 2 * weights { copy *= 2 }
    }
    copy = max(1, min(copy, cluster.gpus))
    self.copy = copy
    copies = Double(cluster.gpus / copy)
    var experts = 0.0
    for layer in 0..<max(model.layers, 0) where model.hasExperts(layer: layer) {
      let part = model.feedForwardParameters(layer: layer)
      experts += Double(part.routedExpert) * Double(part.routedExperts)
    }
    let embedding = model.tiedEmbeddings ? 0 : Double(model.embeddingParameters)
    routed = experts * format.bytes
    standing = max(0, Double(model.parameters) - experts - embedding) * format.bytes
    visited = model.experts.map { Double($0.perToken) / Double(max($0.routed, 1)) } ?? 0
    memory = capacity * Double(copy) * Self.usableMemory - weights
  }

  /// Whether a copy has room for an answer of so many tokens with its prompt.
  func hasRoom(tokens: Double) -> Bool { memory >= cache(tokens, isKept: true) }

  /// The fewest GPUs that hold the weights and such an answer.
  func fewestGPUs(tokens: Double) -> Double {
    let bytes = Double(model.parameters) * format.bytes + cache(tokens, isKept: true)
    return (bytes / (gpu.memory.value.value * Self.usableMemory)).rounded(.up)
  }

  /// What generating the answers takes.
  func generate(
    _ answers: Answers, bandwidthShare: Double, computeShare: Double
  ) -> Generation {
    let length = answers.promptTokens + answers.responseTokens
    let room = max(1, (memory / cache(length, isKept: true)).rounded(.down))
    let batch = max(1, min(room, answers.count / copies))
    let waves = max(1, answers.count / (copies * batch))
    let peak = gpu.peak(format).value * computeShare
    let all = forward(length) - forward(answers.promptTokens)
    let compute = batch * all / max(answers.responseTokens, 1) / (peak * Double(copy))
    let context = answers.promptTokens + answers.responseTokens / 2
    let bytes = weightBytes(batch) + batch * cache(context, isKept: false)
    let reading = bytes / (gpu.memoryBandwidth.value.value * bandwidthShare * Double(copy))
    let prompts = answers.prompts * forward(answers.promptTokens)
    let fill = prompts / (peak * Double(copy) * copies)
    return Generation(
      seconds: fill + waves * answers.responseTokens * max(compute, reading), batch: batch,
      readsLonger: reading >= compute, operations: prompts + answers.count * all)
  }

  /// Bytes of weights that a step of so many tokens reads: an expert is missed by a token with the
  /// share of experts that it does not visit.
  func weightBytes(_ batch: Double) -> Double {
    var missed = 1.0
    var (power, left) = (1 - visited, Int(min(batch, 1e6).rounded()))
    // By squaring: the share to the power of the tokens.
    while left > 0 {
      if left % 2 == 1 { missed *= power }
      power *= power
      left /= 2
    }
    return standing + routed * (1 - missed)
  }

  /// Operations of a forward pass over the first tokens of a text.
  private func forward(_ tokens: Double) -> Double {
    let whole = max(1, min(tokens, 1e9).rounded())
    return model.trainingFLOPsPerToken(sequenceLength: Int(whole), causal: true).value / 3 * tokens
  }

  /// Bytes of keys and values in BF16 after so many tokens: those that are kept, or those that the
  /// next token reads. An indexer's keys take a byte an element.
  private func cache(_ tokens: Double, isKept: Bool) -> Double {
    let bytes = Double(model.keyValueElementsPerTokenPerLayer) * NumberFormat.bf16.bytes
    switch model.attention {
    case .grouped(let grouped):
      guard let window = grouped.window else { return bytes * tokens * Double(model.layers) }
      let full = Double((0..<model.layers).count { model.hasFullAttention(layer: $0) })
      let seen = min(tokens, Double(window.tokens))
      return bytes * (full * tokens + (Double(model.layers) - full) * seen)
    case .latent(let latent):
      guard let indexer = latent.indexer else { return bytes * tokens * Double(model.layers) }
      let seen = isKept ? tokens : min(tokens, Double(indexer.tokensKept))
      return (bytes * seen + Double(indexer.headDimension) * tokens) * Double(model.layers)
    }
  }
}

/// Answers that are generated at a time.
struct Answers: Sendable {
  /// How many.
  var count: Double
  /// Prompts, each computed once however many answers it has.
  var prompts: Double
  /// Tokens of a prompt.
  var promptTokens: Double
  /// Tokens of an answer.
  var responseTokens: Double
}

/// What generation takes.
struct Generation: Sendable {
  /// Seconds on the clock.
  var seconds: Double
  /// Answers a copy of the weights decodes at a time.
  var batch: Double
  /// Whether reading takes longer than computing.
  var readsLonger: Bool
  /// Operations of the forward passes.
  var operations: Double
}
