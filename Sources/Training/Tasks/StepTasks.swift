import Engine
import Fabric
import Quantities
import Schedules

/// One task of a step: a block of kernels or a transfer, of every simulated GPU of a rank.
struct StepTask: BitwiseCopyable {
  /// How long a block runs; unused for transfers.
  var duration: Time = .zero
  /// Row of `UnevenLoads.times` with the duration of each member; -1 where `duration` is all's.
  var row: Int32 = -1
  /// Entry of the step's `ShareTable` that says how a block's time divides among classes of kernels.
  var shares: Int32 = ShareTable.unknown
  /// Which entry of `StepTasks.transfers` its first group is; -1 for a block.
  var transfer: Int32 = -1
  /// Members that begin together, and for a transfer end together, and how far one is from the next.
  var group: Int32 = 1
  var stride: Int32 = 1
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

extension StepTask {
  /// The group a member is in; groups count from 0.
  func group(of member: Int) -> Int {
    let block = Int(group) * Int(stride)
    return member / block * Int(stride) + member % Int(stride)
  }

  /// The members of a group.
  func members(ofGroup index: Int) -> StrideTo<Int> {
    let block = Int(group) * Int(stride)
    let first = index / Int(stride) * block + index % Int(stride)
    return Swift.stride(from: first, to: first + block, by: Int(stride))
  }
}

/// A transfer with the links it crosses worked out.
struct LinkedTransfer {
  var latency: Time
  /// What it is, which is also its traffic class.
  var activity: Activity
  /// Its flows take what those of lower numbers leave.
  var priority: UInt8 = 0
  /// Time a byte holds an NVLink port, over that of a byte sent directly; in the shares of `flows`.
  var nvlinkCost = 1.0
  /// Payload on the ports it leaves through.
  var leaving = Bytes.zero
  var flows: [(path: [LinkUse], bytes: Bytes)]
}

/// Everything a step does, frozen: tasks in flat arrays, who waits for whom, and the transfers.
struct StepTasks {
  /// GPUs of each rank, all of which run every task of the rank.
  var members: Int
  /// Tasks, each stream's in the order it runs them.
  var tasks: [StepTask]
  /// Who waits for whom; a stream's order is part of it.
  var graph: TaskGraph
  /// Transfers that tasks name.
  var transfers: [LinkedTransfer]
  /// The links transfers cross.
  var links: StepLinks
  /// What differs from member to member.
  var uneven: UnevenLoads
  /// How fast each GPU's kernels run, rank by rank; empty where all run at full speed.
  var speeds: [Double]
  /// For each rank's actions: the tasks with whose start memory is taken and with whose end it is
  /// given back.
  var actions: [[ActionTasks]]
  /// How blocks' times divide among classes of kernels.
  var shares = ShareTable()
  /// How the durations of blocks scatter; nil where they do not.
  var jitter: Jitter?
}

/// First block and last task of an action.
struct ActionTasks {
  var start: Int32
  var end: Int32
}
