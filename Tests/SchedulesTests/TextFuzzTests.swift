import Schedules
import Testing

/// Random damage to good texts: whatever comes of it is read or refused, never a trap.
@Suite struct TextFuzzTests {
  private static let pieces: [[UInt8]] = [
    ",", "\n", "\r\n", "(", ")", ";", "\"", "F", "B", "0", "9", "-", " ", "\u{0}", "é", "0F0",
    "(0F0;0B0)OVERLAP_F_B", "99999999999999999999", "1SEND_F0", "0UNSHARD", "\u{FEFF}", "f",
    ",,,,", "1B0", "65535F0", "0F16777215",
  ].map { Array($0.utf8) }

  @Test(arguments: 1...8)
  func damagedTextsNeverTrap(seed: Int) throws {
    var stream = FixedStream(seed)
    let sources = try BuiltIn.allCases.map {
      Array(try $0.schedule(ranks: 4, microBatches: 8).text().utf8)
    }
    var (read, refused, valid) = (0, 0, 0)
    for _ in 0..<1500 {
      var bytes = sources[stream.whole(0...(sources.count - 1))]
      for _ in 0..<stream.whole(1...4) { damage(&bytes, &stream) }
      do throws(ScheduleTextError) {
        let text = try ScheduleText(bytes, name: "mine")
        read += 1
        _ = try text.frozen()
        valid += 1
        // What is read is what it would be written as.
        let again = try ScheduleText(Array(text.schedule.text().utf8), name: "mine")
        #expect(again.schedule == text.schedule)
      } catch {
        refused += 1
        #expect(!error.problems.isEmpty)
        #expect(!error.description.isEmpty)
      }
    }
    #expect(read > 0 && refused > 0 && valid > 0, "the damage is neither always nor never fatal")
  }

  private func damage(_ bytes: inout [UInt8], _ stream: inout FixedStream) {
    guard !bytes.isEmpty else { return }
    let place = stream.whole(0...(bytes.count - 1))
    let length = min(stream.whole(1...12), bytes.count - place)
    switch stream.whole(0...4) {
    case 0: bytes[place] = UInt8(stream.whole(0...255))
    case 1: bytes.removeSubrange(place..<(place + length))
    case 2:
      bytes.insert(contentsOf: Self.pieces[stream.whole(0...(Self.pieces.count - 1))], at: place)
    case 3: bytes.insert(contentsOf: Array(bytes[place..<(place + length)]), at: place)
    default: bytes.removeLast(min(bytes.count, stream.whole(1...200)))
    }
  }
}
