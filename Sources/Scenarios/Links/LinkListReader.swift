import Fabric
import Hardware
import Quantities

/// Reads a network written out link by link.
///
///     from,to,rate,latency,count
///     gpu0,nvswitch0,155 GB/s,1.7 us,1
///     leaf0,spine0,43.7 GB/s,0.5 us,4
///
/// The header is required, and its columns may stand in any order. `rate` is the payload rate of one
/// link in one direction; `count` parallel links are one trunk. A row is a link in both directions,
/// unless a column `directions` says `one`. GPUs are called gpu0, gpu1 and so on; any other word is
/// a NIC or a switch.
struct LinkListReader {
  /// A column of the file.
  enum Column: String, CaseIterable {
    case from, to, rate, latency, count, directions
  }

  /// Most rows that are read, and most parallel links of one.
  static let mostRows = 2_000_000
  static let mostParallel = 65_536
  /// Payload rates and latencies a link may have.
  static let rates = 1e6...1e15
  static let latencies = 0.0...1.0
  private static let mostProblems = 20

  private let file: String
  private let gpus: Int
  private(set) var problems: [Problem] = []
  private var more = 0
  private var line = 0

  private var columns: [Column] = []
  private var places: [String]
  private var placeOfName: [ArraySlice<UInt8>: Int] = [:]
  private var links: [ListedLink] = []
  /// Line of each directed link, by its ends.
  private var lineOfLink: [UInt64: Int32] = [:]
  /// Quantities read before: a list has few different ones.
  private var knownRates: [ArraySlice<UInt8>: Double] = [:]
  private var knownLatencies: [ArraySlice<UInt8>: Double] = [:]

  /// - Parameter gpus: GPUs of the cluster.
  init(file: String, gpus: Int) {
    self.file = file
    self.gpus = gpus
    places = (0..<gpus).map { "gpu\($0)" }
  }

  var error: ScenarioError {
    var error = ScenarioError(problems: problems)
    if more > 0 { error.problems.append(Problem(place: .file(file), fault: .more(more))) }
    return error
  }

  private mutating func report(_ fault: LinkListFault, line: Int?) {
    guard problems.count < Self.mostProblems else {
      more += 1
      return
    }
    let place = line.map { Place.line(file: file, line: $0, column: 0) } ?? .file(file)
    problems.append(Problem(place: place, fault: .linkList(fault)))
  }

  /// The links of the file's text; of use only where there are no problems.
  ///
  /// - Complexity: O(bytes).
  mutating func read(_ bytes: [UInt8]) -> LinkList {
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var rows = 0
    var cells: [ArraySlice<UInt8>] = []
    while start < bytes.count, !columns.isEmpty || problems.isEmpty {
      line += 1
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      Self.split(bytes[start..<end], into: &cells)
      start = end + 1
      if cells.count == 1, cells[0].isEmpty { continue }
      if columns.isEmpty {
        readHeader(cells)
        continue
      }
      rows += 1
      guard rows <= Self.mostRows else {
        report(.tooManyRows(most: Self.mostRows), line: line)
        break
      }
      guard cells.count == columns.count else {
        report(.header(.cells(cells.count, columns: columns.count)), line: line)
        continue
      }
      readRow(cells)
    }
    if problems.isEmpty, columns.isEmpty { report(.empty, line: nil) }
    if problems.isEmpty, rows == 0 { report(.noRows, line: line) }
    return LinkList(name: file, gpus: gpus, places: places, links: links)
  }

  private mutating func readHeader(_ cells: [ArraySlice<UInt8>]) {
    let header = CSVHeader<Column>(cells.map(Self.text)) { $0 != .count && $0 != .directions }
    for (fault, _) in header.faults { report(.header(fault), line: line) }
    if header.faults.isEmpty { columns = header.columns }
  }

  private mutating func readRow(_ cells: [ArraySlice<UInt8>]) {
    var ends: (from: Int?, to: Int?)
    var rate: Double?
    var latency: Double?
    var count: Int? = 1
    var isOneWay: Bool? = false
    for (column, cell) in zip(columns, cells) {
      switch column {
      case .from: ends.from = place(cell, column)
      case .to: ends.to = place(cell, column)
      case .rate:
        rate = amount(cell, column, .bandwidth, in: Self.rates, known: \.knownRates)
      case .latency:
        latency = amount(cell, column, .time, in: Self.latencies, known: \.knownLatencies)
      case .count: count = parallel(cell)
      case .directions: isOneWay = isOne(cell)
      }
    }
    guard let from = ends.from, let to = ends.to, let rate, let latency, let count, let isOneWay
    else { return }
    guard from != to else {
      report(.toItself(places[from]), line: line)
      return
    }
    add(from, to, rate: rate * Double(count), latency: latency, isOneWay: isOneWay)
  }

