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

/// The end of a step on each rank: gradients summed over replicas, a norm over all ranks, the
/// optimizer's update of this GPU's shard, and the updated weights gathered again.
struct UpdateWork {
  /// Reductions of each rank, one after another.
  var reductions: [[ReplicaTransfer]]
  /// Optimizer time of each rank.
  var optimizer: [Time]
  /// Gathers of each rank, one after another.
  var gathers: [[ReplicaTransfer]]
}

extension UpdateWork {
  /// The update of weights held as `weights` says.
  init(_ simulation: StepSimulation, weights: [RankWeights]) {
    let plan = simulation.plan
    let node = simulation.cluster.node
    let format = simulation.stateFormat
    let shards = plan.zero > 0
    reductions = []
    optimizer = []
    gathers = []
    for rank in weights {
      var reduce: [ReplicaTransfer] = []
      var gather: [ReplicaTransfer] = []
      var shard = 0.0
      for part in rank.parts {
        let group = Group(
          starts: rank.blocks, count: part.replicas / rank.blocks.count, stride: part.stride,
          gpusPerNode: node.gpus)
        let gradients = Bytes(part.parameters * format.gradient)
        let latency = simulation.cluster.latency.value
        func among(_ transfer: Transfer) -> ReplicaTransfer {
          ReplicaTransfer(transfer: transfer, stride: part.stride, blocks: rank.blocks)
        }
        if shards {
          let weights = Bytes(part.parameters * part.weightBytes)
          reduce.append(among(.gather(gradients, over: group, latency: latency)))
          gather.append(among(.gather(weights, over: group, latency: latency)))
          shard += part.parameters / Double(part.replicas)
        } else {
          reduce.append(among(.allReduce(gradients, over: group, latency: latency)))
          shard += part.parameters
        }
      }
      // Gradient read for its norm, clipped in place and read again; master weight and moments read
      // and written; weight written; and this GPU's whole gradient set to zero for the next step.
      let held = rank.parts.reduce(0) { $0 + $1.parameters }
      let bytes = Bytes(
        shard * (4 * format.gradient + 2 * (format.master + format.moments) + 2)
          + held * format.gradient)
      optimizer.append(
        Time(
          seconds: simulation.rates.seconds(
            .memory(.optimizer, bytes), on: node.gpu, multiprocessorShare: 1)))
      reductions.append(reduce.filter { !$0.transfer.isEmpty })
      gathers.append(gather.filter { !$0.transfer.isEmpty })
    }
  }
}

extension StepTasksBuilder {
  /// Appends the update to every rank's streams.
  ///
  /// A rank reduces once it and every rank with a copy of its stages are done. Clipping needs the
  /// norm over all gradients, so no rank's optimizer starts before the last reduction.
  mutating func addUpdate(_ update: UpdateWork) {
    passes.streams.isSerial = true
    passes.streams.category = .optimizer
    passes.streams.pass = .weightBackward
    passes.streams.stage = -1
    passes.streams.microBatch = -1
    passes.streams.action = -1
    let tails = (0..<schedule.ranks).map { passes.streams.tails(of: $0) }
    for rank in 0..<schedule.ranks {
      passes.streams.rank = Int32(rank)
      for (index, reduction) in update.reductions[rank].enumerated() {
        let task = passes.exchange(.gradientReduction, reduction)
        if index == 0 { wait(task, forPartnersOf: rank, tails: tails) }
      }
    }
    let reduced = (0..<schedule.ranks).map { passes.streams.tails(of: $0) }
    passes.streams.rank = 0
    let norm = passes.streams.compute(.optimizer, .zero, group: members.count)
    for ends in reduced.dropFirst() {
      for end in ends { passes.streams.wait(norm, for: end) }
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

  /// A gradient is whole only when every rank that holds the same stage has added its part.
  private mutating func wait(_ task: Int32, forPartnersOf rank: Int, tails: [[Int32]]) {
    for other in schedule.holders(ofStagesOf: rank) where other != rank {
      for tail in tails[other] { passes.streams.wait(task, for: tail) }
    }
  }
}
