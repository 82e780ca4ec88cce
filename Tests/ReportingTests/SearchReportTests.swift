import Foundation
import Quantities
import Scenarios
import Testing
import Training

@testable import Reporting

/// What a run says of a search for a schedule.
@Suite struct SearchReportTests {
  private func outcome() throws -> Outcome {
    var outcome = try Sample.outcome()
    outcome.cases[0].result.search = SearchSummary(
      makespan: Time(seconds: 2), lowerBound: Time(seconds: 1.5),
      bestBuiltIn: .init(name: "zb-v", makespan: Time(seconds: 2.25)), evaluations: 40,
      keptBuiltIn: nil, placement: "V")
    outcome.searches = ["1f1b: the best of 40 orders."]
    return outcome
  }

  @Test func theTableLists() throws {
    let outcome = try outcome()
    let text = CaseTable(outcome.scenario, isStyled: false)
      .closing(outcome, files: [], folder: "f")
    #expect(text.contains("\nSearched:\n  - 1f1b: the best of 40 orders.\n"))
  }

  @Test func scriptsReadIt() throws {
    let text = try outcome().json(clock: false).text
    let read = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let cases = try #require(read?["cases"] as? [[String: Any]])
    let search = try #require(cases.first?["search"] as? [String: Any])
    #expect(search["makespan_s"] as? Double == 2)
    #expect(search["lower_bound_s"] as? Double == 1.5)
    #expect(search["best_built_in"] as? String == "zb-v")
    #expect(search["best_built_in_s"] as? Double == 2.25)
    #expect(search["evaluations"] as? Int == 40)
    #expect(search["kept_built_in"] is NSNull)
    #expect(search["placement"] as? String == "V")
    #expect(!(try Sample.outcome().json(clock: false).text.contains("\"search\"")))
  }
}
