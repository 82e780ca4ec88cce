import Schedules

/// What is known of the built-in schedules, field by field: the catalogue and `schedule list` say
/// the same.
enum ScheduleFields {
  /// A field of a schedule.
  struct Field {
    /// Key in JSON.
    var key: String
    /// Value in JSON.
    var value: JSONValue
    /// Value for people; empty where another field says it or it is the rule.
    var shown: String
  }

  /// The fields of a schedule, in reading order.
  static func fields(of schedule: BuiltIn) -> [Field] {
    let facts = schedule.facts
    func text(_ key: String, _ words: String) -> Field {
      Field(key: key, value: .text(words), shown: words)
    }
    func flag(_ key: String, _ value: Bool, _ shown: String) -> Field {
      Field(key: key, value: .boolean(value), shown: value ? shown : "")
    }
    return [
      text("title", facts.title),
      text("placement", facts.placement.rawValue),
      Field(
        key: "stages_per_rank", value: .integer(facts.stagesPerRank), shown: stages(facts)),
      flag("chooses_stages_per_rank", facts.choosesStagesPerRank, ""),
      flag("chooses_group_size", facts.choosesGroupSize, "yes"),
      Field(
        key: "parameter_copies", value: .integer(facts.parameterCopies),
        shown: "\(facts.parameterCopies)"),
      flag("splits_backward", facts.splitsBackward, "yes, into I and W"),
      text("ranks", facts.ranksRule),
      text("micro_batches", facts.microBatchesRule),
      text("bubble", facts.bubble),
      text("activation_peak", facts.activationPeak),
      flag("searched", facts.isSearched, "yes, for the durations and a limit of memory"),
      flag("reconstruction", facts.isReconstruction, "yes, no list was published"),
      Field(
        key: "note", value: facts.note.map { .text($0) } ?? .null, shown: facts.note ?? ""),
    ]
  }

  private static func stages(_ facts: Facts) -> String {
    guard facts.choosesStagesPerRank else { return "\(facts.stagesPerRank)" }
    let multiple = facts.stagesPerRankMultiple
    return "\(facts.stagesPerRank), yours to choose"
      + (multiple > 1 ? " in multiples of \(multiple)" : "")
  }
}

/// The built-in schedules, for `schedule list`.
public enum ScheduleList {
  /// A list of objects, one a schedule, each with its fields and its source.
  public static var json: JSONValue {
    .list(
      BuiltIn.allCases.map { schedule in
        .object(
          [("name", .text(schedule.rawValue))]
            + ScheduleFields.fields(of: schedule).map { ($0.key, $0.value) }
            + [("source", .text(schedule.facts.source))])
      })
  }

  /// The same as lines for people.
  public static var text: String {
    CatalogueReport(.schedules).text
      + "\np ranks, m micro-batches, v stages per rank, rank r; F, I, W and B = I + W are durations"
      + " of one stage,\nFB of an overlapped pair; the bubble is idle time of a rank in a step,"
      + " without latency.\n"
  }
}
