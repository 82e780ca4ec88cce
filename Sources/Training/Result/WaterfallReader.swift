import Engine
import Quantities
import Schedules

/// Adds up where the time of every simulated GPU went, and what it waited for while idle.
///
/// An instant belongs to the block that computes; where none does, to the transfer under way; where
/// there is neither the GPU is idle. What an idle GPU between passes waits for is followed back
/// from the task that ends the wait: to what that task waited for, to what that one waited for, and
/// so on until the wait began. Each instant of the wait is so the instant of one task somewhere.
struct WaterfallReader {
  private let step: StepTasks
  /// What each task waits for.
  private let before: TaskGraph
  private let end: Time
  private let ranks: Int
  /// Tasks of each rank's compute and communication stream, in their order.
  private var compute: [[Int32]]
  private var communication: [[Int32]]
  /// What each rank moves beside passes, in its order.
  private var background: [[Int32]]
  /// The same of the GPU under way in order of time, and the first that has not ended before the
  /// stretch under way.
  private var moves: [Int32] = []
  private var nextMove = 0
  /// What ranks would wait between passes if stages and GPUs were alike.
  private let equalised: EqualisedStep
  /// When the last pass of any rank ends.
  private var drained = Time.zero

  // Sums over the GPUs of the rank under way, in picoseconds.
  private var parts: [Int128]
  private var blocks: [Int128]
  private var waitedFor: [Int128]

  init(_ step: StepTasks, before: TaskGraph, ranks: Int, run: borrowing StepRun) {
    self.step = step
    self.before = before
    self.ranks = ranks
    end = run.finish
    compute = [[Int32]](repeating: [], count: ranks)
    communication = compute
    background = compute
    for (index, task) in step.tasks.enumerated() {
      switch task.stream {
      case .compute: compute[Int(task.rank)].append(Int32(index))
      case .communication: communication[Int(task.rank)].append(Int32(index))
      case .background: background[Int(task.rank)].append(Int32(index))
      case .send: break
      }
    }
    equalised = EqualisedStep(step, compute: compute, communication: communication, run: run)
    parts = [Int128](repeating: 0, count: WaterfallPart.allCases.count)
    blocks = [Int128](repeating: 0, count: step.shares.entries.count)
    waitedFor = [Int128](repeating: 0, count: ranks)
    for rank in 0..<ranks {
      for member in 0..<step.members {
        drained = max(drained, passes(rank: rank, member: member, run).last)
      }
    }
  }

  /// The waterfall of each rank, and of the step over all GPUs.
  mutating func read(_ run: borrowing StepRun) -> (ranks: [RankWaterfall], step: Waterfall) {
    var all = [Int128](repeating: 0, count: parts.count)
    var result: [RankWaterfall] = []
    for rank in 0..<ranks {
      for index in parts.indices { parts[index] = 0 }
      for index in blocks.indices { blocks[index] = 0 }
      for index in waitedFor.indices { waitedFor[index] = 0 }
      for member in 0..<step.members { add(rank: rank, member: member, run) }
      addBlocks()
      splitWaits(rank: rank)
      for index in parts.indices { all[index] += parts[index] }
      result.append(
        RankWaterfall(
          rank: rank, waterfall: Waterfall(mean: parts, over: step.members),
          waitingForRank: longestAwaited))
    }
    return (result, Waterfall(mean: all, over: ranks * step.members))
  }

  /// The rank waited for most.
  private var longestAwaited: Int? {
    guard let most = waitedFor.max(), most > 0 else { return nil }
    return waitedFor.firstIndex(of: most)
  }

  /// What a rank waits between its passes beyond what it would if GPUs were alike is imbalance, and so
  /// is what it would then wait beyond what it would with equal stages too; the time that sends are
  /// under way stays theirs.
  private mutating func splitWaits(rank: Int) {
    let (waiting, imbalance) = (WaterfallPart.waiting.rawValue, WaterfallPart.imbalance.rawValue)
    let waits = parts[waiting] + parts[imbalance]
    let sends = parts[WaterfallPart.pipelineSend.rawValue]
    let count = Int128(step.members)
    let alike = equalised.alike.map { Int128($0[rank].picoseconds) * count } ?? waits + sends
    let equal = Int128(equalised.equal[rank].picoseconds) * count
    let uneven = max(waits + sends - alike, 0) + max(alike - equal, 0)
    parts[imbalance] = min(uneven, waits)
    parts[waiting] = waits - parts[imbalance]
  }

