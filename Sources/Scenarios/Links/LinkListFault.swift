public import Quantities

/// What can be wrong with a file of links.
public enum LinkListFault: Sendable, Equatable {
  /// No header.
  case empty
  /// No row behind the header.
  case noRows
  /// The columns are not those of the file.
  case header(HeaderFault)
  /// An end of a link that is no name.
  case badName(column: String, value: String)
  /// A GPU that the cluster does not have.
  case noSuchGPU(String, gpus: Int)
  /// A link from a place to itself.
  case toItself(String)
  /// A rate or a latency that is no quantity.
  case notAQuantity(column: String, value: String, dimension: Dimension, error: QuantityError)
  /// A rate or a latency outside its range, which is written as a user would.
  case outOfRange(column: String, value: String, least: String, most: String)
  /// A number of parallel links that is none.
  case badCount(String, most: Int)
  /// A word for the directions that is none.
  case badDirections(String)
  /// A second row for the same link.
  case repeated(from: String, to: String, firstLine: Int)
  /// More rows than are read.
  case tooManyRows(most: Int)
  /// GPUs of the cluster without a link.
  case missingGPUs([Int], count: Int, gpus: Int)
  /// Two GPUs of which one cannot reach the other.
  case disconnected(source: Int, target: Int)
  /// Finding all ways would take too long.
  case tooLarge(gpus: Int, links: Int, places: Int)
}

extension LinkListFault: CustomStringConvertible {
  /// Value, rule and remedy.
  public var description: String {
    switch self {
    case .empty:
      return "the file is empty: it starts with the names of its columns; write "
        + "from,to,rate,latency and a row for each link"
    case .noRows: return "no row follows the header; write one for each link"
    case .header(let fault): return fault.description
    case .badName(let column, let value):
      return "\(column) is \(value.isEmpty ? "empty" : value): it names a GPU, NIC or switch by up "
        + "to 64 letters, digits, '.', '_' and '-'; write a name such as gpu0 or leaf1"
    case .noSuchGPU(let name, let gpus):
      return "there is no \(name): the cluster has \(gpus) GPUs, gpu0 to gpu\(gpus - 1); correct "
        + "the name, or cluster.nodes"
    case .toItself(let name):
      return "the link joins \(name) to itself: a link has two ends; correct one or remove the row"
    case .notAQuantity(let column, let value, let dimension, let error):
      return "\(column) is \(value.isEmpty ? "empty" : value): \(error.rule(dimension)); write it "
        + "like \(dimension.example)"
    case .outOfRange(let column, let value, let least, let most):
      return
        "\(column) is \(value): it must be from \(least) to \(most); correct the number or its "
        + "unit"
    case .badCount(let value, let most):
      return "count is \(value.isEmpty ? "empty" : value): it must be a whole number from 1 to "
        + "\(most); correct it"
    case .badDirections(let value):
      return "directions is \(value.isEmpty ? "empty" : value): it must be one or both; correct it"
    case .repeated(let from, let to, let firstLine):
      return "the link from \(from) to \(to) stands here and on line \(firstLine): a link stands "
        + "once; remove one of them, or give the number of parallel links as count"
    case .tooManyRows(let most):
      return "more rows follow: at most \(most) are read; leave some out, or write parallel links "
        + "as one row with a count"
    case .missingGPUs(let missing, let count, let gpus):
      let named = missing.map { "gpu\($0)" }.joined(separator: ", ")
      let rest = count > missing.count ? " and \(count - missing.count) more" : ""
      return
        "\(named)\(rest) \(count == 1 ? "has" : "have") no link: the cluster has \(gpus) GPUs; "
        + "add links, or correct cluster.nodes"
    case .disconnected(let source, let target):
      return "GPU \(source) cannot reach GPU \(target): no chain of links leads there; add one"
    case .tooLarge(let gpus, let links, let places):
      return "the list has \(links) directed links between \(places) places for \(gpus) GPUs: "
        + "finding every way would take too long; describe the network by cluster.fabric, or give "
        + "a smaller one"
    }
  }
}
