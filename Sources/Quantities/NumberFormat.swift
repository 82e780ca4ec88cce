/// How a tensor's elements are stored, and with it how many bytes one takes.
public enum NumberFormat: String, Sendable, CaseIterable {
  /// 8-bit floating point (E4M3 or E5M2).
  case fp8
  /// Brain floating point, 16 bits.
  case bf16
  /// IEEE half precision, 16 bits.
  case fp16
  /// IEEE single precision, 32 bits.
  case fp32

  /// Bytes an element takes, without scaling factors.
  public var bytes: Double {
    switch self {
    case .fp8: 1
    case .bf16, .fp16: 2
    case .fp32: 4
    }
  }
}
