public import Fabric
public import Models
public import Quantities

/// How a step is laid out and run: degrees, batch, precision, schedule, routing.
public struct Plan: Sendable, Equatable {
  /// Pipeline ranks.
  public var pipeline: Int
  /// GPUs that share each layer's matrices.
  public var tensor: Int
  /// Replicas of the pipeline.
  public var data: Int
  /// GPUs that share each layer's experts, drawn from the tensor, context and data ranks of a stage.
  public var expert: Int
  /// ZeRO stage: 0 keeps all state whole on each replica, 1 shards optimizer states, 2 gradients
  /// too, 3 weights too.
  public var zero: Int
  /// Tokens of a sequence.
  public var sequenceLength: Int
  /// Sequences of a step over all replicas.
  public var globalBatch: Int
  /// Sequences of a micro-batch.
  public var microBatch: Int
  /// Format of large products' operands.
  public var format: NumberFormat
  /// What the backward pass computes again.
  public var recompute: Recompute
  /// The pipeline schedule.
  public var schedule: PlannedSchedule
  /// Multiprocessors that dispatch and combine hold while they overlap with compute.
  public var communicationMultiprocessors: Int
  /// Most nodes a token's experts may stand on; nil leaves it to the model's gate.
  public var nodeLimit: Int?
  /// Traffic classes that go before all others on links they share, the first before the second;
  /// with none, all share fairly.
  public var trafficPriority: [Activity] = []
  /// Seed of everything random.
  public var seed: UInt64
  /// How popular experts are with tokens.
  public var routing: RoutingDistribution
  /// Slots for replicas of popular experts in each expert-parallel group, beyond one an expert.
  public var redundantExperts: Int
  /// GPUs among which each sequence is cut.
  public var context = 1
  /// GPUs that share each expert's matrices.
  public var expertTensor = 1
  /// Whether what lies between products is cut by tokens among tensor-parallel GPUs too.
  public var sequenceParallel = true
  /// Whether tensor-parallel exchanges run beside the products next to them.
  public var overlapsTensorExchange = false
  /// Whether gradients are reduced while the last backward passes still run.
  public var overlapsGradientReduction = false
  /// Whether updated weights are gathered while the next step's first passes run.
  public var overlapsParameterGather = false
  /// How the core of attention is run.
  public var attentionKernel = AttentionKernel.flash
  /// The stages as written down, in the model's order; nil to balance them.
  public var layout: [[ModelItem]]?
  /// Spread of each kernel's duration about its mean, one standard deviation over the mean.
  public var jitter = 0.0

  /// A plan from its parts.
  public init(
    pipeline: Int, tensor: Int, data: Int, expert: Int, zero: Int, sequenceLength: Int,
    globalBatch: Int, microBatch: Int, format: NumberFormat, recompute: Recompute,
    schedule: PlannedSchedule, communicationMultiprocessors: Int, nodeLimit: Int?,
    seed: UInt64, routing: RoutingDistribution = .balanced, redundantExperts: Int = 0
  ) {
    self.pipeline = pipeline
    self.tensor = tensor
    self.data = data
    self.expert = expert
    self.zero = zero
    self.sequenceLength = sequenceLength
    self.globalBatch = globalBatch
    self.microBatch = microBatch
    self.format = format
    self.recompute = recompute
    self.schedule = schedule
    self.communicationMultiprocessors = communicationMultiprocessors
    self.nodeLimit = nodeLimit
    self.seed = seed
    self.routing = routing
    self.redundantExperts = redundantExperts
  }

  /// GPUs of a pipeline rank.
  public var gpusPerRank: Int { tensor * context * data }
  /// GPUs of the step.
  public var gpus: Int { pipeline * gpusPerRank }
  /// Micro-batches each pipeline runs in a step.
  public var microBatches: Int { globalBatch / (data * microBatch) }
  /// Tokens of a step over all replicas.
  public var tokensPerStep: Double { Double(globalBatch) * Double(sequenceLength) }
  /// Tokens of one micro-batch.
  public var tokensPerMicroBatch: Double { Double(microBatch) * Double(sequenceLength) }
  /// Tokens of one micro-batch on one GPU, in products.
  public var tokensPerGPU: Double { tokensPerMicroBatch / Double(context) }
  /// Tokens of one micro-batch on one GPU, between products.
  public var localTokens: Double { tokensPerGPU / Double(sequenceParallel ? tensor : 1) }
}
