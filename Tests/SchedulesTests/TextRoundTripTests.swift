import Testing

@testable import Schedules

/// What is written is read back, whatever harmless form it has taken on the way.
@Suite struct TextRoundTripTests {
  static func text(_ string: String) throws -> ScheduleText {
    try ScheduleText(Array(string.utf8), name: "mine")
  }

  /// Lists, ranks of stages and parts of the model all come back.
  @Test(arguments: BuiltIn.allCases, ["\n", "\r\n"])
  func everyBuiltIn(builtIn: BuiltIn, lineEnd: String) throws {
    for (ranks, microBatches) in [(2, 4), (4, 8), (4, 12), (8, 24)] {
      let schedule = try builtIn.schedule(ranks: ranks, microBatches: microBatches)
      let lines = schedule.text().split(separator: "\n")
      let written = lines.map { $0 + lineEnd }.joined()
      let read = try ScheduleText(Array(written.utf8), name: schedule.name)
      #expect(read.schedule == schedule)
      #expect(read.ignored == 0)
      _ = try read.frozen()
      #expect(read.schedule.text() == schedule.text())
    }
  }

  @Test func writtenFormIsPyTorchs() throws {
    let schedule = try Schedule.dualPipe(ranks: 2, microBatches: 4)
    #expect(
      schedule.text().split(separator: "\n")[0]
        == "0F0,3F2,0F1,3B2,(3F3;0B0)OVERLAP_F_B,3B3,0I1,0W1")
    #expect(
      try Schedule.gpipe(ranks: 1, microBatches: 11).text()
        == (0...10).map { "0F\($0)," }.joined() + (0...10).map { "0B\($0)" }.joined(separator: ",")
        + "\n")
  }

  /// Forms of the two lists `0F0,0F1,0B0,0B1` and `1F0,1B0,1F1,1B1`, on lines 1 and 2.
  static let forms = [
    "0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n",
    "0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1",
    "0F0,0F1,0B0,0B1\r\n1F0,1B0,1F1,1B1\r\n",
    "0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n\n \n\r\n",
    "\u{FEFF}0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n",
    "0F0,0F1,,,0B0,,0B1\n,1F0,1B0,1F1,1B1,,\n",
    " 0F0 ,\t0F1, 0B0,0B1 \n1F0 ,  , 1B0,1F1,1B1 \r\n",
    "\"0F0\",\"0F1\",\" 0B0 \",\"0B1\"\n\"1F0\",\"\",1B0,1F1,1B1\n",
  ]

  @Test(arguments: forms)
  func harmlessForms(form: String) throws {
    let expected = try Schedule(
      name: "mine", actions: lists("0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1"))
    #expect(try Self.text(form).schedule == expected)
  }

  @Test(arguments: [
    "0F0,0F1,(0F2;0B0)OVERLAP_F_B,0B1,0B2", "0F0,0F1,( 0F2 ; 0B0 ) OVERLAP_F_B,0B1,0B2",
    "0F0,0F1,\"(0F2; 0B0)OVERLAP_F_B\",0B1,0B2",
  ])
  func pairs(form: String) throws {
    let expected = try Schedule(name: "mine", actions: lists("0F0,0F1,0F2+0B0,0B1,0B2"))
    let read = try Self.text(form)
    #expect(read.schedule == expected)
    _ = try read.frozen()
  }

  /// A lowered file: what the passes imply is left out and counted, and cells keep their numbers.
  @Test func loweredFile() throws {
    let read = try Self.text(
      """
      0UNSHARD,0F0,0SEND_F0,0RECV_B0,0I0,0W0,0REDUCE_GRAD,0RESHARD
      1UNSHARD,,1RECV_F0,1F0,1B0,1SEND_B0,1REDUCE_GRAD,1RESHARD
      """)
    #expect(read.schedule.actions == (try lists("0F0,0I0,0W0\n1F0,1B0")))
    #expect(read.ignored == 10)
    #expect(read.place(rank: 1, action: 0) == CellPlace(line: 2, cell: 4))
    _ = try read.frozen()
  }

  @Test func placesCountEmptyCells() throws {
    let read = try Self.text(",,0F0,,0B0")
    #expect(read.place(rank: 0, action: 1).description == "line 1, cell 5")
  }
}
