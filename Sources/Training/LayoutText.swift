public import Models

/// The stages of a model as Megatron-LM's pipeline layout writes them: `E` the embedding, `t` a
/// layer, `m` a prediction layer, `L` the head with the loss, `|` between stages.
///
///     LayoutText("Et*2|(t*4|)*14,t*3mL", of: deepSeekV3)      // 16 stages
///
/// `x*3` stands for three of a symbol, `(t*2|)*3` of what stands in parentheses, as often as they
/// are nested; commas and blanks are left out. Stages follow each other in the order a token meets
/// them, whatever ranks they lie on; a stage may be empty. A prediction layer before `L` leaves its
/// pass through the head to the stage of `L`, one after it makes its own.
///
/// Source: Megatron-LM, `core/transformer/pipeline_parallel_layer_layout.py`.
public struct LayoutText: Sendable, Equatable {
  /// Items of each stage, in the order of the text.
  public let stages: [[ModelItem]]

  /// Most symbols of a text, repetitions written out.
  static let mostSymbols = 100_000
  /// Most parentheses inside each other.
  static let mostNested = 32

  /// Reads a text and checks it against the model.
  ///
  /// - Throws: `LayoutError`: the first thing that is wrong with it.
  public init(_ text: String, of model: Architecture) throws(LayoutError) {
    var reader = LayoutReader(text)
    let symbols = try reader.symbols()
    try Self.check(symbols, of: model)
    var stages: [[ModelItem]] = [[]]
    var (layers, predictions) = (0, 0)
    for symbol in symbols {
      let item: ModelItem
      switch symbol {
      case "E": item = .embedding
      case "L": item = .head
      case "t":
        item = .layer(layers)
        layers += 1
      case "m":
        item = .prediction(predictions)
        predictions += 1
      default:
        stages.append([])
        continue
      }
      stages[stages.count - 1].append(item)
    }
    self.stages = stages
  }

  private static func check(
    _ symbols: [Character], of model: Architecture
  ) throws(LayoutError) {
    func count(_ symbol: Character) -> Int { symbols.count { $0 == symbol } }
    let items = symbols.filter { $0 != "|" }
    guard count("E") == 1, items.first == "E" else { throw .embedding(count: count("E")) }
    guard count("t") == model.layers else {
      throw .layers(count: count("t"), model: model.name, layers: model.layers)
    }
    guard count("m") == model.predictionLayers else {
      throw .predictions(count: count("m"), model: model.name, layers: model.predictionLayers)
    }
    let last = items.lastIndex(of: "t") ?? 0
    guard count("L") == 1, let head = items.firstIndex(of: "L"), head > last else {
      throw .head(count: count("L"))
    }
    if let first = items.firstIndex(of: "m"), first < last { throw .predictionAmongLayers }
  }
}

/// Why a layout cannot be used.
public enum LayoutError: Error, Sendable, Equatable {
  /// Nothing but commas and blanks.
  case empty
  /// A symbol no layout has; places count from 1.
  case unknownSymbol(String, place: Int)
  /// A parenthesis without its other half.
  case unmatched(String, place: Int)
  /// A `*` with nothing before it to repeat.
  case repeatsNothing(place: Int)
  /// A `*` without a number from 1 up after it.
  case noCount(place: Int)
  /// More symbols than are read, repetitions written out.
  case tooLong(most: Int)
  /// Parentheses nested too deep.
  case tooDeep(most: Int)
  /// Not one embedding, or not at the start.
  case embedding(count: Int)
  /// Not one head, or not after all layers.
  case head(count: Int)
  /// Other layers than the model has.
  case layers(count: Int, model: String, layers: Int)
  /// Other prediction layers than the model has.
  case predictions(count: Int, model: String, layers: Int)
  /// A prediction layer before the last layer.
  case predictionAmongLayers
  /// Other stages than the schedule has.
  case stages(count: Int, schedule: String, stages: Int)
}

