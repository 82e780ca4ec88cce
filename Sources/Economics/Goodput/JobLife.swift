import Statistics

/// How long a job lives from its (re)start until the first failure of any source.
///
/// Renewal-reward: an endless run is a row of lives, each of which saves the work of the
/// checkpoints it finished, so that the ratio of useful time is the mean of what a life saves over
/// the mean of life and downtime.
struct JobLife {
  /// Failures a second whose hazard is constant.
  var hazard: Double
  /// Scale (s) and shape of each law whose hazard changes with age.
  var laws: [(scale: Double, shape: Double)]

  init(_ sources: [FailureSource], nodes: Double) {
    hazard = 0
    laws = []
    for source in sources where source.perNodeDay > 0 {
      if source.isExponential {
        hazard += source.perNodeDay * nodes / 86_400
      } else {
        laws.append((source.scale(nodes: nodes), source.shape))
      }
    }
  }

  var neverEnds: Bool { hazard == 0 && laws.isEmpty }

  /// The chance to be alive at an age.
  func survival(_ age: Double) -> Double {
    var exponent = hazard * age
    for law in laws { exponent += Elementary.power(age / law.scale, law.shape) }
    return Elementary.exponential(-exponent)
  }

  /// Mean age at the end; infinite for a job that never fails, nil where it cannot be integrated.
  var mean: Double? { meanBeyond(0) }

  /// The integral of survival from an age on, taken over the logarithm of age because hazards of
  /// infant mortality spread over many orders of magnitude.
  private func meanBeyond(_ age: Double) -> Double? {
    if neverEnds { return .infinity }
    if laws.isEmpty { return Elementary.exponential(-hazard * age) / hazard }
    // Each law alone is through, to rounding, between these two ages.
    var (first, last) = (Double.infinity, Double.infinity)
    if hazard > 0 { (first, last) = (1e-12 / hazard, 40 / hazard) }
    for law in laws {
      first = min(first, law.scale * 1e-12)
      last = min(last, law.scale * Elementary.power(40, 1 / law.shape))
    }
    let start = max(first, age)
    guard last > start else { return max(0, first - age) }
    let lower = Elementary.logarithm(start)
    let upper = Elementary.logarithm(last)
    let area = try? Integral(from: lower, to: upper) { y in
      let x = Elementary.exponential(y)
      return x * survival(x)
    }
    return area.map { $0.value + (start - age) }
  }

  /// Mean number of checkpoints a life finishes that follow one another by `segment` seconds after
  /// a restart: the sum of survival(restart + j · segment) over j from 1 on.
  ///
  /// The far end of a long sum is its integral and half of its first term (Euler, Maclaurin).
  func checkpoints(restart: Double, segment: Double) -> Double {
    if laws.isEmpty {
      return Elementary.exponential(-hazard * restart)
        / Elementary.exponentialLessOne(hazard * segment)
    }
    var sum = 0.0
    for index in 1...512 {
      let age = restart + Double(index) * segment
      let term = survival(age)
      sum += term
      if term <= sum * 1e-15 { return sum }
      if index == 512 { sum += (meanBeyond(age) ?? 0) / segment - term / 2 }
    }
    return sum
  }

  /// Work between checkpoints that saves the most of a life, from `least` to `most` seconds, to one
  /// part in a thousand: by golden section of its logarithm.
  func bestInterval(restart: Double, write: Double, from least: Double, to most: Double) -> Double {
    func saved(_ logarithm: Double) -> Double {
      let interval = Elementary.exponential(logarithm)
      return interval * checkpoints(restart: restart, segment: interval + write)
    }
    let ratio = (5.0.squareRoot() - 1) / 2
    var low = Elementary.logarithm(least)
    var high = Elementary.logarithm(most)
    var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
    var (atLeft, atRight) = (saved(left), saved(right))
    while high - low > 1e-3 {
      if atLeft >= atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - ratio * (high - low)
        atLeft = saved(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + ratio * (high - low)
        atRight = saved(right)
      }
    }
    return Elementary.exponential((low + high) / 2)
  }
}
