import Foundation
import Testing

@testable import Scenarios

/// The rows of the public debate are those of the shipped scenarios.
@Suite struct DebateTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../scenarios").standardized

  @Test func everyDocumentIsRead() { #expect(Validation.debatePlans().count == 10) }

  /// The same steps on the same clusters, the same inputs and the same claim give the same figure.
  @Test func rowsAreThoseOfTheScenarios() throws {
    for plan in Validation.debatePlans() {
      let path = Self.folder.appending(path: plan.name + ".yaml").path()
      let shipped = try CostPlan.load(path: path, set: [])
      try expectSame(plan, shipped)
      #expect(plan.variants.map(\.name) == shipped.variants.map(\.name))
      for (a, b) in zip(plan.variants, shipped.variants) { try expectSame(a.plan, b.plan) }
      let (a, b) = (try #require(plan.headline), try #require(shipped.headline))
      #expect(a.figure == b.figure && a.value == b.value && a.basis == b.basis)
      #expect(a.claim == b.claim && a.source == b.source && a.status == b.status)
    }
  }

  private func expectSame(_ a: CostPlan, _ b: CostPlan) throws {
    #expect(a.terms.inputs.map(\.path) == b.terms.inputs.map(\.path), "\(a.name)")
    #expect(a.terms.inputs.map(\.spread) == b.terms.inputs.map(\.spread), "\(a.name)")
    #expect(a.terms.stages.map(\.amount) == b.terms.stages.map(\.amount), "\(a.name)")
    #expect(a.stages.map(\.cluster) == b.stages.map(\.cluster), "\(a.name)")
    for (one, other) in zip(a.stages, b.stages) {
      #expect(one.scenario?.cases.map(\.plan) == other.scenario?.cases.map(\.plan), "\(a.name)")
      #expect(one.scenario?.cases.map(\.model) == other.scenario?.cases.map(\.model), "\(a.name)")
    }
  }

  /// The sums, by hand.
  @Test func sumsAreThoseOfTheFacts() throws {
    let rows = try Validation.debate(.small)
    func simulated(_ name: String) throws -> Double {
      try #require(rows.first { $0.name.hasPrefix(name) }).simulated
    }
    let hours = 512.0 * 198 + 5_000 + 512 * 80
    #expect(abs(try simulated("deepseek-r1") / (2 * hours) - 1) < 1e-9)
    #expect(abs(try simulated("gpt-4") / (2.15e25 / 0.34 / 312e12 / 3600) - 1) < 1e-9)
    #expect(abs(try simulated("s1") / (16 * 26 / 60.0 * 4) - 1) < 1e-9)
    for row in rows where row.group == .debatedSum { #expect(row.basis == .arithmetic) }
  }
}
