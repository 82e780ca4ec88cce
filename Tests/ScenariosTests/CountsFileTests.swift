import Fabric
import Foundation
import Scenarios
import Testing
import Training

/// Token counts read from a file, and every sentence about a wrong one.
@Suite struct CountsFileTests {
  private func sentences(_ text: String) -> [String] {
    do {
      _ = try CountsFile.counts(text: text, file: "c.csv", source: "c.csv")
      return []
    } catch {
      return error.description.split(separator: "\n").map(String.init)
    }
  }

  @Test func rowsInAnyOrder() throws {
    let counts = try CountsFile.counts(
      text: "layer,expert,tokens\n4,1,7\n3,0,5\r\n\n4, 0 ,1e3\n3,1,0\n", file: "c.csv",
      source: "my.csv")
    #expect(
      counts.rows == [
        .init(layer: 3, tokens: [5, 0]), .init(layer: 4, tokens: [1000, 7]),
      ])
    #expect(RoutingDistribution.counts(counts).text == "my.csv")
    let plain = try CountsFile.counts(
      text: "expert,tokens\n1,2\n0,1", file: "c.csv", source: "c")
    #expect(plain.rows == [.init(layer: nil, tokens: [1, 2])])
  }

  static let wrong: [(String, [String])] = [
    (
      "\n",
      [
        "c.csv: the file is empty: it starts with the names of its columns; write expert,tokens and "
          + "a row for each expert"
      ]
    ),
    (
      "expert;tokens\n0;1",
      [
        "c.csv:1: the header is expert;tokens: it must be layer,expert,tokens or expert,tokens; "
          + "write one of them"
      ]
    ),
    ("expert,tokens", ["c.csv:1: no row follows the header; write one for each expert"]),
    (
      "expert,tokens\n0\n1,2,3\nx,-1\n-1,nan",
      [
        "c.csv:2: the row has 1 cell but the header 2: each column has a cell; write 2",
        "c.csv:3: the row has 3 cells but the header 2: each column has a cell; write 2",
        "c.csv:4: expert is x: it must be a whole number from 0 to 65535; correct it",
        "c.csv:4: tokens is -1: it must be a number from 0 to 1e15; correct it",
        "c.csv:5: expert is -1: it must be a whole number from 0 to 65535; correct it",
        "c.csv:5: tokens is nan: it must be a number from 0 to 1e15; correct it",
      ]
    ),
    (
      "layer,expert,tokens\n3,0,1\n3,0,2\n3,3,4",
      [
        "c.csv: layer 3 expert 1, 2 has no row: there is one for each expert up to the highest, 3; "
          + "write 0 tokens where there were none",
        "c.csv:3: layer 3 expert 0 stands here and on line 2: each expert has one row; remove one",
      ]
    ),
    (
      "layer,expert,tokens\n3,0,0\n3,1,0",
      [
        "c.csv: in layer 3 every expert has 0 tokens: one at least must have some; correct the "
          + "counts"
      ]
    ),
    (
      "layer,expert,tokens\n3,0,1\n3,1,0\n4,0,1",
      ["c.csv: in layer 4 there are counts of 1 experts: it must be 2; give one for each expert"]
    ),
  ]

  @Test(arguments: wrong.indices)
  func everyMistakeHasASentence(index: Int) {
    #expect(sentences(Self.wrong[index].0) == Self.wrong[index].1)
  }

  @Test func manyMistakesAreCounted() {
    let text = "expert,tokens\n" + (0..<50).map { "\($0),x" }.joined(separator: "\n")
    let found = sentences(text)
    #expect(found.count == 21)
    #expect(found.last?.contains("and 30 more problems") == true)
  }

  /// A scenario names the file by its path; its counts are of the model's experts.
  @Test func scenariosReadCounts() throws {
    let folder = try TemporaryFolder()
    func write(experts: Int) throws -> String {
      let rows = (0..<experts).map { "\($0),\($0 + 1)" }.joined(separator: "\n")
      return try folder.write("expert,tokens\n\(rows)\n", to: "c\(experts).csv")
    }
    let path = try write(experts: 256)
    let plan = try load(base(), set: ["routing.distribution=\(path)"]).cases[0].plan
    #expect(plan.routing.text == path)
    let few = try write(experts: 8)
    let found = sentences(base(), set: ["routing.distribution=\(few)"])
    #expect(found.count == 1)
    #expect(
      found[0].hasSuffix("there are counts of 8 experts: it must be 256; give one for each expert"))
  }

  /// Rows for layers without experts are refused: V3 has them in 3 to 60, and 61 predicts.
  @Test(arguments: [(2, false), (3, true), (61, true), (62, false), (99, false)])
  func layersAreThoseOfTheModel(layer: Int, isRight: Bool) throws {
    let folder = try TemporaryFolder()
    let rows = (0..<256).map { "\(layer),\($0),1" }.joined(separator: "\n")
    let path = try folder.write("layer,expert,tokens\n\(rows)\n", to: "layers.csv")
    let sentence =
      "there are counts of layer \(layer): the model has no experts there, only in layers from 3 "
      + "to 61; remove the layer's rows or correct its number"
    let found = sentences(base(), set: ["routing.distribution=\(path)"])
    #expect(found.count == (isRight ? 0 : 1))
    #expect(found.allSatisfy { $0.hasSuffix(sentence) })
    var request = RoutingRequest(model: "deepseek-v3")
    request.distribution = path
    do {
      _ = try RoutingStudy(request)
      #expect(isRight)
    } catch { #expect(!isRight && error.description.hasSuffix(sentence)) }
  }

  private func sentences(_ text: String, set: [String]) -> [String] {
    do {
      _ = try load(text, set: set)
      return []
    } catch {
      return "\(error)".split(separator: "\n").map(String.init)
    }
  }

  @Test func scenariosKeepTheDistribution() throws {
    let plan = try load(
      base(), set: ["routing.distribution=zipf(1.5)", "routing.redundant_experts=64"]
    ).cases[0].plan
    #expect(plan.routing == .zipf(1.5))
    #expect(plan.redundantExperts == 64)
  }
}
