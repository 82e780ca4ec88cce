import Engine
import Fabric
import Quantities
import Schedules

extension StepResult {
  /// Gathers what a run tells: spans in order, time by GPU, loads by link.
  init(
    schedule: Schedule, placement: Placement, tasks: StepTasks, run: borrowing StepRun,
    memory: [RankMemory]
  ) {
    let step = run.finish
    self.schedule = schedule
    self.placement = placement
    self.step = step
    self.memory = memory
    var index = SpanIndex(tasks, ranks: schedule.ranks)
    spans = []
    ranks = []
    gpus = []
    var longest = Time.zero
    for rank in 0..<schedule.ranks {
      var shown = 0
      var most = Time.zero - Time(picoseconds: 1)
      for member in 0..<tasks.members {
        index.fill(rank: rank, member: member, from: run)
        longest = max(longest, index.passExtent)
        let gpu = index.breakdown(rank: rank, member: member, step: step)
        gpus.append(gpu)
        if gpu.computeBusy > most { (most, shown) = (gpu.computeBusy, member) }
      }
      if shown != tasks.members - 1 { index.fill(rank: rank, member: shown, from: run) }
      spans += index.spans
      ranks.append(gpus[rank * tasks.members + shown])
    }
    let traffic = StepTraffic(tasks, run)
    links = traffic.links(step: step)
    self.traffic = traffic.uses
    trafficGap = traffic.gap
    let seconds = step.seconds * Double(gpus.count)
    bubbleRatio = gpus.reduce(0) { $0 + $1.bubble.seconds } / seconds
    computeUtilization = gpus.reduce(0) { $0 + $1.computeBusy.seconds } / seconds
    let work = gpus.reduce(0) { $0 + $1.passTime.seconds } / Double(gpus.count)
    spanBubbleRatio = longest > .zero ? max(0, 1 - work / longest.seconds) : 0
    events = run.events
    let before = tasks.graph.reversed()
    var reader = WaterfallReader(tasks, before: before, ranks: schedule.ranks, run: run)
    (waterfalls, waterfall) = reader.read(run)
    criticalPath = CriticalPath(tasks, before: before, run: run)
  }
}

/// The tasks of each rank and stream in the order they are shown, and the spans of one GPU.
private struct SpanIndex {
  /// Spans of the GPU that was filled last, by stream and start.
  private(set) var spans: [Span] = []
  private var compute = 0..<0
  private var communication = 0..<0
  private let step: StepTasks
  /// Tasks of each (rank, stream), in the order they were added.
  private var tasks: [[Int32]]

  init(_ step: StepTasks, ranks: Int) {
    self.step = step
    let streams = Stream.allCases.count
    tasks = [[Int32]](repeating: [], count: ranks * streams)
    for (index, task) in step.tasks.enumerated() {
      tasks[Int(task.rank) * streams + Int(task.stream.rawValue)].append(Int32(index))
    }
  }

  /// Tasks of a stream already stand in the order they ran, except sends, which are put in the
  /// order they started.
  mutating func fill(rank: Int, member: Int, from run: borrowing StepRun) {
    spans.removeAll(keepingCapacity: true)
    var bounds: [Int] = []
    for stream in Stream.allCases {
      bounds.append(spans.count)
      for index in tasks[rank * Stream.allCases.count + Int(stream.rawValue)] {
        let start = run.start(of: Int(index), member: member)
        let end = run.end(of: Int(index), member: member)
        // What takes no time is no span: places where others wait, and empty updates.
        guard end > start else { continue }
        let task = step.tasks[Int(index)]
        spans.append(
          Span(
            start: start, end: end, rank: task.rank, stream: task.stream, activity: task.activity,
            category: task.category, pass: task.pass, stage: task.stage,
            microBatch: task.microBatch, layer: task.layer, action: task.action))
      }
    }
    compute = bounds[0]..<bounds[1]
    communication = bounds[1]..<bounds[2]
    // Equal starts keep the order of stage and micro-batch, so that the order is total.
    spans[bounds[2]...].sort {
      ($0.start, $0.stage, $0.microBatch) < ($1.start, $1.stage, $1.microBatch)
    }
  }

  /// From the first start to the last end of the GPU's passes.
  var passExtent: Time {
    var first = Time.max
    var last = Time.zero
    for range in [compute, communication] {
      for span in spans[range] where span.category != .optimizer {
        first = min(first, span.start)
        last = max(last, span.end)
      }
    }
    return last > first ? last - first : .zero
  }

  func breakdown(rank: Int, member: Int, step: Time) -> RankBreakdown {
    RankBreakdown(
      rank: rank, gpu: self.step.links.gpu(rank: rank, member: member), compute: spans[compute],
      communication: spans[communication], step: step)
  }
}
