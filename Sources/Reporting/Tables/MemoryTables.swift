import Quantities
public import Scenarios
import Training

/// The CSV files of memory: what each rank holds over the step, and what the peak is made of.
public enum MemoryTables {
  /// Parts of the step of which a long timeline keeps two instants each.
  static let parts = 256

  /// `memory.csv`: one row a case, rank and instant at which what is held changes.
  ///
  /// A rank with more than 512 instants has its step cut into 256 equal parts and keeps of each the
  /// instant with most and that with least, so that the peak is always there.
  public static func writeTimeline(_ outcome: Outcome, to writer: inout ByteWriter) {
    writer.putRow(header: [
      "case", "rank", "time_s", "weights_bytes", "gradients_bytes", "optimizer_bytes",
      "reserved_bytes", "held_to_input_bytes", "held_to_weight_bytes", "working_bytes",
      "total_bytes",
    ])
    for one in outcome.cases {
      for memory in one.result.memory {
        for sample in kept(memory.timeline, step: one.result.step) {
          func number(_ bytes: Bytes) -> JSONValue { .number(bytes.value.rounded()) }
          writer.putRow([
            .text(one.name), .integer(memory.rank), .seconds(sample.time),
            number(memory.weights), number(memory.gradients), number(memory.optimizer),
            number(memory.reserved), number(sample.held), number(sample.pending),
            number(sample.working), number(memory.standing + sample.total),
          ])
        }
      }
    }
  }

  /// `tensors.csv`: one row a case, rank and thing that takes memory when the rank's peak is.
  public static func writeTensors(_ outcome: Outcome, to writer: inout ByteWriter) {
    writer.putRow(header: ["case", "rank", "peak_time_s", "name", "kept_to", "bytes"])
    for one in outcome.cases {
      for memory in one.result.memory {
        for part in memory.parts {
          writer.putRow([
            .text(one.name), .integer(memory.rank), .seconds(memory.peakTime),
            .text(part.kind.word), .text(part.kind.kept), .number(part.bytes.value.rounded()),
          ])
        }
      }
    }
  }

  /// The samples that are written of a rank.
  static func kept(_ samples: [MemorySample], step: Time) -> [MemorySample] {
    guard samples.count > 2 * parts, step > .zero else { return samples }
    var result: [MemorySample] = []
    var part = -1
    var least: Int?
    var most: Int?
    func keep() {
      guard let least, let most else { return }
      result.append(samples[min(least, most)])
      if least != most { result.append(samples[max(least, most)]) }
    }
    for (index, sample) in samples.enumerated() {
      let here = Int(Double(parts) * (sample.time.seconds / step.seconds))
      if here != part {
        keep()
        (part, least, most) = (here, index, index)
      }
      if let low = least, sample.total < samples[low].total { least = index }
      if let high = most, sample.total > samples[high].total { most = index }
    }
    keep()
    return result
  }
}

extension RankMemory {
  /// The peak by name, as scripts read it: keys are names in lower case with underscores.
  var json: JSONValue {
    .object(
      parts.map { part in
        var key = ""
        for character in part.kind.word where character != "," {
          key += character == " " || character == "-" ? "_" : character.lowercased()
        }
        return (key + "_bytes", .number(part.bytes.value))
      })
  }
}

/// How the winner fills memory, for people.
public struct MemoryTable {
  private let report: MemoryReport
  /// Lines of the table; what is smaller is added up.
  private static let most = 12

  /// The table of a report.
  public init(_ report: MemoryReport) { self.report = report }

  /// A heading, the largest parts, and what each technique saves.
  ///
  ///     Memory of dualpipe at its fullest, rank 3 at 5.1 s, in GB:
  ///        31.0   40 %  gradients
  public var text: String {
    let memory = report.memory
    func row(_ bytes: Bytes, _ words: String) -> String {
      let share = memory.peak > .zero ? bytes / memory.peak : 0
      return "  " + DisplayText.right(DisplayText.gigabytes(bytes), 7) + "  "
        + DisplayText.right(DisplayText.percent(share), 7) + "  \(words)\n"
    }
    let time = DisplayText.number(memory.peakTime.seconds, decimals: 3)
    var text =
      "\nMemory of \(report.name) at its fullest, on rank \(memory.rank) after \(time) s of the step, "
      + "in GB:\n"
    for part in memory.parts.prefix(Self.most) { text += row(part.bytes, part.kind.word) }
    let rest = memory.parts.dropFirst(Self.most)
    if !rest.isEmpty {
      text += row(rest.reduce(.zero) { $0 + $1.bytes }, "\(rest.count) smaller parts")
    }
    text += row(
      memory.peak, "in all, of \(DisplayText.gigabytes(report.capacity)) GB of a GPU")
    guard !report.savings.isEmpty else { return text }
    text += "What that rank would need besides, without:\n"
    for saving in report.savings {
      text +=
        "  " + DisplayText.right(DisplayText.gigabytes(saving.bytes), 7) + "  \(saving.words)\n"
    }
    return text
  }
}
