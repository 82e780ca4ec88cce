import ArgumentParser
import Reporting

/// `fathom catalog`: what Fathom knows, with sources.
struct Catalog: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List a part of the catalogue, each number with its status and source.",
    discussion: """
      A number is measured, stated by its source, derived from such numbers, or assumed.

      Example:
        fathom catalog gpus
      """)

  @Argument(help: "One of gpus, clusters, transfers, models, schedules, prices.", transform: topic)
  var topic: CatalogueReport.Topic

  @Flag(help: "Print exactly one JSON value and nothing else.")
  var json = false

  func run() throws {
    try Answer.or(exit: 1) {
      let report = CatalogueReport(topic)
      if json { try Answer.print(report.json) } else { try Answer.print(report.text) }
    }
  }

  private static func topic(_ word: String) throws -> CatalogueReport.Topic {
    guard let topic = CatalogueReport.Topic(rawValue: word) else {
      let words = CatalogueReport.Topic.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("'\(word)' is no part of the catalogue; it is one of \(words).")
    }
    return topic
  }
}
