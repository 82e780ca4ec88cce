import ScheduleSearch
import Schedules
import Testing

@Suite struct SearchErrorTests {
  static let base = SearchProblem(ranks: 2, microBatches: 4)

  static func changed(_ change: (inout SearchProblem) -> Void) -> SearchProblem {
    var problem = base
    change(&problem)
    return problem
  }

  static let cases: [(SearchProblem, String)] = [
    (changed { $0.ranks = 0 }, "a search needs 1 or more ranks: 0 is too few; use 1 or more"),
    (
      changed { $0.microBatches = -3 },
      "a search needs 1 or more micro-batches: -3 is too few; use 1 or more"
    ),
    (
      changed { $0.stagesPerRank = 0 },
      "a search needs 1 or more stages per rank: 0 is too few; use 1 or more"
    ),
    (
      changed { $0.microBatches = .max },
      "2 ranks of 1 stages with 9223372036854775807 micro-batches are more than the 1048576 passes "
        + "a search takes on; use fewer micro-batches"
    ),
    (
      changed { ($0.ranks, $0.stagesPerRank) = (1_000_000, 1_000_000) },
      "1000000 ranks of 1000000 stages are more than the 1024 stages a search takes on; use fewer"
    ),
    (
      changed { $0.mostParameterCopies = 3 },
      "at most 1 or 2 ranks may hold a copy of the same part: 3 does not do; use 2 to allow "
        + "bidirectional schedules"
    ),
    (
      changed { $0.durations = StageDurations(ofStages: [.unit, .unit, .unit]) },
      "3 durations are given, but there are 2 stages; give 1 for all or 2"
    ),
    (
      changed { $0.activations = [] },
      "0 activations are given, but there are 2 stages; give 1 for all or 2"
    ),
    (
      changed { $0.memoryLimits = [1, 2, 3] },
      "3 memory limits are given, but there are 2 ranks; give 1 for all or 2"
    ),
    (
      changed { $0.activations = [1, -.infinity] },
      "the activation of stage 1 must have a size from 0 to 1e+100: -inf does not do; use 1"
    ),
    (
      changed { $0.memoryLimits = [.nan] },
      "the memory limit must be 0 or more: nan does not do; use inf for none"
    ),
    (
      changed { $0.memoryLimits = [2, 0.5] },
      "no schedule keeps a memory limit of 0.5 on rank 1, where the activations of one micro-batch "
        + "come to 1.0; use 1.0 or more"
    ),
  ]

  @Test(arguments: cases)
  func mistakesGetASentence(_ problem: SearchProblem, _ sentence: String) {
    let error = #expect(throws: SearchError.self) { try OrderSearch(problem, seed: 1) }
    #expect(error?.description == sentence)
  }

  @Test func builtInsSayWhyTheyDoNotDo() throws {
    var problem = SearchProblem(ranks: 2, microBatches: 4, mostParameterCopies: 1)
    problem.memoryLimits = [2]
    let trials = try OrderSearch(problem, seed: 1).run(evaluations: 1).builtIns
    func sentence(_ builtIn: BuiltIn) -> String? {
      trials.first { $0.builtIn == builtIn }?.description
    }
    #expect(
      sentence(.gpipe) == "gpipe holds activations of 4.0 on rank 0, where the limit is 2.0")
    #expect(sentence(.oneForwardOneBackward) == "1f1b takes 15.0")
    #expect(sentence(.dualPipe) == "dualpipe has 2 ranks hold each part")
    #expect(sentence(.dualPipeV) == "dualpipev cuts the model into 4 parts")
    #expect(trials.map(\.builtIn) == BuiltIn.allCases)
  }

  /// Sizes at the edges neither trap nor hang.
  @Test(arguments: [(1, 1, 1), (1, 1, 5), (1, 7, 2), (2, 1, 1), (3, 2, 3), (7, 1, 2)])
  func smallestProblems(_ ranks: Int, _ microBatches: Int, _ stagesPerRank: Int) throws {
    let zero = try Durations(forward: 0, inputBackward: 0, weightBackward: 0)
    let huge = try Durations(forward: 3e99, inputBackward: 3e99, weightBackward: 3e99)
    for durations in [.unit, zero, huge] {
      var problem = SearchProblem(
        ranks: ranks, microBatches: microBatches, stagesPerRank: stagesPerRank,
        durations: StageDurations(durations))
      problem.memoryLimits = [Double(stagesPerRank)]
      let result = try OrderSearch(problem, seed: 1).run(evaluations: 600)
      #expect(result.schedule.violations() == [])
      #expect(result.timing.makespan.isFinite)
    }
  }
}
