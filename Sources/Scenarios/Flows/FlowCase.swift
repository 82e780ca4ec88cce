import Fabric
import Quantities

/// Links and the flows on them, read from a file.
///
///     {"name": "two", "links": [{"id": "a", "capacity_Bps": 1e9, "latency_s": 1e-6}],
///      "flows": [{"id": 0, "path": ["a"], "bytes": 1e6, "start_s": 0}]}
///
/// A flow enters at its start, waits the latencies of its links once without taking bandwidth, and
/// then drains at its max-min fair rate. What has no bytes or no links ends after the wait.
public struct FlowCase: Sendable {
  /// A link.
  public struct Link: Sendable {
    /// What paths call it.
    public var id: String
    /// Payload bytes per second.
    public var capacity: Double
    /// Seconds.
    public var latency: Double
  }

  /// Path of the file.
  public let file: String
  /// The links, in the order of the file.
  public internal(set) var links: [Link] = []
  /// What the flows are called, in the order of the file.
  public internal(set) var ids: [String] = []
  /// Bytes of each flow.
  public internal(set) var bytes: [Double] = []
  /// Seconds at which each flow enters.
  public internal(set) var starts: [Double] = []
  /// Links of all paths one after the other, and where each path ends.
  var paths: [Int32] = []
  var pathEnds: [Int32] = []

  /// Largest file that is read.
  static let mostBytes = 1 << 30

  init(file: String) { self.file = file }

  /// Reads a file.
  ///
  /// - Throws: `ScenarioError` with every problem of the file, up to 20.
  public init(path: String) throws(ScenarioError) {
    let data = try Document.bytes(of: path, most: Self.mostBytes)
    self = try FlowCaseReader.read([UInt8](data), file: path)
  }

  /// Reads text.
  ///
  /// - Parameter file: What problems call the text's file.
  /// - Throws: `ScenarioError` with every problem, up to 20.
  public init(text: String, file: String) throws(ScenarioError) {
    self = try FlowCaseReader.read([UInt8](text.utf8), file: file)
  }

  /// The links of a flow's path.
  public func path(of flow: Int) -> ArraySlice<Int32> {
    paths[(flow == 0 ? 0 : Int(pathEnds[flow - 1]))..<Int(pathEnds[flow])]
  }

  /// When each flow ends, and what the links carried.
  ///
  /// - Throws: `ScenarioError` if a flow ends later than can be said.
  public func solved() throws(ScenarioError) -> FlowCaseResult {
    var set = FlowSet(capacities: links.map { Bandwidth($0.capacity) })
    set.reserve(flows: ids.count, uses: paths.count)
    for flow in ids.indices {
      let path = path(of: flow)
      let wait = path.reduce(0) { $0 + links[Int($1)].latency }
      set.add(path.lazy.map { Int($0) }, bytes: Bytes(bytes[flow]), start: starts[flow] + wait)
    }
    let solution = set.solved()
    let endless = solution.finish.indices.filter { !solution.finish[$0].isFinite }
    guard endless.isEmpty else {
      throw ScenarioError(
        problems: endless.prefix(20).map { flow in
          Problem(place: .file(file), fault: .flows(.noEnd(flow: ids[flow])))
        })
    }
    return FlowCaseResult(
      finish: solution.finish, carried: solution.carriedBytes.map(\.value),
      solves: solution.solves)
  }
}

/// What came of a case.
public struct FlowCaseResult: Sendable {
  /// Seconds at which each flow ends, in the order of the file.
  public let finish: [Double]
  /// Bytes each link carried, in the order of the file.
  public let carried: [Double]
  /// Instants at which rates were solved.
  public let solves: Int
}
