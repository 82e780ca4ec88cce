public import Quantities

extension Architecture {
  /// What context parallelism moves of a token: keys and values of the heads of one tensor-parallel
  /// GPU, in BF16, and the key of sparse attention's indexer.
  ///
  /// Latent attention's are projected first, as Transformer Engine's attention takes them:
  /// 128 heads x (192 + 128) x 2 bytes for DeepSeek-V3.
  public func exchangedKeys(shape: LayerShape) -> Bytes {
    switch attention {
    case .latent(let latent):
      let head = latent.contentDimension + latent.rotaryDimension + latent.valueDimension
      let indexer = Double(latent.indexer?.headDimension ?? 0)
      return Bytes((Double(latent.heads) / shape.tensor * Double(head) + indexer) * 2)
    case .grouped(let grouped):
      let heads = max(Double(grouped.keyValueHeads) / shape.tensor, 1)
      return Bytes(heads * Double(grouped.headDimension) * 2 * 2)
    }
  }
}
