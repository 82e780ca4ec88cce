import Kernels

/// How much faster kernels of some kinds are supposed to be than they are known to be, for the
/// question what the step would gain.
struct KernelSpeeds: Equatable {
  /// Speed of the core of attention.
  var attention = 1.0
  /// Speed of launches: of the gaps between kernels and of kernels that are little else.
  var launch = 1.0

  /// Seconds of a kernel that is known to take `seconds`; `gap` is the gap before it as supposed.
  func seconds(_ kernel: Kernel, _ seconds: Double, gap: Double) -> Double {
    let known = gap * launch
    if kernel.isPartOfAttention { return max(0, seconds - known) / attention + gap }
    return switch kernel.work {
    case .small: seconds / launch
    case .attention: max(0, seconds - known) / attention + gap
    case .matrix, .memory: max(0, seconds - known) + gap
    }
  }
}
