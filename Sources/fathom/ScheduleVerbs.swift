import ArgumentParser
import Reporting
import Scenarios

/// `fathom schedule`: pipeline schedules by themselves, without a model or a cluster.
struct ScheduleVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule",
    abstract: "List, print, draw, check, time and search pipeline schedules.",
    discussion: """
      Schedules are read and written in PyTorch's text: a line for each rank, with actions such \
      as 2F0 or (0F4;3B2)OVERLAP_F_B between commas.

      Example:
        fathom schedule show dualpipe --ranks 4 --micro-batches 16
      """,
    subcommands: [List.self, Show.self, Check.self, Time.self, Search.self])
}

extension ScheduleVerbs {
  /// `fathom schedule list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the built-in schedules: what each asks for, its bubble, memory and source.",
      discussion: """
        Example:
          fathom schedule list
        """)

    @Flag(help: "Print exactly one JSON value and nothing else.")
    var json = false

    func run() throws {
      try Answer.or(exit: 1) {
        if json {
          try Answer.print(ScheduleList.json)
        } else {
          try Answer.print(ScheduleList.text)
        }
      }
    }
  }

  /// `fathom schedule show`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a schedule in PyTorch's text, or draw it.",
      discussion: """
        Durations matter to a picture, and to schedules that are the result of a search.

        Examples:
          fathom schedule show dualpipe --ranks 4 --micro-batches 16
          fathom schedule show interleaved-1f1b --ranks 4 --micro-batches 8 --stages-per-rank 3
          fathom schedule show dualpipe --ranks 8 --micro-batches 20 --overlapped 2.6 --svg > d.svg
        """)

    @OptionGroup var schedule: ScheduleArguments
    @OptionGroup var durations: DurationOptions

    @Flag(help: "Print a drawing (SVG) instead, to scale in the durations.")
    var svg = false

    @Flag(help: "Draw below each rank the activations it holds, with --svg.")
    var memory = false

    @Flag(help: "Print exactly one JSON value and nothing else.")
    var json = false

    func validate() throws {
      try schedule.check()
      try durations.check()
      if svg, json { throw ValidationError("--svg prints a drawing; leave out --json.") }
      if memory, !svg { throw ValidationError("--memory is drawn into the picture; add --svg.") }
    }

    func run() throws {
      try Answer.or(exit: 1) {
        let chosen = try durations.chosen()
        let report = ScheduleReport(try schedule.choice.load(chosen))
        if svg {
          try Answer.print(report.drawing(chosen, showsMemory: memory))
        } else if json {
          try Answer.print(report.json)
        } else {
          try Answer.print(report.text)
        }
      }
    }
  }

  /// `fathom schedule check`.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a schedule file: every rule, and that no ranks wait for one another.",
      discussion: """
        Example:
          fathom schedule check mine.csv
        """)

    @Argument(help: "Path of a file in PyTorch's text.")
    var file: String

    @Flag(help: "Print exactly one JSON value and nothing else.")
    var json = false

    func run() throws {
      try Answer.or(exit: 1) {
        do {
          let report = ScheduleCheckReport(try LoadedSchedule(path: file))
          if json { try Answer.print(report.json) } else { try Answer.print(report.text) }
        } catch let error as ScenarioError {
          if json, let answer = ScheduleCheckReport.json(error) { try Answer.print(answer) }
          throw error
        }
      }
    }
  }

  /// `fathom schedule time`.
  struct Time: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time a schedule with plain durations, in any one unit.",
      discussion: """
        A rank runs its list in order, each action as soon as its inputs are there; a result \
        reaches another rank after the p2p time, and sending never blocks. A file of durations \
        has the columns stage, forward, input_backward, weight_backward and, if wanted, \
        overlapped and p2p, and a row for each stage.

        Examples:
          fathom schedule time mine.csv --forward 1 --input-backward 1.2 --weight-backward 0.8
          fathom schedule time dualpipe --ranks 4 --micro-batches 16 --overlapped 2.5
        """)

    @OptionGroup var schedule: ScheduleArguments
    @OptionGroup var durations: DurationOptions

    @Flag(help: "Print exactly one JSON value and nothing else.")
    var json = false

    func validate() throws {
      try schedule.check()
      try durations.check()
    }

    func run() throws {
      try Answer.or(exit: 1) {
        let chosen = try durations.chosen()
        let report = try TimingReport(try schedule.choice.load(chosen), chosen)
        if json { try Answer.print(report.json) } else { try Answer.print(report.text) }
      }
    }
  }
}

/// A schedule with its shape, as several verbs take it.
struct ScheduleArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A name from 'fathom schedule list', or the path of a file in PyTorch's text.",
      valueName: "name"))
  var name: String

  @Option(help: "Ranks of the pipeline.")
  var ranks: Int?

  @Option(help: "Micro-batches of a step, both directions of a bidirectional schedule together.")
  var microBatches: Int?

  @Option(help: "Stages on each rank, where the schedule leaves them open.")
  var stagesPerRank: Int?

  @Option(help: "Micro-batches that travel as a group, where the schedule leaves it open.")
  var groupSize: Int?

  @Option(help: "Most activations of a rank, for schedules that are searched.")
  var memoryLimit: Int?

  /// The schedule as it is asked for.
  var choice: ScheduleChoice {
    var choice = ScheduleChoice(name)
    choice.ranks = ranks
    choice.microBatches = microBatches
    choice.stagesPerRank = stagesPerRank
    choice.groupSize = groupSize
    choice.memoryLimit = memoryLimit
    return choice
  }

  /// Refuses options that are missing or too many.
  func check() throws {
    if let misuse = choice.misuse { throw ValidationError(misuse) }
  }
}

/// Durations, the same for every stage or from a file.
struct DurationOptions: ParsableArguments {
  @Option(help: "Duration of a forward F (default: 1).")
  var forward: Double?

  @Option(help: "Duration of a backward for the inputs, I (default: 1).")
  var inputBackward: Double?

  @Option(help: "Duration of a backward for the weights, W (default: 1).")
  var weightBackward: Double?

  @Option(help: "Duration of an overlapped pair (default: F + I + W).")
  var overlapped: Double?

  @Option(
    name: .customLong("p2p"),
    help: "Time from the end of a pass to its result being on another rank (default: 0).")
  var pointToPoint: Double?

  @Option(
    name: .customLong("durations"),
    help: ArgumentHelp(
      "Durations of each stage in place of these five: comma-separated values, with a header.",
      valueName: "file"))
  var file: String?

  /// What the options give.
  private var uniform: UniformDurations {
    var uniform = UniformDurations()
    uniform.forward = forward
    uniform.inputBackward = inputBackward
    uniform.weightBackward = weightBackward
    uniform.overlapped = overlapped
    uniform.pointToPoint = pointToPoint
    return uniform
  }

  /// Refuses values out of range, and both ways at once.
  func check() throws {
    if let misuse = uniform.misuse { throw ValidationError(misuse) }
    if file != nil, uniform.isGiven {
      throw ValidationError(
        "--durations gives the durations of every stage; leave out --forward,"
          + " --input-backward, --weight-backward, --overlapped and --p2p.")
    }
  }

  /// The durations.
  func chosen() throws -> ChosenDurations {
    if let file { return try ChosenDurations(file: file) }
    return try ChosenDurations(uniform)
  }
}