  /// Divides the time of blocks among the classes of their kernels.
  private mutating func addBlocks() {
    for (entry, total) in blocks.enumerated() where total > 0 {
      for (kind, time) in zip(ComputeClass.allCases, step.shares.entries[entry].split(total)) {
        parts[kind.part.rawValue] += time
      }
    }
  }
}

extension WaterfallReader {
  /// Adds one GPU's step.
  private mutating func add(rank: Int, member: Int, _ run: borrowing StepRun) {
    addExposed(rank: rank, member: member, run)
    moves = background[rank]
    moves.sort {
      (run.start(of: Int($0), member: member), $0) < (run.start(of: Int($1), member: member), $1)
    }
    nextMove = 0
    let passes = passes(rank: rank, member: member, run)
    let gpu = Passes(rank: rank, member: member, first: passes.first, last: passes.last)
    let (compute, communication) = (compute[rank], communication[rank])
    var busyUntil = Time.zero
    var (c, x) = (0, 0)
    while c < compute.count || x < communication.count {
      // The stream whose next task starts first, compute where both start at once.
      let first = c < compute.count ? run.start(of: Int(compute[c]), member: member) : .max
      let other =
        x < communication.count ? run.start(of: Int(communication[x]), member: member) : .max
      let computes = c < compute.count && (x >= communication.count || first <= other)
      let task = Int(computes ? compute[c] : communication[x])
      if computes { c += 1 } else { x += 1 }
      let (start, end) = (min(first, other), run.end(of: task, member: member))
      // What takes no time is a place where others wait, and ends no wait.
      guard end > start else { continue }
      if start > busyUntil { addIdle(gpu, from: busyUntil, to: start, next: task, run) }
      busyUntil = max(busyUntil, end)
      guard computes else { continue }
      let time = Int128((end - start).picoseconds)
      if step.tasks[task].activity == .optimizer {
        parts[WaterfallPart.optimizer.rawValue] += time
      } else {
        blocks[Int(step.tasks[task].shares)] += time
      }
    }
    if busyUntil < end { addIdle(gpu, from: busyUntil, to: end, next: -1, run) }
  }

  /// Adds the time of transfers in which nothing computes.
  private mutating func addExposed(rank: Int, member: Int, _ run: borrowing StepRun) {
    let compute = compute[rank]
    var next = 0
    for transfer in communication[rank] {
      let start = run.start(of: Int(transfer), member: member)
      let end = run.end(of: Int(transfer), member: member)
      guard end > start else { continue }
      var exposed = Int128(0)
      var covered = start
      while next < compute.count, run.end(of: Int(compute[next]), member: member) <= start {
        next += 1
      }
      var index = next
      while index < compute.count {
        let other = Int(compute[index])
        let from = run.start(of: other, member: member)
        guard from < end else { break }
        if from > covered { exposed += Int128((from - covered).picoseconds) }
        covered = max(covered, run.end(of: other, member: member))
        index += 1
      }
      if covered < end { exposed += Int128((end - covered).picoseconds) }
      parts[step.tasks[Int(transfer)].activity.exposedPart.rawValue] += exposed
    }
  }

  /// A GPU, and the time from the start of its first pass to the end of its last.
  private struct Passes {
    var rank: Int
    var member: Int
    var first: Time
    var last: Time
  }

  /// From the first start to the last end of what a GPU does in passes.
  private func passes(
    rank: Int, member: Int, _ run: borrowing StepRun
  ) -> (first: Time, last: Time) {
    var first = Time.max
    var last = Time.zero
    for stream in [compute[rank], communication[rank]] {
      for task in stream where step.tasks[Int(task)].category != .optimizer {
        let start = run.start(of: Int(task), member: member)
        guard run.end(of: Int(task), member: member) > start else { continue }
        first = min(first, start)
        break
      }
      for task in stream.reversed() where step.tasks[Int(task)].category != .optimizer {
        let end = run.end(of: Int(task), member: member)
        guard end > run.start(of: Int(task), member: member) else { continue }
        last = max(last, end)
        break
      }
    }
    return (first, last)
  }
}

