import Models
import Quantities
@testable import Scenarios
import Testing
import Training

/// Schedules that a scenario searches, on the full simulator.
@Suite struct SearchedScheduleTests {
  private let text = """
    format: 1
    name: searched
    model: llama-3.1-8b
    cluster: {node: h100, nodes: 1}
    parallelism: {pipeline: 4, data: 2}
    training: {sequence_length: 4096, global_batch: 16, precision: bf16, schedule: 1f1b}
    """

  /// The same seed and number of orders give the same step; the summary holds together.
  @Test func aSearchIsRepeatable() throws {
    let set = ["training.schedule={search: {stages_per_rank: 1, evaluations: 400, seed: 3}}"]
    func run() throws -> CaseOutcome { try Study(load(text, set: set)).run { _ in }.cases[0] }
    let (first, second) = (try run(), try run())
    #expect(first.result.step == second.result.step)
    #expect(first.result.schedule == second.result.schedule)
    let search = try #require(first.result.search)
    #expect(search.lowerBound <= search.makespan)
    #expect(search.lowerBound > .zero)
    let builtIn = try #require(search.bestBuiltIn)
    #expect(search.makespan <= builtIn.makespan)
    #expect(first.fits)
    // The step has what the search leaves out, contention and update, and nothing less.
    #expect(first.result.step > search.lowerBound)
  }

  /// What is searched is no longer in the simulator than any built-in schedule that fits, by more
  /// than what contention and the update can make of it.
  @Test func aSearchIsAsGoodAsWhatFits() throws {
    let compare =
      "compare=[1f1b, gpipe, zb-h1, {search: {stages_per_rank: 1, evaluations: 2000}}]"
    let cases = try Study(load(text, set: [compare])).run { _ in }.cases
    let searched = try #require(cases.last)
    for other in cases.dropLast() where other.fits {
      #expect(searched.stepSeconds <= other.stepSeconds * 1.005, "\(other.name)")
    }
  }

  /// A model too large for the memory still gets an answer, with the verdict that it does not fit.
  @Test func aModelThatDoesNotFitGetsAVerdict() throws {
    let set = [
      "model=llama-3.1-70b", "training.schedule={search: {stages_per_rank: 1, evaluations: 200}}",
    ]
    let outcome = try Study(load(text, set: set)).run { _ in }
    #expect(outcome.winner == nil)
    #expect(!outcome.cases[0].fits)
    #expect(outcome.searches.count == 1)
    #expect(outcome.searches[0].hasPrefix("searched: by the stages' own durations "))
  }

  @Test func theSentenceTellsTheGapOverTheBound() throws {
    var outcome = try Study(
      load(text, set: ["training.schedule={search: {evaluations: 1}}"])
    ).run { _ in }
    #expect(outcome.searches.count == 1)
    outcome.cases[0].result.search = SearchSummary(
      makespan: Time(seconds: 3), lowerBound: Time(seconds: 2), bestBuiltIn: nil, evaluations: 5,
      keptBuiltIn: nil, placement: "V")
    #expect(
      outcome.cases[0].searchSentence
        == "searched: by the stages' own durations the order kept, with V placement, out of 5 "
        + "orders tried takes 3 s; none of as many stages and copies is shorter than 2 s, so it is at most "
        + "50 % too long; no built-in of as many stages fits.")
  }
}
