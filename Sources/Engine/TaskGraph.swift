/// Which task waits for which: a dependency graph in three flat arrays that no longer changes.
///
///     var builder = TaskGraphBuilder()
///     let load = builder.addTask()           // 0
///     let compute = builder.addTask()        // 1
///     let store = builder.addTask()          // 2
///     builder.addDependency(from: load, to: compute)
///     builder.addDependency(from: compute, to: store)
///     let graph = builder.freeze()
///     for edge in graph.successors(of: load) { print(graph.targets[edge]) }   // 1
///
/// A run copies `predecessorCount`, starts the tasks that stand at zero, and counts down along
/// `successors(of:)` as tasks finish. A dependency added twice is there twice, in the successors
/// and in the count alike, so such a run needs no special case.
///
/// Invariant: `offsets` rises from 0 to `targets.count` and has one entry more than there are
/// tasks; every target is a task; `predecessorCount` sums to `targets.count`.
@frozen
public struct TaskGraph: Sendable {
  /// Where each task's successors begin in `targets`, and behind the last task where they end.
  public let offsets: [Int32]
  /// The successors of all tasks, task by task, each task's in the order they were added.
  public let targets: [Int32]
  /// How many dependencies each task waits for.
  public let predecessorCount: [Int32]

  init(offsets: [Int32], targets: [Int32], predecessorCount: [Int32]) {
    self.offsets = offsets
    self.targets = targets
    self.predecessorCount = predecessorCount
  }

  /// Number of tasks; they are numbered from zero.
  @inlinable
  public var count: Int { predecessorCount.count }

  /// Where the tasks that wait for `task` lie in `targets`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func successors(of task: Int32) -> Range<Int> {
    let begin = Int(offsets[Int(task)])
    return Range(uncheckedBounds: (lower: begin, upper: Int(offsets[Int(task) + 1])))
  }

  /// A ring of tasks that wait for each other, or nil when every task can run.
  ///
  /// Each task of the ring comes before the next, and the last before the first; a task that waits
  /// for itself is a ring of one. The same graph gives the same ring, so an error message may
  /// print it.
  ///
  ///     // 0 -> 1 -> 2 -> 1
  ///     graph.firstCycle()   // [1, 2]
  ///
  /// - Complexity: O(tasks + dependencies).
  public func firstCycle() -> [Int32]? {
    var seen = [Visit](repeating: .notYet, count: count)
    var nextEdge = offsets
    // The search goes depth first with its own stack: a chain of a million tasks must not use up
    // the thread's.
    var path: [Int32] = []
    for start in 0..<Int32(count) where seen[Int(start)] == .notYet {
      path.append(start)
      seen[Int(start)] = .onPath
      while let last = path.last {
        let task = Int(last)
        guard nextEdge[task] < offsets[task + 1] else {
          seen[task] = .done
          path.removeLast()
          continue
        }
        let target = targets[Int(nextEdge[task])]
        nextEdge[task] += 1
        switch seen[Int(target)] {
        case .notYet:
          path.append(target)
          seen[Int(target)] = .onPath
        case .onPath:
          return Array(path.drop { $0 != target })
        case .done:
          break
        }
      }
    }
    return nil
  }

  /// How far the search for a cycle has got with a task.
  private enum Visit {
    case notYet
    case onPath
    case done
  }
}
