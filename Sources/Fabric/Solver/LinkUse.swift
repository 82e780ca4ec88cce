/// A link a flow crosses, and how many bytes cross it for each byte of the flow's payload.
@frozen
public struct LinkUse: Sendable, Equatable, BitwiseCopyable {
  /// Index of the link.
  public var link: Int32
  /// Bytes on the link for each byte of payload; 1 for an ordinary flow.
  public var share: Double

  /// A use of `link` by `share` bytes for each byte of payload.
  @inlinable
  public init(link: Int, share: Double = 1) {
    self.link = Int32(link)
    self.share = share
  }
}