extension WaterfallReader {
  /// Adds a stretch in which a GPU neither computes nor communicates in a pass; `next` is the task
  /// that ends it, -1 for the end of the step. What moves beside passes is exposed then.
  private mutating func addIdle(
    _ gpu: Passes, from: Time, to: Time, next: Int, _ run: borrowing StepRun
  ) {
    var from = from
    while nextMove < moves.count {
      let index = moves[nextMove]
      let start = max(run.start(of: Int(index), member: gpu.member), from)
      guard start < to else { break }
      let last = run.end(of: Int(index), member: gpu.member)
      if last <= to { nextMove += 1 }
      let end = min(last, to)
      guard end > start else { continue }
      if start > from { addBubble(gpu, from: from, to: start, next: next, run) }
      add(step.tasks[Int(index)].activity.exposedPart, end - start)
      from = end
      if last > to { break }
    }
    if to > from { addBubble(gpu, from: from, to: to, next: next, run) }
  }

  /// Adds an idle stretch of a GPU.
  private mutating func addBubble(
    _ gpu: Passes, from: Time, to: Time, next: Int, _ run: borrowing StepRun
  ) {
    if to <= gpu.first {
      add(.warmUp, to - from)
    } else if from >= gpu.last || next < 0 {
      let split = max(from, min(to, drained))
      add(.coolDown, split - from)
      add(.update, to - split)
    } else {
      addWait(gpu, from: from, to: to, next: next, run)
    }
  }

  /// Follows back what a task waited for, from its start to when the wait began.
  private mutating func addWait(
    _ gpu: Passes, from: Time, to: Time, next: Int, _ run: borrowing StepRun
  ) {
    var until = to
    var task = next
    while until > from {
      let cause = before.latest(of: task, member: gpu.member, run)
      if cause.end < until {
        // It was ready, but others of its group were not.
        let ready = max(cause.end, from)
        add(.waiting, until - ready)
        until = ready
      }
      guard until > from, cause.task >= 0 else { return }
      let start = max(run.start(of: cause.task, member: gpu.member), from)
      if start < until {
        charge(cause.task, until - start)
      }
      until = min(until, start)
      task = cause.task
    }
  }

  /// Counts time in which an idle GPU waits for a task.
  private mutating func charge(_ task: Int, _ time: Time) {
    let cause = step.tasks[task]
    if cause.category == .optimizer {
      add(.update, time)
    } else if cause.stream == .send {
      add(.pipelineSend, time)
    } else {
      add(.waiting, time)
      waitedFor[Int(cause.rank)] += Int128(time.picoseconds)
    }
  }

  private mutating func add(_ part: WaterfallPart, _ time: Time) {
    parts[part.rawValue] += Int128(time.picoseconds)
  }
}

extension ComputeClass {
  /// The part of the waterfall that kernels of the class make up.
  fileprivate var part: WaterfallPart {
    switch self {
    case .dense: .denseProducts
    case .grouped: .groupedProducts
    case .weightGradient: .weightGradientProducts
    case .attention: .attention
    case .memoryBound: .memoryBound
    case .launch: .launch
    case .recompute: .recompute
    }
  }
}

extension Activity {
  /// The part of the waterfall that a transfer makes up where nothing computes beside it.
  fileprivate var exposedPart: WaterfallPart {
    switch self {
    case .dispatch: .dispatch
    case .combine: .combine
    case .tensorExchange: .tensorExchange
    case .contextExchange: .contextExchange
    case .pipelineSend: .pipelineSend
    case .gradientReduction: .gradientReduction
    case .parameterGather: .parameterGather
    case .attention, .feedForward, .embedding, .head, .optimizer: .optimizer
    }
  }
}
