import Fabric
import Quantities
import Schedules

extension StepResult {
  /// Gathers what a run tells: spans in order, time by rank, loads by link.
  init(
    schedule: Schedule, placement: Placement, tasks: StepTasks, run: borrowing StepRun,
    memory: [RankMemory]
  ) {
    var step = Time.zero
    for time in run.end { step = max(step, time) }
    let streams = Self.orderedSpans(tasks, run, ranks: schedule.ranks)
    var ranks: [RankBreakdown] = []
    for rank in 0..<schedule.ranks {
      ranks.append(
        RankBreakdown(
          rank: rank, compute: streams.spans[streams.range(rank, .compute)],
          communication: streams.spans[streams.range(rank, .communication)], step: step))
    }
    self.schedule = schedule
    self.placement = placement
    self.step = step
    spans = streams.spans
    self.ranks = ranks
    links = Self.loads(run.carriedBytes, rates: tasks.capacities, step: step)
    self.memory = memory
    let seconds = step.seconds * Double(schedule.ranks)
    bubbleRatio = ranks.reduce(0) { $0 + $1.bubble.seconds } / seconds
    computeUtilization = ranks.reduce(0) { $0 + $1.computeBusy.seconds } / seconds
    let work = ranks.reduce(0) { $0 + $1.passTime.seconds } / Double(schedule.ranks)
    let longest = (0..<schedule.ranks).map { streams.passExtent($0).seconds }.max() ?? 0
    spanBubbleRatio = longest > 0 ? max(0, 1 - work / longest) : 0
    events = run.events
  }

  private static func loads(_ bytes: [Bytes], rates: [Bandwidth], step: Time) -> [LinkLoad] {
    (0..<bytes.count / TransferTable.linksPerRank).flatMap { rank in
      Port.allCases.map { port in
        let link = TransferTable.link(port, of: rank)
        return LinkLoad(
          rank: rank, port: port, bytes: bytes[link], rate: rates[link],
          busyRatio: bytes[link] / rates[link] / step.seconds)
      }
    }
  }

  /// Spans grouped by rank and stream, with the bounds of each group.
  private struct OrderedSpans {
    var spans: [Span]
    var bounds: [Int]

    func range(_ rank: Int, _ stream: Stream) -> Range<Int> {
      let group = rank * Stream.allCases.count + Int(stream.rawValue)
      return bounds[group]..<bounds[group + 1]
    }

    /// From the first start to the last end of a rank's passes.
    func passExtent(_ rank: Int) -> Time {
      var first = Time.max
      var last = Time.zero
      for stream in [Stream.compute, .communication] {
        for span in spans[range(rank, stream)] where span.category != .optimizer {
          first = min(first, span.start)
          last = max(last, span.end)
        }
      }
      return last > first ? last - first : .zero
    }
  }

  /// Counting sort by (rank, stream): tasks of a stream already stand in the order they ran,
  /// except sends, which are put in the order they started.
  private static func orderedSpans(
    _ step: StepTasks, _ run: borrowing StepRun, ranks: Int
  ) -> OrderedSpans {
    let streams = Stream.allCases.count
    var bounds = [Int](repeating: 0, count: ranks * streams + 1)
    func group(_ task: StepTask) -> Int { Int(task.rank) * streams + Int(task.stream.rawValue) }
    // What takes no time is no span: places in a stream where others wait, and empty updates.
    func isSpan(_ index: Int) -> Bool { run.end[index] > run.start[index] }
    for (index, task) in step.tasks.enumerated() where isSpan(index) {
      bounds[group(task) + 1] += 1
    }
    for index in 1..<bounds.count { bounds[index] += bounds[index - 1] }
    var place = bounds
    let empty = Span(
      start: .zero, end: .zero, rank: 0, stream: .compute, activity: .attention,
      category: .forward, pass: .forward, stage: -1, microBatch: -1, layer: -1, action: -1)
    var spans = [Span](repeating: empty, count: bounds[bounds.count - 1])
    for (index, task) in step.tasks.enumerated() where isSpan(index) {
      let group = group(task)
      spans[place[group]] = Span(
        start: run.start[index], end: run.end[index], rank: task.rank, stream: task.stream,
        activity: task.activity, category: task.category, pass: task.pass, stage: task.stage,
        microBatch: task.microBatch, layer: task.layer, action: task.action)
      place[group] += 1
    }
    for rank in 0..<ranks {
      let group = rank * streams + Int(Stream.send.rawValue)
      // Equal starts keep the order of stage and micro-batch, so that the order is total.
      spans[bounds[group]..<bounds[group + 1]].sort {
        ($0.start, $0.stage, $0.microBatch) < ($1.start, $1.stage, $1.microBatch)
      }
    }
    return OrderedSpans(spans: spans, bounds: bounds)
  }
}
