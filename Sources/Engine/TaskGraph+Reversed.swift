extension TaskGraph {
  /// The same tasks with every dependency turned round: the successors of a task here are those it
  /// waits for there, in rising order.
  ///
  ///     // 0 -> 2, 1 -> 2
  ///     let back = graph.reversed()
  ///     back.successors(of: 2).map { back.targets[$0] }   // [0, 1]
  ///
  /// - Complexity: O(tasks + dependencies).
  public func reversed() -> TaskGraph {
    var starts = [Int32](repeating: 0, count: count + 1)
    for task in 0..<count { starts[task + 1] = starts[task] + predecessorCount[task] }
    var place = starts
    var sources = [Int32](repeating: 0, count: targets.count)
    var waiting = [Int32](repeating: 0, count: count)
    for task in 0..<Int32(count) {
      let edges = successors(of: task)
      waiting[Int(task)] = Int32(edges.count)
      for edge in edges {
        let target = Int(targets[edge])
        sources[Int(place[target])] = task
        place[target] += 1
      }
    }
    return TaskGraph(offsets: starts, targets: sources, predecessorCount: waiting)
  }
}
