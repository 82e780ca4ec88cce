extension Schedule {
  /// The schedule in PyTorch's text: a line for each rank, its actions apart by commas.
  ///
  ///     try Schedule.oneForwardOneBackward(ranks: 2, microBatches: 2).text()
  ///     // 0F0,0F1,0B0,0B1
  ///     // 1F0,1B0,1F1,1B1
  ///
  /// What is read back with `ScheduleText` is the same lists.
  ///
  /// - Complexity: O(passes).
  public func text() -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * actions.reduce(0) { $0 + $1.count } + 2 * ranks)
    for list in actions {
      for (place, action) in list.enumerated() {
        if place > 0 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(action)
      }
      bytes.append(UInt8(ascii: "\n"))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ action: Action) {
    switch action {
    case .single(let pass): append(pass)
    case .overlapped(let forward, let backward):
      append(UInt8(ascii: "("))
      append(forward)
      append(UInt8(ascii: ";"))
      append(backward)
      append(contentsOf: Action.pairEnd)
    }
  }

  private mutating func append(_ pass: Pass) {
    append(digitsOf: pass.stage)
    append(pass.kind.byte)
    append(digitsOf: pass.microBatch)
  }

  private mutating func append(digitsOf number: Int32) {
    if number < 0 { append(UInt8(ascii: "-")) }
    var power: UInt32 = 1
    while number.magnitude / power >= 10 { power *= 10 }
    while power > 0 {
      append(UInt8(ascii: "0") + UInt8(number.magnitude / power % 10))
      power /= 10
    }
  }
}

extension Action {
  /// What stands behind the passes of an overlapped pair.
  static let pairEnd = Array(")OVERLAP_F_B".utf8)
}

extension PassKind {
  /// The letter as a byte.
  var byte: UInt8 {
    switch self {
    case .forward: UInt8(ascii: "F")
    case .inputBackward: UInt8(ascii: "I")
    case .weightBackward: UInt8(ascii: "W")
    case .backward: UInt8(ascii: "B")
    }
  }

  /// The kind with this letter, if there is one.
  init?(byte: UInt8) {
    switch byte {
    case UInt8(ascii: "F"): self = .forward
    case UInt8(ascii: "I"): self = .inputBackward
    case UInt8(ascii: "W"): self = .weightBackward
    case UInt8(ascii: "B"): self = .backward
    default: return nil
    }
  }
}
