/// What a rank prefers when it may choose.
struct Preference: Sendable {
  /// Micro-batches in flight on a rank (F begun, I not) over what keeps the slowest rank busy.
  var depth: Double
  /// Whether a backward goes before a forward.
  var backwardFirst: Bool
  /// Whether, of two forwards or backwards, that of the later part of the model goes first.
  var deepestFirst: Bool
  /// When weights are done.
  var weights: Weights
  /// Whether a forward and a backward that could both run do so as a pair.
  var pairs: Pairs

  enum Weights: CaseIterable {
    /// Right after their I.
    case atOnce
    /// When nothing else can run.
    case whenIdle
    /// When nothing else can run for as long as they take.
    case whenTheyFit
  }

  enum Pairs: CaseIterable {
    /// If one half waits for the other no longer than the pair saves.
    case patient
    /// If both halves are there.
    case ready
    case never
  }

  /// All of them, the plainest first.
  static func all(pairs: Bool) -> [Preference] {
    var all: [Preference] = []
    for pairs in pairs ? Pairs.allCases : [.never] {
      for depth in [1, 1.5, 2, .infinity, 1.25, 3] {
        for weights in Weights.allCases {
          for backwardFirst in [true, false] {
            for deepestFirst in [true, false] {
              all.append(
                Preference(
                  depth: depth, backwardFirst: backwardFirst, deepestFirst: deepestFirst,
                  weights: weights, pairs: pairs))
            }
          }
        }
      }
    }
    return all
  }
}
