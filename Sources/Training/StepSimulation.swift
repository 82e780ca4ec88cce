public import Hardware
public import Models
public import ScheduleSearch
import Engine
import Fabric
import Quantities
import Schedules

/// Everything one step depends on, and the walk from it to a result.
///
///     let result = try StepSimulation(
///       model: model, cluster: cluster, rates: rates, plan: plan).run()
///     print(result.step.seconds, result.bubbleRatio)
public struct StepSimulation: Sendable {
  /// The model.
  public var model: Architecture
  /// The cluster.
  public var cluster: Cluster
  /// What kernels achieve on the cluster's GPU.
  public var rates: KernelRates
  /// The plan.
  public var plan: Plan
  /// Whether every GPU is simulated even where one can stand for all of its rank.
  public var expands = false
  /// Whether stages are balanced by rank, rather than each by itself, where overlapped pairs run on
  /// ranks that hold a stage from both ends of the model.
  var balancesRanks = true
  /// Where tokens go, if it is known already; see `StepRouting`.
  public var routing: StepRouting?
  /// Loads of experts under balanced routing, if they are known already; those of another gate or
  /// seed are left alone.
  public var balanced: BalancedLoads?
  /// How much faster some kinds of kernels are supposed to be, and how much of each latency is left.
  var speeds = KernelSpeeds()
  var latencyShare = 1.0

  /// A simulation of one step.
  public init(model: Architecture, cluster: Cluster, rates: KernelRates, plan: Plan) {
    self.model = model
    self.cluster = cluster
    self.rates = rates
    self.plan = plan
  }

  /// GPUs that are simulated: one of each rank, or all where they differ.
  var members: Members {
    let differ =
      expands || routing != nil || !cluster.isUniform || cluster.oversubscription > 1
      || plan.jitter > 0
    guard differ || !groupsFillNodes else { return .folded }
    return Members(isEveryGPU: true, count: plan.gpusPerRank)
  }

  /// Whether GPUs of a rank see the same network: ranks and the groups in them are whole nodes or
  /// divide one, and ranks that share a node have a NIC for each GPU.
  private var groupsFillNodes: Bool {
    let rank = plan.gpusPerRank
    let groups = [plan.tensorGroup, plan.contextGroup, plan.expertTensorGroup, plan.expertGroup]
    guard fillsNodes(rank), groups.map(\.span).allSatisfy(fillsNodes) else { return false }
    return rank.isMultiple(of: cluster.node.gpus) || cluster.node.nics >= cluster.node.gpus
  }

  /// Whether groups of so many neighbours are whole nodes, or divide a node.
  func fillsNodes(_ size: Int) -> Bool {
    let node = cluster.node.gpus
    return size.isMultiple(of: node) || node.isMultiple(of: size)
  }

  /// Simulates the step: schedule, placement, tasks, the loop over time, and what it tells.
  ///
  /// - Parameter progress: Told how far a search for the schedule is; lengths are in seconds.
  /// - Throws: `StepError` when the plan cannot run or the result breaks a law.
  public func run(
    progress: (SearchProgress) -> Void = { _ in }
  ) throws(StepError) -> StepResult {
    try checkSize()
    if routing == nil, let found = try StepRouting(self) {
      var routed = self
      routed.routing = found
      return try routed.run(progress: progress)
    }
    let workload = Workload(self)
    if !cluster.isUniform, let broken = workload.graph.disconnection() {
      throw .disconnected(broken)
    }
    switch plan.schedule {
    case .builtIn(let builtIn, let options):
      return try run(try write(builtIn, options, workload), workload)
    case .written(let schedule): return try run(schedule, workload)
    case .searched(let choice):
      guard members.count > Self.mostSearchedMembers else {
        return try search(choice, workload, progress)
      }
      // Searched as if all GPUs were alike; the order found is then run as they are.
      let alike = folded
      let found = try alike.search(choice, Workload(alike), progress)
      var result = try run(found.schedule, workload, placement: found.placement)
      result.search = found.search
      return result
    }
  }

