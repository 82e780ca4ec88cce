import Foundation
import Scenarios
import Schedules
import Testing

/// Durations of each stage read from a file, and every sentence about a wrong one.
@Suite struct DurationsFileTests {
  private func read(_ text: String) throws(ScenarioError) -> DurationsFile {
    try DurationsFile(text: text, file: "d.csv")
  }

  private func sentences(_ text: String) -> [String] {
    do throws(ScenarioError) {
      _ = try read(text)
      return []
    } catch {
      return error.description.split(separator: "\n").map(String.init)
    }
  }

  static let header = "stage,forward,input_backward,weight_backward"

  /// Columns and rows in any order, and what a left-out column means.
  @Test func anyOrder() throws {
    let file = try read(
      "weight_backward, stage ,\"p2p\",forward,input_backward\r\n4,1,0.5,2,3\r\n\r\n1,0,0,1e0,.5\r\n"
    )
    #expect(
      file.durations.stages == [
        try Durations(forward: 1, inputBackward: 0.5, weightBackward: 1),
        try Durations(forward: 2, inputBackward: 3, weightBackward: 4, pointToPoint: 0.5),
      ])
    #expect(file.durations.stages[1].overlapped == 9)
    #expect(file.activations == nil)
  }

  @Test func everyColumn() throws {
    let file = try read(
      "\(Self.header),overlapped,p2p,activation\n1,1,1,1,2.5,0,3\n0,1,1,1,3,0,1\n")
    #expect(file.durations.stages.map(\.overlapped) == [3, 2.5])
    #expect(file.activations == [1, 3])
  }

  /// Texts and all their sentences.
  static let wrong: [(String, [String])] = [
    (
      " \n\n",
      [
        "d.csv: the file is empty: it starts with the names of its columns; write "
          + "stage,forward,input_backward,weight_backward and a row for each stage"
      ]
    ),
    (header, ["d.csv:1: no row follows the header; write one for each stage, from 0"]),
    (
      "stage,foward,input_backward,weight_backward,colour",
      [
        "d.csv:1: foward is no column: the columns are stage, forward, input_backward, "
          + "weight_backward, overlapped, p2p, activation; did you mean forward?",
        "d.csv:1: colour is no column: the columns are stage, forward, input_backward, "
          + "weight_backward, overlapped, p2p, activation; remove it",
      ]
    ),
    (
      "stage,forward,forward,weight_backward",
      ["d.csv:1: column forward stands twice: each column stands once; remove one"]
    ),
    (
      "stage,forward",
      [
        "d.csv:1: column input_backward is missing: it has no default; add it",
        "d.csv:1: column weight_backward is missing: it has no default; add it",
      ]
    ),
    (
      header + "\n0,1,1\nx,1,-1,nan\n1.5,1,,inf",
      [
        "d.csv:2: the row has 3 cells but the header 4: each column has a cell; write 4",
        "d.csv:3: stage is x: it must be a whole number from 0 to 65535; correct it",
        "d.csv:3: input_backward is -1: it must be a number from 0 to 1e100; correct it",
        "d.csv:3: weight_backward is nan: it must be a number from 0 to 1e100; correct it",
        "d.csv:4: stage is 1.5: it must be a whole number from 0 to 65535; correct it",
        "d.csv:4: input_backward is empty: it must be a number from 0 to 1e100; correct it",
        "d.csv:4: weight_backward is inf: it must be a number from 0 to 1e100; correct it",
      ]
    ),
    (
      header + "\n0,1,1,1\n\n0,1,1,1",
      ["d.csv:4: stage 0 stands here and on line 2: each stage has one row; remove one"]
    ),
    (
      header + "\n0,1,1,1\n2,1,1,1",
      [
        "d.csv: stage 1 has no row: there is one for each stage up to the highest, 2; add it"
      ]
    ),
    (
      header + "\n65535,1,1,1",
      [
        "d.csv: stages 0, 1, 2, 3, 4, 5, 6, 7 and 65527 more have no row: there is one for each "
          + "stage up to the highest, 65535; add them"
      ]
    ),
    (
      header + "\n0,1e100,1e100,1",
      [
        "d.csv:2: overlapped must be a duration from 0 to 1e+100: 2e+100 is not; use 1e+100"
      ]
    ),
  ]

  @Test(arguments: wrong)
  func refused(text: String, expected: [String]) {
    #expect(sentences(text) == expected)
  }

  @Test func manyProblemsAreCounted() {
    let told = sentences(Self.header + String(repeating: "\nx,1,1,1", count: 25))
    #expect(told.count == 21)
    #expect(told.last == "d.csv: and 5 more problems; correct those above first")
  }

  /// A folder and a path to nothing.
  @Test func unreadable() {
    #expect(throws: ScenarioError.self) { try DurationsFile(path: "/") }
    #expect(throws: ScenarioError.self) { try DurationsFile(path: "/nowhere/d.csv") }
  }
}
