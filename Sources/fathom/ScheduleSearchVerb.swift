import ArgumentParser
import Foundation
import Reporting
import Scenarios

extension ScheduleVerbs {
  /// `fathom schedule search`.
  struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Search the schedule that suits the durations of your stages and your memory.",
      discussion: """
        Never longer than the best built-in schedule that keeps the limit, and often shorter \
        where stages differ. Prints the schedule in PyTorch's text; how far the search is, what \
        it found and a bound that no order can beat go to standard error. An interrupt ends \
        the search with the best so far.

        A file of durations has the columns stage, forward, input_backward, weight_backward and, \
        if wanted, overlapped, p2p and activation (the size of the stage's activation), and a row \
        for each stage.

        Examples:
          fathom schedule search --ranks 4 --micro-batches 16 --durations stages.csv > mine.csv
          fathom schedule search --ranks 8 --micro-batches 32 --p2p 0.1 --memory-limit 8
        """)

    @Option(help: "Ranks of the pipeline.")
    var ranks: Int

    @Option(help: "Micro-batches of a step, both directions of a bidirectional schedule together.")
    var microBatches: Int

    @Option(help: "Stages on each rank (default: as many as there are durations for, or 1).")
    var stagesPerRank: Int?

    @OptionGroup var durations: DurationOptions

    @Option(
      help: ArgumentHelp(
        """
        Most activations of a rank from F to the end of W, in the sizes of the file's column \
        activation or else each 1; one number, or one for each rank between commas.
        """, valueName: "sizes"), transform: sizes)
    var memoryLimit: [Double] = []

    @Option(help: "How many ranks may hold the same stage: 2 allows bidirectional schedules.")
    var parameterCopies = 2

    @Option(help: "Orders to try (default: a few seconds' worth).")
    var evaluations: Int?

    @Option(help: "Seed; the same seed and number of orders give the same schedule.")
    var seed = 1

    @Flag(help: "Print exactly one JSON value and nothing else.")
    var json = false

    func validate() throws {
      try durations.check()
      if let evaluations, evaluations < 1 {
        throw ValidationError("--evaluations takes 1 or more; \(evaluations) is too few.")
      }
      if seed < 0 { throw ValidationError("--seed takes 0 or more; \(seed) is below.") }
    }

    func run() throws {
      try Answer.or(exit: 1) {
        let choice = choice(try durations.chosen())
        let result = try Interruption.awaited { isRequested in
          var line = ProgressLine()
          defer { line.end() }
          return try choice.run(evaluations: evaluations) { progress in
            line.show(progress.line)
            return !isRequested()
          }
        }
        let report = SearchReport(result, seed: choice.seed)
        if json {
          try Answer.print(report.json)
        } else {
          try Answer.print(report.scheduleText)
          Answer.tell(report.text)
        }
      }
    }

    private func choice(_ durations: ChosenDurations) -> SearchChoice {
      var choice = SearchChoice(ranks: ranks, microBatches: microBatches, durations: durations)
      choice.stagesPerRank = stagesPerRank
      choice.memoryLimits = memoryLimit.isEmpty ? nil : memoryLimit
      choice.parameterCopies = parameterCopies
      choice.seed = UInt64(seed)
      return choice
    }

    private static func sizes(_ text: String) throws -> [Double] {
      try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
        guard let size = Double(word.trimmingCharacters(in: .whitespaces)), size >= 0 else {
          throw ValidationError(
            "'\(text)' is not of the form 6 or 6,6,5,4: sizes of 0 or more between commas.")
        }
        return size
      }
    }
  }
}