  private mutating func add(
    _ from: Int, _ to: Int, rate: Double, latency: Double, isOneWay: Bool
  ) {
    for (from, to) in isOneWay ? [(from, to)] : [(from, to), (to, from)] {
      let key = UInt64(from) << 32 | UInt64(to)
      if let first = lineOfLink[key] {
        report(
          .repeated(from: places[from], to: places[to], firstLine: Int(first)), line: line)
        return
      }
      lineOfLink[key] = Int32(line)
      links.append(
        ListedLink(
          from: from, to: to, rate: Bandwidth(rate), latency: Time(seconds: latency)))
    }
  }
}

extension LinkListReader {
  /// The place a cell names, nil where it is reported.
  private mutating func place(_ cell: ArraySlice<UInt8>, _ column: Column) -> Int? {
    if let known = placeOfName[cell] { return known }
    let name = Self.text(cell)
    let isName = cell.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "._-".utf8.contains(byte)
    }
    guard isName, !cell.isEmpty, cell.count <= 64 else {
      report(.badName(column: column.rawValue, value: shortened(name)), line: line)
      return nil
    }
    var place = places.count
    let digits = name.dropFirst(3)
    if name.hasPrefix("gpu"), !digits.isEmpty, digits.utf8.allSatisfy({ $0 <= 0x39 && $0 >= 0x30 })
    {
      guard let gpu = Int(digits), gpu < gpus, digits == "\(gpu)" else {
        report(.noSuchGPU(name, gpus: gpus), line: line)
        return nil
      }
      place = gpu
    } else {
      places.append(name)
    }
    // A copy, so that the key does not keep the whole file.
    placeOfName[ArraySlice(Array(cell))] = place
    return place
  }

  private mutating func amount(
    _ cell: ArraySlice<UInt8>, _ column: Column, _ dimension: Dimension,
    in range: ClosedRange<Double>,
    known: WritableKeyPath<LinkListReader, [ArraySlice<UInt8>: Double]>
  ) -> Double? {
    if let amount = self[keyPath: known][cell] { return amount }
    let text = Self.text(cell)
    do {
      let amount = try dimension.value(of: text)
      guard range.contains(amount) else {
        report(
          .outOfRange(
            column: column.rawValue, value: shortened(text),
            least: dimension.text(range.lowerBound), most: dimension.text(range.upperBound)),
          line: line)
        return nil
      }
      self[keyPath: known][ArraySlice(Array(cell))] = amount
      return amount
    } catch {
      report(
        .notAQuantity(
          column: column.rawValue, value: shortened(text), dimension: dimension, error: error),
        line: line)
      return nil
    }
  }

  private mutating func parallel(_ cell: ArraySlice<UInt8>) -> Int? {
    if let count = Int(Self.text(cell)), (1...Self.mostParallel).contains(count) { return count }
    report(.badCount(shortened(Self.text(cell)), most: Self.mostParallel), line: line)
    return nil
  }

  private mutating func isOne(_ cell: ArraySlice<UInt8>) -> Bool? {
    switch Self.text(cell) {
    case "one": return true
    case "both": return false
    case let text:
      report(.badDirections(shortened(text)), line: line)
      return nil
    }
  }

  private static func text(_ cell: ArraySlice<UInt8>) -> String {
    String(decoding: cell, as: UTF8.self)
  }

  /// The cells of a line, without blanks and quotes around them.
  private static func split(_ line: ArraySlice<UInt8>, into cells: inout [ArraySlice<UInt8>]) {
    cells.removeAll(keepingCapacity: true)
    var start = line.startIndex
    for index in line.startIndex...line.endIndex
    where index == line.endIndex || line[index] == UInt8(ascii: ",") {
      cells.append(trimmed(line[start..<index]))
      start = index + 1
    }
  }

  private static func trimmed(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var cell = cell
    while let first = cell.first, first <= 0x20 { cell = cell.dropFirst() }
    while let last = cell.last, last <= 0x20 { cell = cell.dropLast() }
    let quote = UInt8(ascii: "\"")
    guard cell.count >= 2, cell.first == quote, cell.last == quote else { return cell }
    return cell.dropFirst().dropLast()
  }
}

extension LinkListReader {
  /// Reports GPUs without links or ways, and a list that is too large; only where all rows are sound.
  mutating func check(_ list: LinkList) {
    guard problems.isEmpty else { return }
    var isJoined = [Bool](repeating: false, count: list.gpus)
    for link in list.links where link.from < list.gpus { isJoined[Int(link.from)] = true }
    for link in list.links where link.to < list.gpus { isJoined[Int(link.to)] = true }
    let missing = isJoined.indices.filter { !isJoined[$0] && list.gpus > 1 }
    if !missing.isEmpty {
      report(
        .missingGPUs(Array(missing.prefix(8)), count: missing.count, gpus: list.gpus), line: nil)
    } else if let found = list.disconnection() {
      report(.disconnected(source: found.source, target: found.target), line: nil)
    } else if !list.isSmallEnough {
      report(
        .tooLarge(gpus: list.gpus, links: list.links.count, places: list.places.count), line: nil)
    }
  }
}
