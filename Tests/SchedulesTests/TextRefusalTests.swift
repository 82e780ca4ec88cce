import Schedules
import Testing

/// What a text is refused for, each with its whole sentence.
@Suite struct TextRefusalTests {
  /// The problems of a text as lines: reading it first, then its rules.
  static func sentences(_ bytes: [UInt8]) -> [String] {
    do throws(ScheduleTextError) {
      _ = try ScheduleText(bytes, name: "mine").frozen()
      return []
    } catch {
      return error.description.split(separator: "\n").map(String.init)
    }
  }

  static func sentences(_ text: String) -> [String] { sentences(Array(text.utf8)) }

  static let form =
    "an action is a stage, then F, I, W or B, then a micro-batch; write one such as 2F0"
  static let pair =
    "a pair is a forward and a full backward in brackets; write one such as (0F4;3B2)OVERLAP_F_B"
  static let words = "use F, I, W or B, or a pair such as (0F4;3B2)OVERLAP_F_B"

  /// Cells and what is said of them behind `line 2: cell 3 is CELL: `.
  static let cells: [(String, String)] = [
    ("0F1junk", "nothing may follow an action in its cell; write 0F1, with a comma before another"),
    ("0F1;0F2", "nothing may follow an action in its cell; write 0F1, with a comma before another"),
    (
      "0SEND_F1x",
      "nothing may follow an action in its cell; write 0SEND_F1, with a comma before another"
    ),
    ("0BW1", "BW is no action; \(words)"),
    ("0X1", "X is no action; \(words)"),
    ("0SEND1", "SEND is no action; \(words)"),
    ("1f2", "letters are in upper case; write 1F2"),
    ("(0f4;3b2)overlap_f_b", "letters are in upper case; write (0F4;3B2)OVERLAP_F_B"),
    ("1F 2", "no blank may stand inside an action; write 1F2"),
    ("01F02", "stage 01 has a leading zero; write 1"),
    ("1F02", "micro-batch 02 has a leading zero; write 2"),
    ("1F00", "micro-batch 00 has a leading zero; write 0"),
    ("1F", "no micro-batch stands after 1F; write one, as in 1F0"),
    ("1SEND_F", "no micro-batch stands after 1SEND_F; write one, as in 1SEND_F0"),
    ("1RESHARD0", "this action takes no micro-batch; write 1RESHARD"),
    ("F2", "no stage stands before F; write one, as in 2F0"),
    ("rank", form), ("7", form), ("-1F0", form), ("#", form), ("1.0F2", form),
    ("65536F0", "stage 65536 is above 65535, the highest that can be simulated; number from 0"),
    (
      "0F99999999999999999999",
      "micro-batch 99999999999999999999 is above 16777215, the highest that can be simulated; "
        + "number from 0"
    ),
    ("\"0F1", "a quotation mark has no partner; write the action without it"),
    ("\"", "a quotation mark has no partner; write the action without it"),
    ("(", form), ("()", form), ("(0F1)", pair), ("(0F1;0B0)", pair), ("(0F1;0B0)OVERLAP", pair),
    ("(0F1;0B0;0F2)OVERLAP_F_B", pair), ("(0SEND_F1;0B0)OVERLAP_F_B", pair),
    (
      "(0B0;0F1)OVERLAP_F_B",
      "a pair is a forward and then a full backward; write (0F1;0B0)OVERLAP_F_B"
    ),
    (
      "(0F1;0I0)OVERLAP_F_B",
      "a pair is a forward and then a full backward; write 0F1 and 0I0 in cells of their own"
    ),
    (
      "(0F1;0B0)OVERLAP_F_B7",
      "nothing may follow an action in its cell; write (0F1;0B0)OVERLAP_F_B, with a comma before "
        + "another"
    ),
    ("(0F01;0B0)OVERLAP_F_B", "micro-batch 01 has a leading zero; write 1"),
  ]

