import Quantities

/// The dense models of before: layer norms, biases, and feed-forward parts of two matrices.
extension ModelCatalogue {
  static let classicModels: [CatalogueModel] =
    [
      CatalogueModel(
        architecture: gpt("gpt-3-175b", layers: 96, hidden: 12_288, heads: 96, vocabulary: 50_257),
        source: "arXiv 2005.14165, table 2.1, 2020-05; biases, tying, dropout and dense attention "
          + "in every layer assumed", status: .assumed),
      CatalogueModel(
        architecture: Architecture(
          name: "bloom-176b", layers: 70, hidden: 14_336,
          attention: grouped(112, 112, 128) {
            $0.queryKeyValueBias = true
            $0.outputBias = true
            $0.hasRotaryPositions = false
          },
          feedForward: FeedForward(intermediate: 57_344, isGated: false, hasBias: true),
          vocabulary: 250_880, tiedEmbeddings: true, normalization: .layer,
          embeddingNormalization: true),
        source: "arXiv 2211.05100, tables 3 and 5, 2022-11; vocabulary padded from 250,680",
        status: .stated),
    ]
    + [
      ("gpt-22b", 48, 6_144, 64), ("gpt-175b", 96, 12_288, 96), ("gpt-530b", 105, 20_480, 128),
      ("gpt-1t", 128, 25_600, 160),
    ].map { name, layers, hidden, heads in
      CatalogueModel(
        architecture: gpt(
          name, layers: layers, hidden: hidden, heads: heads, vocabulary: 51_200),
        source: "arXiv 2205.05198, table 3, 2022-05, recalled; vocabulary padded; biases, tying "
          + "and dropout as Megatron-LM trains GPT",
        status: .assumed)
    }

  /// A model of GPT-2's shape in other sizes: learned positions, biases everywhere, a feed-forward
  /// part four times as wide as the model, head and embedding in one, dropout.
  ///
  ///     ModelCatalogue.gpt("gpt-3.6b", layers: 30, hidden: 3072, heads: 32, vocabulary: 51_200)
  public static func gpt(
    _ name: String, layers: Int, hidden: Int, heads: Int, vocabulary: Int
  ) -> Architecture {
    var model = Architecture(
      name: name, layers: layers, hidden: hidden,
      attention: grouped(heads, heads, hidden / max(heads, 1)) {
        $0.queryKeyValueBias = true
        $0.outputBias = true
        $0.hasRotaryPositions = false
      },
      feedForward: FeedForward(intermediate: 4 * hidden, isGated: false, hasBias: true),
      vocabulary: vocabulary, tiedEmbeddings: true, learnedPositions: 2048,
      normalization: .layer)
    model.trainsWithDropout = true
    return model
  }
}
