import Schedules
import Testing

/// The sentence and the grid of ranks that wait for one another.
@Suite struct TextDeadlockTests {
  private func problem(_ text: String) throws -> TextProblem {
    do throws(ScheduleTextError) {
      _ = try ScheduleText(Array(text.utf8), name: "mine").frozen()
    } catch {
      #expect(error.problems.count == 1 && error.more == 0)
      return error.problems[0]
    }
    throw UnreadableList(text: text)
  }

  /// Rank 0 wants the backward of micro-batch 0 before it has sent micro-batch 1, which rank 1
  /// wants to see first.
  @Test func twoRanks() throws {
    let problem = try problem(
      """
      0F0,,0B0,0F1,0B1
      ,1F1,1F0,1B0,1B1
      """)
    #expect(problem.place == CellPlace(line: 1, cell: 3))
    #expect(
      problem.description == """
        deadlock: rank 0 waits at 0B0 (line 1, cell 3) for 1B0 of rank 1 (line 2, cell 4); \
        rank 1 waits at 1F1 (line 2, cell 2) for 0F1 of rank 0 (line 1, cell 4); \
        move a pass that is waited for ahead of where its rank waits
          rank 0      0F0  >0B0< [0F1]  0B1          waits for 1B0 of rank 1
          rank 1           >1F1<  1F0  [1B0]  1B1    waits for 0F1 of rank 0
        """)
  }

  /// The window is cut on both sides, and a pair shows without its long word.
  @Test func windowAndPair() throws {
    let start = (0..<5).map { "0F\($0)" }.joined(separator: ",")
    let problem = try problem(
      """
      \(start),(0F5;0B0)OVERLAP_F_B,0B1,0B2,0B3,0B4,0F6,0B5,0B6
      1F0,1F1,1F6,1B0,1B1,1F2,1B2,1F3,1B3,1F4,1B4,1F5,1B5,1B6
      """)
    guard case .deadlock(let deadlock) = problem.fault else {
      Issue.record("no deadlock: \(problem)")
      return
    }
    #expect(deadlock.needed == [CellPlace(line: 2, cell: 4), CellPlace(line: 1, cell: 11)])
    #expect(
      deadlock.grid == """
          rank 0  ...  0F2   0F3   0F4  >(0F5;0B0)<  0B1   0B2   0B3  ...  waits for 1B0 of rank 1
          rank 1             1F0   1F1  >1F6<       [1B0]  1B1   1F2  ...  waits for 0F6 of rank 0
        """)
    #expect(deadlock.grid.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  /// A ring of many ranks is told in part: rank 0 wants its second stage before its first, for
  /// which all others wait in turn.
  @Test func manyRanks() throws {
    let lines = (0..<12).map { rank in
      let forwards = ["\(rank)F0", "\(rank + 12)F0"]
      return ((rank == 0 ? forwards.reversed() : forwards) + ["\(rank + 12)B0", "\(rank)B0"])
        .joined(separator: ",")
    }
    let problem = try problem(lines.joined(separator: "\n"))
    guard case .deadlock(let deadlock) = problem.fault else {
      Issue.record("no deadlock: \(problem)")
      return
    }
    #expect(deadlock.waits.map(\.rank) == [0] + (1...11).reversed())
    #expect(deadlock.grid.split(separator: "\n").count == 9)
    #expect(deadlock.grid.hasSuffix("\n  and 4 more ranks"))
    #expect(problem.sentence.contains("; and so 4 more, back to rank 0; "))
  }

  /// Ranks whose numbers and pairs are long are drawn with fewer actions to a side.
  @Test func longPairsNarrowTheWindow() throws {
    let many = 40_000
    let heads = (0..<many).map { "0F\($0)" }.joined(separator: ",")
    func pairs(_ stage: Int, _ range: Range<Int>) -> String {
      range.map { "(\(stage)F\(many + $0);\(stage)B\($0))OVERLAP_F_B" }.joined(separator: ",")
    }
    func tail(_ stage: Int) -> String {
      (9..<(many + 9)).map { "\(stage)B\($0)" }.joined(separator: ",")
    }
    let second = heads.replacing("0F", with: "1F")
    let problem = try problem(
      "\(heads),\(pairs(0, 0..<9)),\(tail(0))\n\(second),1F40008,\(pairs(1, 0..<8)),1B8,\(tail(1))")
    guard case .deadlock(let deadlock) = problem.fault else {
      Issue.record("no deadlock: \(problem.sentence)")
      return
    }
    #expect(deadlock.grid.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(deadlock.grid.contains(">(0F40000;0B0)<"))
  }
}
