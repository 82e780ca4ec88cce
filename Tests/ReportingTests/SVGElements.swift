import Foundation
import FoundationXML
import Reporting
import Schedules
import Testing

/// What stands in a drawing, read back from its text.
struct SVGElements {
  /// One rectangle of a row.
  struct Box: Equatable {
    var name: String
    var x: Double
    var y: Double
    var width: Double
    var height: Double
  }

  /// A row of boxes: a rank in one band.
  struct Row {
    var boxes: [Box] = []
    var numbers: [String] = []
    /// Boxes of passes: without the borders of pairs.
    var passes: [Box] { boxes.filter { $0.name != "pair" } }
    /// Borders of pairs.
    var pairs: [Box] { boxes.filter { $0.name == "pair" } }
  }

  var rows: [Row] = []
  var curves: [String] = []
  var texts: [String] = []
  var title = ""
  var description = ""
  var root: [String: String] = [:]
  var frames: [Box] = []

  /// The elements of a drawing.
  init(_ text: String) throws {
    let reader = Reader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    try #require(parser.parse(), "\(String(describing: parser.parserError))")
    self = reader.found
  }

  /// The elements of the drawing of a schedule.
  init(
    _ schedule: Schedule, _ durations: StageDurations, showsMemory: Bool = false
  ) throws {
    let drawing = try ScheduleDrawing(schedule, durations: durations, showsMemory: showsMemory)
    try self.init(ByteWriter.text { drawing.write(to: &$0) })
  }

  fileprivate init() {}
}

private final class Reader: NSObject, XMLParserDelegate {
  var found = SVGElements()
  private var isInRow = false
  private var text = ""

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    text = ""
    func number(_ key: String) -> Double { attributes[key].flatMap(Double.init) ?? .nan }
    switch name {
    case "svg": found.root = attributes
    case "g":
      isInRow = attributes["class"] == "row"
      if isInRow { found.rows.append(SVGElements.Row()) }
    case "rect":
      let box = SVGElements.Box(
        name: attributes["class"] ?? "", x: number("x"), y: number("y"), width: number("width"),
        height: number("height"))
      if isInRow {
        found.rows[found.rows.count - 1].boxes.append(box)
      } else if box.name == "frame" {
        found.frames.append(box)
      }
    case "path" where attributes["class"] == "curve":
      found.curves.append(attributes["d"] ?? "")
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    switch name {
    case "g": isInRow = false
    case "title": found.title = text
    case "desc": found.description = text
    case "text" where isInRow: found.rows[found.rows.count - 1].numbers.append(text)
    case "text": found.texts.append(text)
    default: break
    }
  }
}
