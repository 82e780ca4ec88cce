import Fabric
import Hardware
import Kernels
import Models
import Quantities
import Schedules

/// A reduction or gather among the replicas of some weights.
struct ReplicaTransfer {
  /// What each GPU moves.
  var transfer: Transfer
  /// GPUs from one replica to the next.
  var stride: Int
  /// First GPU of the rank, and of the ranks that hold copies of its stages.
  var blocks: [Int]
}

/// What of the update belongs to one work of a rank, where it runs beside passes.
struct UpdateBucket {
  /// The work's number and layer.
  var place: Int32
  var layer: Int32
  var transfers: [ReplicaTransfer]
}

/// The end of a step on each rank: gradients summed over replicas, a norm over all ranks, the
/// optimizer's update of this GPU's shard, and the updated weights gathered again.
///
/// Where reductions overlap, those of each work start when the last weight gradient of the step is
/// done; where gathers overlap, those of the step before run beside this step's first forwards.
struct UpdateWork {
  /// Reductions of each rank, one after another.
  var reductions: [[ReplicaTransfer]]
  /// Optimizer time of each rank.
  var optimizer: [Time]
  /// Gathers of each rank, one after another.
  var gathers: [[ReplicaTransfer]]
  /// Reductions and gathers of each rank that run beside passes, in the model's order.
  var reductionBuckets: [[UpdateBucket]] = []
  var gatherBuckets: [[UpdateBucket]] = []

  /// An update of its parts, none of it beside passes.
  init(reductions: [[ReplicaTransfer]], optimizer: [Time], gathers: [[ReplicaTransfer]]) {
    self.reductions = reductions
    self.optimizer = optimizer
    self.gathers = gathers
  }
}

extension UpdateWork {
  /// The update of weights held as `weights` says; of `works` on each rank.
  init(_ simulation: StepSimulation, weights: [RankWeights], works: [[LayerWork]]) {
    let plan = simulation.plan
    let format = simulation.stateFormat
    self.init(reductions: [], optimizer: [], gathers: [])
    for (rank, held) in zip(weights, works) {
      let shard = rank.parts.reduce(0) { $0 + $1.parameters / $1.shards.optimizer }
      let gradients = rank.parts.reduce(0) { $0 + $1.parameters / $1.shards.gradients }
      let bytes = format.updateBytes(shard: shard, gradients: gradients)
      optimizer.append(
        Time(
          seconds: simulation.rates.seconds(
            .memory(.optimizer, bytes), on: simulation.cluster.node.gpu, multiprocessorShare: 1)))
      let whole = rank.parts.map { part in
        WeightPart(
          parameters: part.parameters, weightBytes: part.weightBytes,
          group: MemberGroup(count: part.replicas / rank.blocks.count, stride: part.stride))
      }
      let transfers = UpdateTransfers(simulation, blocks: rank.blocks)
      func buckets(_ transfers: (WeightPart) -> [ReplicaTransfer]) -> [UpdateBucket] {
        held.map { work in
          UpdateBucket(
            place: work.place, layer: work.layer,
            transfers: work.weights.parts(plan).flatMap(transfers))
        }.filter { !$0.transfers.isEmpty }
      }
      let overlapsReductions = plan.overlapsGradientReduction
      reductions.append(overlapsReductions ? [] : whole.flatMap(transfers.reductions))
      reductionBuckets.append(overlapsReductions ? buckets(transfers.reductions) : [])
      let overlapsGathers = plan.overlapsParameterGather
      gathers.append(overlapsGathers ? [] : whole.flatMap(transfers.gathers))
      gatherBuckets.append(overlapsGathers ? buckets(transfers.gathers) : [])
    }
  }
}

/// What the update of some weights moves at the end of a step.
///
/// Without ZeRO gradients are all-reduced. With it they are reduced to the replicas' shards, and
/// updated weights gathered from them; under ZeRO-2 and 3 gradients are in their shards already, and
/// under ZeRO-3 weights stay there. What several pipeline ranks hold copies of is then summed, and
/// gathered, among the GPUs of these ranks that hold the same shard.
struct UpdateTransfers {
  let plan: Plan
  let latency: Time
  let gpusPerNode: Int
  let blocks: [Int]

  init(_ simulation: StepSimulation, blocks: [Int]) {
    plan = simulation.plan
    latency = simulation.cluster.latency.value
    gpusPerNode = simulation.cluster.node.gpus
    self.blocks = blocks
  }

  func reductions(_ part: WeightPart) -> [ReplicaTransfer] {
    let gradients = Bytes(part.parameters * plan.stateFormat.gradient)
    switch plan.zero {
    case 0: return among(part.group) { .allReduce(gradients, over: $0, latency: latency) }
    case 1: return among(part.group) { .gather(gradients, over: $0, latency: latency) }
    default: return betweenCopies(gradients, part)
    }
  }

