import Hardware
import Models
public import Quantities
import Schedules

extension StepSimulation {
  /// What driver and libraries take of a GPU's memory.
  public static let reservedMemory = Fact(
    Bytes(1.5e9), .assumed, "CUDA context, NCCL communicators and workspaces of libraries")

  /// What the allocator cannot use, over what it hands out and takes back in a step.
  public static let fragmentation = Fact(
    0.02, .assumed, "an allocator that maps pages as it needs them")

  /// Tokens that a channel of dispatch and combine has room for from each GPU of the node.
  static let expertBufferTokens = Fact(
    288.0, .assumed, "DeepEP's settings for 64 GPUs, two multiprocessors a channel, rows in BF16")
  /// The same from each node, and as many to it.
  static let expertBufferNodeTokens = Fact(128.0, .assumed, "DeepEP's settings for 64 GPUs")

  /// Gradients of a bucket at least, and for each replica.
  static let bucketGradients = Fact(
    40e6, .assumed, "Megatron-LM's default, or 1e6 a replica where that is more")

  /// Bytes of a micro-batch between two stages, as one GPU sends them in BF16: its part of them.
  ///
  /// Without sequence parallelism every tensor rank has the whole, and Megatron-LM has each send a part
  /// all the same, to be gathered over NVLink (arXiv 2104.04473, section 4.1); that gather is left
  /// out.
  var boundary: Bytes {
    Bytes(plan.tokensPerGPU * Double(model.hidden) * 2 / Double(plan.tensor))
  }

  /// A rank's buffers of communication, by name.
  ///
  /// Between two stages on different ranks a result and a gradient are on their way, each in a
  /// buffer on both sides.
  ///
  /// - Parameter neighbours: pairs of such stages of which one is the rank's.
  func buffers(neighbours: Int) -> [MemoryPart] {
    var parts = [
      MemoryPart(kind: .pipelineBuffers, bytes: boundary * Double(2 * neighbours))
    ]
    if model.experts != nil, plan.expert > 1 {
      parts.append(MemoryPart(kind: .expertBuffers, bytes: expertBuffers))
    }
    if plan.zero >= 2 {
      let bucket = max(Self.bucketGradients.value, 1e6 * Double(plan.data))
      parts.append(
        MemoryPart(kind: .gradientBucket, bytes: Bytes(bucket * stateFormat.gradient)))
    }
    return parts
  }

  private var expertBuffers: Bytes {
    let node = cluster.node.gpus
    let channels = Double(max(plan.communicationMultiprocessors / 2, 1))
    let nodes = (plan.expert + node - 1) / node
    let inside = Self.expertBufferTokens.value * Double(min(plan.expert, node))
    let between = nodes > 1 ? Self.expertBufferNodeTokens.value * Double(nodes) * 2 : 0
    return Bytes(channels * (inside + between) * Double(model.hidden) * 2)
  }
}

extension Schedule {
  /// For each rank the pairs of stages that follow each other, of which one is on the rank and the
  /// other is not.
  var neighbours: [Int] {
    var result = [Int](repeating: 0, count: ranks)
    var seen = [Bool](repeating: false, count: rankOfStage.count)
    for route in routes() {
      for (stage, next) in zip(route, route.dropFirst()) where !seen[stage] {
        seen[stage] = true
        let (one, other) = (rankOfStage[stage], rankOfStage[next])
        guard one != other else { continue }
        result[one] += 1
        result[other] += 1
      }
    }
    return result
  }
}
