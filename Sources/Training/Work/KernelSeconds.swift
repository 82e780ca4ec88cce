import Hardware
import Kernels
import Quantities

/// Times of kernels on a GPU that gives them a share of its multiprocessors.
struct KernelSeconds {
  let gpu: GPU
  let rates: KernelRates
  let multiprocessorShare: Double

  /// A block's time: its kernels run one after another on the compute stream.
  func time(_ kernels: [Kernel]) -> Time {
    Time(
      seconds: kernels.reduce(0) {
        $0 + rates.seconds($1.work, on: gpu, multiprocessorShare: multiprocessorShare)
      })
  }
}