  func gathers(_ part: WeightPart) -> [ReplicaTransfer] {
    let weights = Bytes(part.parameters * part.weightBytes)
    switch plan.zero {
    case 0: return []
    case 1, 2: return among(part.group) { .gather(weights, over: $0, latency: latency) }
    default: return betweenCopies(weights, part)
    }
  }

  /// Among all replicas, those on ranks with copies included.
  private func among(
    _ group: MemberGroup, _ transfer: (Group) -> Transfer
  ) -> [ReplicaTransfer] {
    let all = Group(
      starts: blocks, count: group.count, stride: group.stride, gpusPerNode: gpusPerNode)
    return [ReplicaTransfer(transfer: transfer(all), stride: group.stride, blocks: blocks)]
      .filter { !$0.transfer.isEmpty }
  }

  /// A shard among the GPUs that hold it, one of each rank with a copy.
  private func betweenCopies(_ total: Bytes, _ part: WeightPart) -> [ReplicaTransfer] {
    guard blocks.count > 1 else { return [] }
    return among(MemberGroup(count: 1, stride: plan.gpusPerRank)) {
      .gather(total * (1 / Double(part.group.count)), over: $0, latency: latency)
    }
  }
}

extension StepTasksBuilder {
  /// Appends the update to every rank's streams.
  ///
  /// A rank reduces once it and every rank with a copy of its stages are done. Clipping needs the
  /// norm over all gradients, so no rank's optimizer starts before the last reduction.
  mutating func addUpdate(_ update: UpdateWork) {
    enterUpdate()
    addBuckets(update)
    let tails = (0..<schedule.ranks).map { passes.streams.tails(of: $0) }
    for rank in 0..<schedule.ranks {
      passes.streams.rank = Int32(rank)
      for (index, reduction) in update.reductions[rank].enumerated() {
        let task = passes.exchange(.gradientReduction, reduction)
        if index == 0 { wait(task, forPartnersOf: rank, tails: tails) }
      }
    }
    let reduced = (0..<schedule.ranks).map { passes.streams.allTails(of: $0) }
    passes.streams.rank = 0
    let norm = passes.streams.compute(.optimizer, .zero, group: members.count)
    for (rank, ends) in reduced.enumerated() {
      // Rank 0's own streams are waited for anyway.
      let known = rank == 0 ? tails[0] : []
      for end in ends where !known.contains(end) { passes.streams.wait(norm, for: end) }
    }
    for rank in 0..<schedule.ranks {
      passes.streams.rank = Int32(rank)
      let task = passes.streams.compute(.optimizer, update.optimizer[rank])
      if rank > 0 { passes.streams.wait(task, for: norm) }
      for gather in update.gathers[rank] {
        passes.exchange(.parameterGather, gather)
      }
    }
  }

  private mutating func enterUpdate() {
    passes.streams.isSerial = true
    passes.streams.category = .optimizer
    passes.streams.pass = .weightBackward
    passes.streams.stage = -1
    passes.streams.microBatch = -1
    passes.streams.action = -1
  }

  /// Appends what of the update runs beside passes: gathers in the order their weights are first
  /// needed, reductions in the order their gradients are done.
  private mutating func addBuckets(_ update: UpdateWork) {
    for rank in update.gatherBuckets.indices {
      passes.streams.rank = Int32(rank)
      let first = update.gatherBuckets[rank].map {
        passes.places.firstForward($0.place, rank: rank)
      }
      for index in first.indices.sorted(by: { (first[$0], $0) < (first[$1], $1) }) {
        let bucket = update.gatherBuckets[rank][index]
        for transfer in bucket.transfers {
          let task = passes.gatherBeside(transfer, layer: bucket.layer)
          if first[index] >= 0 { passes.streams.wait(first[index], for: task) }
        }
      }
    }
    for rank in update.reductionBuckets.indices {
      passes.streams.rank = Int32(rank)
      let holders = schedule.holders(ofStagesOf: rank)
      let last = update.reductionBuckets[rank].map {
        passes.places.lastWeight($0.place, rank: rank)
      }
      for index in last.indices.sorted(by: { (last[$0], $0) < (last[$1], $1) }) {
        let bucket = update.reductionBuckets[rank][index]
        for transfer in bucket.transfers {
          let task = passes.reduceBeside(transfer, layer: bucket.layer, after: last[index])
          for other in holders where other != rank {
            let theirs = passes.places.lastWeight(bucket.place, rank: other)
            if theirs >= 0 { passes.streams.wait(task, for: theirs) }
          }
        }
      }
    }
  }

  /// A gradient is whole only when every rank that holds the same stage has added its part.
  private mutating func wait(_ task: Int32, forPartnersOf rank: Int, tails: [[Int32]]) {
    for other in schedule.holders(ofStagesOf: rank) where other != rank {
      for tail in tails[other] { passes.streams.wait(task, for: tail) }
    }
  }
}
