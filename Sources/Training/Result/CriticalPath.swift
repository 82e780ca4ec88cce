import Engine
public import Quantities
public import Schedules

/// Why a piece of the critical path started when it did: what came before it on the path.
public enum PathCause: String, Sendable, CaseIterable {
  /// The step began.
  case stepStart = "step_start"
  /// The task before it on its own stream.
  case ownStream = "own_stream"
  /// A task on another stream of its GPU.
  case otherStream = "other_stream"
  /// A send that arrived.
  case arrival
  /// The slowest GPU of the group it exchanges with.
  case slowestOfGroup = "slowest_of_group"
  /// A task of another rank, at the end of the step.
  case otherRank = "other_rank"
}

/// One piece of the critical path: tasks of a GPU that followed each other and are of one kind.
public struct PathSegment: Sendable, Equatable {
  /// When it starts and ends.
  public var start, end: Time
  /// Pipeline rank; for a send, the one that sends.
  public var rank: Int
  /// GPU of the cluster; where one stands for its rank, the rank's first.
  public var gpu: Int
  /// Stream of the GPU.
  public var stream: Stream
  /// What is done.
  public var activity: Activity
  /// Forward, input or weight part; for a send, the pass whose result is sent.
  public var pass: PassKind
  /// Stage as in the schedule's text; -1 outside passes.
  public var stage: Int32
  /// Micro-batch; -1 outside passes.
  public var microBatch: Int32
  /// Why it did not start earlier.
  public var cause: PathCause
}

/// What the step could not have been shorter without: from its last finish back through what each
/// task waited for to its start, in order of time.
///
/// Invariant: the first piece starts at zero, each of the others where the one before it ends, and
/// the last ends with the step.
public struct CriticalPath: Sendable, Equatable {
  /// The pieces, in order of time.
  public var segments: [PathSegment] = []

  /// Time on the path by activity, in the order of `Activity`.
  public var times: [Time] {
    var times = [Time](repeating: .zero, count: Activity.allCases.count)
    for segment in segments { times[Int(segment.activity.rawValue)] += segment.end - segment.start }
    return times
  }

  /// Time on the path by pipeline rank, for each of `ranks` ranks.
  public func times(ranks: Int) -> [Time] {
    var times = [Time](repeating: .zero, count: ranks)
    for segment in segments where segment.rank < ranks {
      times[segment.rank] += segment.end - segment.start
    }
    return times
  }

  /// How often the path goes from one pipeline rank to another.
  public var rankChanges: Int {
    zip(segments, segments.dropFirst()).count { $0.rank != $1.rank }
  }

  /// Whether the pieces follow each other without a gap from zero to `step`.
  func spans(_ step: Time) -> Bool {
    var time = Time.zero
    for segment in segments {
      guard segment.start == time, segment.end > segment.start else { return false }
      time = segment.end
    }
    return time == step
  }
}

extension CriticalPath {
  /// Follows a step back from its last finish, the first of several.
  init(_ step: StepTasks, before: TaskGraph, run: borrowing StepRun) {
    var walk = PathWalk(step, before: before, run)
    while let (segment, task) = walk.next(run) {
      let isLike = segments.last.map { later in
        later.rank == segment.rank && later.gpu == segment.gpu && later.stream == segment.stream
          && later.activity == segment.activity && later.pass == segment.pass
          && later.stage == segment.stage && later.microBatch == segment.microBatch
      }
      if isLike == true, let last = segments.indices.last {
        segments[last].start = segment.start
      } else {
        if let last = segments.indices.last {
          segments[last].cause = Self.cause(of: segments[last], after: segment, task)
        }
        segments.append(segment)
      }
    }
    segments.reverse()
  }

  /// Why one piece came after another.
  private static func cause(
    of segment: PathSegment, after earlier: PathSegment, _ task: StepTask
  ) -> PathCause {
    if earlier.stream == .send { return .arrival }
    if earlier.rank != segment.rank { return .otherRank }
    if earlier.gpu != segment.gpu { return .slowestOfGroup }
    return earlier.stream == segment.stream ? .ownStream : .otherStream
  }
}

/// A walk back in time from task to task.
private struct PathWalk {
  private let step: StepTasks
  private let before: TaskGraph
  private var task: Int
  private var member = 0

  init(_ step: StepTasks, before: TaskGraph, _ run: borrowing StepRun) {
    self.step = step
    self.before = before
    task = -1
    let finish = run.finish
    guard finish > .zero else { return }
    for index in step.tasks.indices where task < 0 {
      for one in 0..<step.members where run.end(of: index, member: one) == finish {
        (task, member) = (index, one)
        break
      }
    }
  }

  /// The next task back that takes time; nil at the start of the step.
  mutating func next(_ run: borrowing StepRun) -> (PathSegment, StepTask)? {
    while task >= 0 {
      let current = step.tasks[task]
      let (start, end) = (
        run.start(of: task, member: member), run.end(of: task, member: member)
      )
      let gpu = step.links.gpu(rank: Int(current.rank), member: member)
      retreat(from: current, start: start, run)
      guard end > start else { continue }
      return (
        PathSegment(
          start: start, end: end, rank: Int(current.rank), gpu: gpu, stream: current.stream,
          activity: current.activity, pass: current.pass, stage: current.stage,
          microBatch: current.microBatch, cause: .stepStart), current
      )
    }
    return nil
  }

  /// Goes to what the task waited for; in a group, to what its last member waited for, its own GPU
  /// before the others.
  private mutating func retreat(from current: StepTask, start: Time, _ run: borrowing StepRun) {
    var cause = before.latest(of: task, member: member, run)
    if current.group > 1, cause.end < start {
      for other in current.members(ofGroup: current.group(of: member)) {
        let theirs = before.latest(of: task, member: other, run)
        guard theirs.end == start else { continue }
        (cause, member) = (theirs, other)
        break
      }
    }
    task = cause.task
  }
}

extension TaskGraph {
  /// Of a graph of what each task waits for: the one a member waited for longest, and when that one
  /// ended; -1 and zero where it waited for none.
  func latest(
    of task: Int, member: Int, _ run: borrowing StepRun
  ) -> (task: Int, end: Time) {
    var result = (task: -1, end: Time.zero)
    for edge in successors(of: Int32(task)) {
      let other = Int(targets[edge])
      let end = run.end(of: other, member: member)
      if result.task < 0 || end > result.end { result = (other, end) }
    }
    return result
  }
}
