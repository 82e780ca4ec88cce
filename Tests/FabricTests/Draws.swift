/// Small numbers without pattern, the same in every run (SplitMix64).
struct Draws {
  private var state: UInt64

  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

  /// From 0 up to but without `bound`.
  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  /// From [0, 1).
  mutating func unit() -> Double { Double(below(1 << 30)) / Double(1 << 30) }

  /// One of the elements.
  mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