  /// GPUs of a rank up to which every step a search tries is simulated as they are: a search tries
  /// some dozens.
  private static let mostSearchedMembers = 64

  /// Refuses a step of which every GPU is simulated if even its blocks are too many tasks.
  private func checkSize() throws(StepError) {
    let isEvery = members.isEveryGPU || plan.routing != .balanced && gate != nil
    guard isEvery else { return }
    let blocks = [plan.microBatches, model.layers, Block.allCases.count, plan.gpusPerRank]
    var tasks = 1
    for factor in blocks {
      let (product, overflow) = tasks.multipliedReportingOverflow(by: factor)
      tasks = overflow ? .max : product
    }
    guard tasks <= StepRun.mostTasks else {
      throw .tooManyTasks(tasks: tasks, most: StepRun.mostTasks)
    }
  }

  /// The same step on a sound cluster under balanced routing, where one GPU stands for its rank.
  private var folded: StepSimulation {
    var alike = self
    alike.expands = false
    alike.routing = nil
    alike.plan.routing = .balanced
    alike.plan.jitter = 0
    alike.cluster.faults = []
    alike.cluster.links = nil
    alike.cluster.oversubscription = 1
    return alike
  }

  /// Simulates the step under one schedule, and checks that the result keeps every law.
  func run(
    _ schedule: Schedule, _ workload: Workload, placement: Placement? = nil
  ) throws(StepError) -> StepResult {
    if let sharing = schedule.unevenSharing { throw .unevenSharing(sharing) }
    let result = try simulate(schedule, workload, placement: placement)
    try check(result)
    return result
  }

  /// Simulates a list of any number of micro-batches, which need not be the step's.
  ///
  /// - Parameter placement: Which pieces of the model its stages hold; nil to cut it for the list.
  func simulate(
    _ schedule: Schedule, _ workload: Workload, placement: Placement? = nil
  ) throws(StepError) -> StepResult {
    let placement = if let placement { placement } else { try place(schedule, workload) }
    let stages = workload.stages(placement)
    let weights = weights(schedule: schedule, stages: stages)

    var builder = StepTasksBuilder(
      self, schedule: schedule, stages: stages, graph: workload.graph, members: members,
      uneven: workload.uneven)
    let works = (0..<schedule.ranks).map { held(by: $0, schedule: schedule, stages: stages) }
    let tasks = builder.build(UpdateWork(self, weights: weights, works: works))
    let count = tasks.tasks.count * tasks.members
    guard count <= StepRun.mostTasks else {
      throw .tooManyTasks(tasks: count, most: StepRun.mostTasks)
    }
    var run = StepRun(tasks)
    run.run()
    try checkEnd(of: run, tasks)

    let memory = try memory(
      schedule: schedule, stages: stages, weights: weights, run: run, tasks: tasks)
    var result = StepResult(
      schedule: schedule, placement: placement, tasks: tasks, run: run, memory: memory)
    result.routing = routing
    return result
  }

  /// The list of a built-in schedule; one that depends on durations gets those of this step's
  /// stages, their means.
  func write(
    _ builtIn: BuiltIn, _ options: ScheduleOptions, _ workload: Workload
  ) throws(StepError) -> Schedule {
    let request = options.request(plan)
    let schedule = try write(builtIn, request)
    guard builtIn.facts.isSearched else { return schedule }
    let probe = try StageProbe(self, workload, rankOfStage: schedule.rankOfStage, pairs: false)
    var timed = request
    timed.durations = probe.durations.mean
    return try write(builtIn, timed)
  }

  private func write(
    _ builtIn: BuiltIn, _ request: ScheduleRequest
  ) throws(StepError) -> Schedule {
    do {
      return try builtIn.schedule(request)
    } catch {
      throw .schedule(error)
    }
  }
}

extension Schedule {
  /// Whether any rank runs an overlapped pair.
  var overlaps: Bool {
    actions.contains { list in
      list.contains { action in
        if case .overlapped = action { true } else { false }
      }
    }
  }
}
