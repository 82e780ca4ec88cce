public import Quantities

/// What serving keeps of a token it has seen.
extension Architecture {
  /// Elements of keys and values one token leaves in one layer's cache: 2 × key-value heads ×
  /// dimension, or the low rank and the shared rotary key of latent attention (arXiv 2405.04434,
  /// table 1). An indexer's own key is not in it.
  public var keyValueElementsPerTokenPerLayer: Int {
    switch attention {
    case .grouped(let attention):
      Count.product(2, attention.keyValueHeads, attention.headDimension)
    case .latent(let attention): Count.sum(attention.keyValueRank, attention.rotaryDimension)
    }
  }

  /// Bytes of keys and values one token leaves in the caches of all layers, 70,272 for
  /// DeepSeek-V3 in BF16 (arXiv 2505.09343, table 1). A layer with a sliding window counts in
  /// full: it keeps the token as long as the window reaches.
  public func keyValueBytesPerToken(as format: NumberFormat = .bf16) -> Bytes {
    Bytes(Double(Count.product(keyValueElementsPerTokenPerLayer, layers)) * format.bytes)
  }
}
