import Hardware
import Models
import Quantities

/// Seconds of a model's kernels on a GPU: where what a model asks for meets what hardware gives.
struct KernelSeconds {
  let gpu: GPU
  let rates: KernelRates
  /// Share of the multiprocessors compute kernels have.
  let multiprocessorShare: Double

  /// A block's time: its kernels run one after another on the compute stream.
  func time(_ kernels: [Kernel]) -> Time {
    Time(seconds: kernels.reduce(0) { $0 + seconds($1) })
  }

  func seconds(_ kernel: Kernel) -> Double {
    switch kernel.work {
    case .matrix(let product):
      return rates.seconds(
        work(product), kind: kind(product), on: gpu, multiprocessorShare: multiprocessorShare)
    case .attention(let flops, let backward):
      return rates.attentionSeconds(
        flops: flops, backward: backward, on: gpu, multiprocessorShare: multiprocessorShare)
    case .memory(let operation, let bytes):
      return rates.memorySeconds(kind(operation), bytes: bytes, on: gpu)
    case .small(let count):
      return Double(count) * (rates.smallKernel + rates.launchGap)
    }
  }

  private func work(_ product: MatrixProduct) -> MatrixWork {
    // Adding to an FP32 gradient reads and writes it.
    MatrixWork(
      m: product.m, n: product.n, k: product.k, groups: product.groups,
      operands: product.operands, resultBytes: product.accumulates ? 8 : 2)
  }

  private func kind(_ product: MatrixProduct) -> MatrixKind {
    if product.accumulates { return .weightGradient }
    return product.groups > 1 ? .grouped : .dense
  }

  private func kind(_ operation: MemoryOperation) -> MemoryKind {
    switch operation {
    case .norm: .norm
    case .normBackward: .normBackward
    case .cast: .cast
    case .castTranspose: .castTranspose
    case .copy: .copy
    case .rotary: .rotary
    case .activation: .activation
    case .permute: .permute
    case .unpermute: .unpermute
    case .topK: .topK
    case .attentionEdge: .attentionEdge
    }
  }
}
