import Engine
import Testing

/// A graph of `count` tasks with the given dependencies.
private func graph(_ count: Int, _ dependencies: [(Int32, Int32)]) -> TaskGraph {
  var builder = TaskGraphBuilder(minimumDependencies: dependencies.count)
  for task in 0..<count { #expect(builder.addTask() == Int32(task)) }
  for (source, target) in dependencies { builder.addDependency(from: source, to: target) }
  return builder.freeze()
}

/// Whether counting down along the successors reaches every task.
private func canRun(_ graph: TaskGraph) -> Bool {
  var waitsFor = graph.predecessorCount
  var ready = (0..<Int32(graph.count)).filter { waitsFor[Int($0)] == 0 }
  var finished = 0
  while let task = ready.popLast() {
    finished += 1
    for edge in graph.successors(of: task) {
      let target = graph.targets[edge]
      waitsFor[Int(target)] -= 1
      if waitsFor[Int(target)] == 0 { ready.append(target) }
    }
  }
  return finished == graph.count
}

@Suite struct TaskGraphTests {
  @Test func emptyGraph() {
    let empty = TaskGraphBuilder().freeze()
    #expect(empty.count == 0)
    #expect(empty.offsets == [0])
    #expect(empty.targets.isEmpty)
    #expect(empty.predecessorCount.isEmpty)
    #expect(empty.firstCycle() == nil)
  }

  @Test func tasksWithoutDependencies() {
    let loose = graph(3, [])
    #expect(loose.count == 3)
    #expect(loose.offsets == [0, 0, 0, 0])
    #expect(loose.predecessorCount == [0, 0, 0])
    #expect(loose.successors(of: 2).isEmpty)
    #expect(loose.firstCycle() == nil)
  }

  @Test func diamondInFlatArrays() {
    // 0 -> 2 and 1, both -> 3; successors stay in the order they were added.
    let diamond = graph(4, [(1, 3), (0, 2), (2, 3), (0, 1)])
    #expect(diamond.offsets == [0, 2, 3, 4, 4])
    #expect(diamond.targets == [2, 1, 3, 3])
    #expect(diamond.predecessorCount == [0, 1, 1, 2])
    #expect(diamond.firstCycle() == nil)
    #expect(canRun(diamond))
  }

  @Test func dependencyAddedTwiceIsThereTwice() {
    let doubled = graph(2, [(0, 1), (0, 1)])
    #expect(doubled.targets == [1, 1])
    #expect(doubled.predecessorCount == [0, 2])
    #expect(canRun(doubled))
  }

  @Test func builderCopiesAreIndependent() {
    var builder = TaskGraphBuilder()
    let first = builder.addTask()
    let second = builder.addTask()
    builder.addDependency(from: first, to: second)
    let early = builder
    builder.addDependency(from: second, to: first)
    #expect(builder.count == 2)
    #expect(early.freeze().targets == [1])
    #expect(builder.freeze().targets == [1, 0])
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func agreesWithListsOfSuccessors(seed: UInt64) {
    var random = Generator(seed: seed)
    let count = random.below(60) + 1
    var lists = [[Int32]](repeating: [], count: count)
    var waitsFor = [Int32](repeating: 0, count: count)
    let dependencies = (0..<random.below(4 * count)).map { _ in
      (Int32(random.below(count)), Int32(random.below(count)))
    }
    for (source, target) in dependencies {
      lists[Int(source)].append(target)
      waitsFor[Int(target)] += 1
    }
    let frozen = graph(count, dependencies)
    for task in 0..<count {
      #expect(frozen.successors(of: Int32(task)).map { frozen.targets[$0] } == lists[task])
    }
    #expect(frozen.predecessorCount == waitsFor)
    #expect(frozen.offsets.count == count + 1)
    #expect(frozen.offsets.last == Int32(frozen.targets.count))
  }

  @Test(
    arguments: [
      (1, [(0, 0)], [0]),
      (2, [(0, 1), (1, 0)], [0, 1]),
      (3, [(0, 1), (1, 2), (2, 1)], [1, 2]),
      (4, [(0, 1), (0, 2), (2, 3), (3, 0)], [0, 2, 3]),
      (4, [(3, 2), (2, 1), (1, 3)], [1, 3, 2]),
      (5, [(0, 1), (2, 2), (4, 3), (3, 4)], [2]),
    ] as [(Int, [(Int32, Int32)], [Int32])])
  func firstCycleIsTheRing(count: Int, dependencies: [(Int32, Int32)], ring: [Int32]) {
    #expect(graph(count, dependencies).firstCycle() == ring)
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func findsACycleExactlyWhenSomeTaskCannotRun(seed: UInt64) {
    var random = Generator(seed: seed)
    let count = random.below(30) + 1
    let dependencies = (0..<random.below(2 * count)).map { _ in
      (Int32(random.below(count)), Int32(random.below(count)))
    }
    let frozen = graph(count, dependencies)
    guard let ring = frozen.firstCycle() else {
      #expect(canRun(frozen))
      return
    }
    #expect(!canRun(frozen))
    #expect(Set(ring).count == ring.count)
    for (task, next) in zip(ring, ring.dropFirst() + ring.prefix(1)) {
      #expect(frozen.successors(of: task).contains { frozen.targets[$0] == next })
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func dependenciesOnLaterTasksOnlyMakeNoCycle(seed: UInt64) {
    var random = Generator(seed: seed)
    let dependencies = (0..<200).map { _ in
      let target = random.below(49) + 1
      return (Int32(random.below(target)), Int32(target))
    }
    let frozen = graph(50, dependencies)
    #expect(frozen.firstCycle() == nil)
    #expect(canRun(frozen))
  }

  /// Every dependency turned round once, and back again by turning round twice.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func reversedDependenciesAreThoseTurnedRound(seed: UInt64) {
    var random = Generator(seed: seed)
    let dependencies = (0..<120).map { _ in
      (Int32(random.below(40)), Int32(random.below(40)))
    }
    let frozen = graph(40, dependencies)
    let back = frozen.reversed()
    for task in Int32(0)..<40 {
      let sources = back.successors(of: task).map { back.targets[$0] }
      #expect(sources == dependencies.filter { $0.1 == task }.map(\.0).sorted())
      #expect(Int(back.predecessorCount[Int(task)]) == dependencies.count { $0.0 == task })
      let again = back.reversed()
      #expect(
        again.successors(of: task).map { again.targets[$0] }
          == frozen.successors(of: task).map { frozen.targets[$0] }.sorted())
    }
  }

  @Test func longChainNeedsNoDeepStack() {
    let length: Int32 = 200_000
    var builder = TaskGraphBuilder(minimumDependencies: Int(length))
    for _ in 0..<length { _ = builder.addTask() }
    for task in 1..<length { builder.addDependency(from: task - 1, to: task) }
    let open = builder
    builder.addDependency(from: length - 1, to: 0)
    #expect(open.freeze().firstCycle() == nil)
    #expect(builder.freeze().firstCycle()?.count == Int(length))
  }
}