  @Test(arguments: cells)
  func cell(cell: String, sentence: String) {
    #expect(
      Self.sentences("0F0,0B0\n1F0,,\(cell),1B0\n") == ["line 2: cell 3 is \(cell): \(sentence)"])
  }

  /// Whole texts and every sentence about them.
  static let texts: [(String, [String])] = [
    ("", ["there is no action; write a line for each rank, such as 0F0,0B0"]),
    ("\u{FEFF} \r\n\n", ["there is no action; write a line for each rank, such as 0F0,0B0"]),
    (
      "0F0,0B0\n\n1F0,1B0\n",
      ["line 2: rank 1 has no pass; write its actions, or remove the line"]
    ),
    (
      "0F0,0B0\n,,\n",
      ["line 2: rank 1 has no pass; write its actions, or remove the line"]
    ),
    (
      "0F0,0B0\n1UNSHARD",
      ["line 2: rank 1 has no pass; write its actions, or remove the line"]
    ),
    (
      "0F0,\u{0}",
      [
        "line 1: cell 2 holds bytes that are no text; give a file of actions with commas "
          + "between them"
      ]
    ),
    (
      "0F0,0B7",
      ["line 1: cell 2 is 0B7: 2 passes are too few to reach so high a micro-batch; number from 0"]
    ),
    (
      "0F0,0B0,9F0",
      ["line 1: cell 3 is 9F0: 3 passes are too few to reach so high a stage; number from 0"]
    ),
    (
      "x,0F0\n0f0,0B0",
      [
        "line 1: cell 1 is x: \(form)",
        "line 2: cell 1 is 0f0: letters are in upper case; write 0F0",
      ]
    ),
    (
      "0F0,0F0,0B0",
      ["line 1: cells 1 and 2: 0F0 is run 2 times; each pass is run once; remove the others"]
    ),
    (
      "0F0,0B0,1F0,1B0\n1B0",
      [
        "line 1: cell 3 and line 2, cell 1: stage 1 stands on rank 0 and on rank 1; "
          + "a stage stands on one rank; move its passes to one line",
        "line 1: cell 4 and line 2, cell 1: 1B0 is run 2 times; each pass is run once; "
          + "remove the others",
        "line 1: cells 2 and 4: rank 0 runs 0B0 before the end of 1B0, which it needs; "
          + "move it behind",
      ]
    ),
    (
      "0F0,0F1,0B0\n1F0,1B0,1F1,1B1",
      [
        "line 1: 0B1 is missing; each stage and micro-batch has one forward and one backward; "
          + "add it"
      ]
    ),
    (
      "0F0,0B0,0W0",
      [
        "line 1: cells 2 and 3: stage 0 runs the backward of micro-batch 0 both in full and "
          + "split; use either 0B0, or 0I0 and 0W0"
      ]
    ),
    (
      ",0B0,0F0",
      [
        "line 1: cells 2 and 3: rank 0 runs 0B0 before the end of 0F0, which it needs; move it behind"
      ]
    ),
    (
      "0F0,0F1,0B0,0B1\n1F0,1B0",
      [
        "line 1: cell 2: micro-batch 1 travels stage 0; each travels all parts of the model in "
          + "order, here 2; write the passes that are missing, or renumber"
      ]
    ),
    (
      "0F0,0B0,0F2,0B2",
      [
        "micro-batch 1 travels no stage; each travels all parts of the model in order, here 1; "
          + "write the passes that are missing, or renumber"
      ]
    ),
  ]

  @Test(arguments: texts)
  func text(text: String, sentences: [String]) {
    #expect(Self.sentences(text) == sentences)
  }

  /// Latin-1, UTF-16 and random bytes are no text.
  @Test(arguments: [[0x30, 0xE9], [0xFF, 0xFE, 0x30, 0x00], [0x00], [0x7F, 0x45, 0x4C, 0x46]])
  func noText(bytes: [UInt8]) {
    #expect(
      Self.sentences(bytes) == [
        "line 1: cell 1 holds bytes that are no text; give a file of actions with commas between "
          + "them"
      ])
  }

  /// A long cell is cut, and twenty problems are told.
  @Test func manyAndLong() {
    let long = "é" + String(repeating: "ab", count: 5000)
    #expect(
      Self.sentences(long) == [
        "line 1: cell 1 is é\(String(repeating: "ab", count: 18))...: \(Self.form)"
      ])
    let many = Self.sentences(String(repeating: "x,y\n", count: 30))
    #expect(many.count == 21)
    #expect(many.last == "and 40 more problems; correct those above first")
    let missing = Self.sentences((0..<25).map { "0F\($0)" }.joined(separator: ","))
    #expect(missing.count == 21)
    #expect(missing.last == "and 5 more problems; correct those above first")
  }

  /// Texts a few cells long that name very many stages or micro-batches cost no memory.
  @Test func sparseNumbersAreRefusedEarly() {
    #expect(Self.sentences("0F0,65535F16777215").count == 2)
    #expect(Self.sentences(String(repeating: ",", count: 100_000) + "0F0").count == 1)
  }
}
