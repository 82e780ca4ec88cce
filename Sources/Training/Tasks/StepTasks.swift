import Engine
import Fabric
import Quantities
import Schedules

/// One task of a step: a block of kernels, or a transfer.
struct StepTask: BitwiseCopyable {
  /// How long a block runs; unused for transfers.
  var duration: Time = .zero
  /// Which entry of `StepTasks.transfers` it is; -1 for a block.
  var transfer: Int32 = -1
  var rank: Int32
  var stream: Stream
  var activity: Activity
  var category: Category
  var pass: PassKind = .forward
  var stage: Int32 = -1
  var microBatch: Int32 = -1
  var layer: Int32 = -1
  var action: Int32 = -1
}

/// A transfer with the links it crosses worked out.
struct LinkedTransfer {
  var latency: Time
  var flows: [(path: [LinkUse], bytes: Bytes)]
}

/// Everything a step does, frozen: tasks in flat arrays, who waits for whom, and the transfers.
struct StepTasks {
  /// Tasks, each stream's in the order it runs them.
  var tasks: [StepTask]
  /// Who waits for whom; a stream's order is part of it.
  var graph: TaskGraph
  /// Transfers that tasks name.
  var transfers: [LinkedTransfer]
  /// Payload rate of each link, `TransferTable.linksPerRank` for each rank.
  var capacities: [Bandwidth]
  /// For each pass of memory's interest: when activations appear and go.
  var memory: [ActivationTask]
}

/// A change of a rank's live activations at the start or the end of a task.
struct ActivationTask {
  var rank: Int32
  var task: Int32
  /// Whether the change happens when the task starts rather than when it ends.
  var atStart: Bool
  var bytes: Bytes
}
