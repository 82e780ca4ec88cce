/// A dependency graph while tasks and dependencies are still being added, in any order.
///
/// A task is only a number; what it does is for the caller to keep in arrays of their own.
/// See `TaskGraph` for an example.
public struct TaskGraphBuilder: Sendable {
  /// Number of tasks added.
  public private(set) var count: Int
  /// One entry for each dependency: the task that must finish.
  private var sources: [Int32]
  /// One entry for each dependency: the task that waits.
  private var targets: [Int32]

  /// A graph without tasks, with room for a number of dependencies.
  public init(minimumDependencies: Int = 0) {
    count = 0
    sources = []
    targets = []
    sources.reserveCapacity(minimumDependencies)
    targets.reserveCapacity(minimumDependencies)
  }

  /// Adds a task and returns its number; the first is 0, the next 1, and so on.
  public mutating func addTask() -> Int32 {
    precondition(count < Int(Int32.max), "a graph holds at most 2³¹ - 1 tasks")
    defer { count += 1 }
    return Int32(count)
  }

  /// Makes `target` wait until `source` has finished. Both must have been added.
  ///
  /// A ring of tasks that wait for each other is accepted; `TaskGraph.firstCycle()` finds it.
  ///
  /// - Complexity: O(1), amortized.
  public mutating func addDependency(from source: Int32, to target: Int32) {
    precondition(0..<count ~= Int(source), "a dependency comes from a task that was not added")
    precondition(0..<count ~= Int(target), "a dependency goes to a task that was not added")
    precondition(sources.count < Int(Int32.max), "a graph holds at most 2³¹ - 1 dependencies")
    sources.append(source)
    targets.append(target)
  }

  /// The finished graph; the builder is used up.
  ///
  /// - Complexity: O(tasks + dependencies).
  public consuming func freeze() -> TaskGraph {
    var offsets = [Int32](repeating: 0, count: count + 1)
    var predecessorCount = [Int32](repeating: 0, count: count)
    for (source, target) in zip(sources, targets) {
      offsets[Int(source) + 1] += 1
      predecessorCount[Int(target)] += 1
    }
    for task in 0..<count { offsets[task + 1] += offsets[task] }

    // Each task's next free place; dependencies are taken as added, so that order stays.
    var place = offsets
    var sorted = [Int32](repeating: 0, count: targets.count)
    for (source, target) in zip(sources, targets) {
      sorted[Int(place[Int(source)])] = target
      place[Int(source)] += 1
    }
    return TaskGraph(offsets: offsets, targets: sorted, predecessorCount: predecessorCount)
  }
}
