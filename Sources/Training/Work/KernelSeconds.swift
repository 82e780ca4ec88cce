import Hardware
import Kernels
import Quantities

/// Times of kernels on a GPU that gives them a share of its multiprocessors.
struct KernelSeconds {
  let gpu: GPU
  let rates: KernelRates
  let multiprocessorShare: Double
  /// How much faster some kinds of kernels are supposed to be.
  var speeds = KernelSpeeds()

  /// A block's time: its kernels run one after another on the compute stream.
  func time(_ kernels: [Kernel]) -> Time {
    var sum = 0.0
    for kernel in kernels { sum += seconds(kernel) }
    return Time(seconds: sum)
  }

  /// Seconds of one kernel, with the gap before it.
  func seconds(_ kernel: Kernel) -> Double {
    let seconds = rates.seconds(kernel.work, on: gpu, multiprocessorShare: multiprocessorShare)
    return speeds == KernelSpeeds() ? seconds : speeds.seconds(kernel, seconds, gap: gap)
  }

  /// Seconds between two kernels.
  var gap: Double { rates.launchGap / speeds.launch }
}