extension LayoutError: CustomStringConvertible {
  /// The rule and the remedy.
  public var description: String {
    switch self {
    case .empty: "it has no symbols; write it like Et*2|t*4|t*3mL"
    case .unknownSymbol(let symbol, let place):
      "\(symbol) at place \(place) is no symbol out of E, t, m, L, |, ( ) and *; remove it"
    case .unmatched(let symbol, let place):
      "\(symbol) at place \(place) has no other half; close or remove it"
    case .repeatsNothing(let place):
      "* at place \(place) has nothing before it to repeat; write a symbol or parentheses before it"
    case .noCount(let place):
      "* at place \(place) needs a whole number from 1 up after it; write it like t*4"
    case .tooLong(let most):
      "it stands for more than \(most) symbols; write fewer"
    case .tooDeep(let most):
      "more than \(most) parentheses stand inside each other; nest fewer"
    case .embedding(let count):
      "the embedding E must stand once, before everything else"
        + (count == 1 ? "; move it to the start" : ", and stands \(count) times; write one")
    case .head(let count):
      "the head L must stand once, after all layers"
        + (count == 1 ? "; move it behind the last t" : ", and stands \(count) times; write one")
    case .layers(let count, let model, let layers):
      "it has \(count) layers t where \(model) has \(layers); "
        + "\(count < layers ? "add \(layers - count)" : "remove \(count - layers)")"
    case .predictions(let count, let model, let layers):
      "it has \(count) prediction \(count == 1 ? "layer" : "layers") m where \(model) has \(layers); "
        + "\(count < layers ? "add \(layers - count)" : "remove \(count - layers)")"
    case .predictionAmongLayers:
      "a prediction layer m stands before a layer t, whose result it needs; move it behind the last t"
    case .stages(let count, let schedule, let stages):
      "it has \(count) stages where \(schedule) has \(stages); "
        + "write \(stages - 1) bars between them, or another schedule"
    }
  }
}

/// Writes a layout's repetitions out.
private struct LayoutReader {
  private let text: [Character]
  private var place = 0

  init(_ text: String) { self.text = Array(text) }

  mutating func symbols() throws(LayoutError) -> [Character] {
    let symbols = try sequence(depth: 0)
    // Only a closing parenthesis ends a sequence before the text does.
    guard place == text.count else { throw .unmatched(")", place: place + 1) }
    guard !symbols.isEmpty else { throw .empty }
    return symbols
  }

  /// Everything up to the end or a closing parenthesis.
  private mutating func sequence(depth: Int) throws(LayoutError) -> [Character] {
    guard depth <= LayoutText.mostNested else { throw .tooDeep(most: LayoutText.mostNested) }
    var all: [Character] = []
    while place < text.count, text[place] != ")" {
      let symbol = text[place]
      var part: [Character] = []
      switch symbol {
      case ",", " ":
        place += 1
        continue
      case "E", "t", "m", "L", "|":
        part = [symbol]
        place += 1
      case "(":
        let opened = place
        place += 1
        part = try sequence(depth: depth + 1)
        guard place < text.count else { throw .unmatched("(", place: opened + 1) }
        place += 1
      case "*": throw .repeatsNothing(place: place + 1)
      default: throw .unknownSymbol(String(symbol), place: place + 1)
      }
      let count = try repeats()
      guard part.count * count <= LayoutText.mostSymbols - all.count else {
        throw .tooLong(most: LayoutText.mostSymbols)
      }
      for _ in 0..<count { all += part }
    }
    return all
  }

  /// The number after a `*`; 1 where there is none.
  private mutating func repeats() throws(LayoutError) -> Int {
    guard place < text.count, text[place] == "*" else { return 1 }
    let star = place
    place += 1
    var count = 0
    while place < text.count, text[place].isASCII, let digit = text[place].wholeNumberValue {
      // Far above what any text may stand for, and far below overflow.
      count = min(count * 10 + digit, LayoutText.mostSymbols + 1)
      place += 1
    }
    guard count > 0 else { throw .noCount(place: star + 1) }
    return count
  }
}
