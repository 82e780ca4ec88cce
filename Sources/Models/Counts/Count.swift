/// Sums and products of weights that stop at `Int.max`.
///
///     Count.product(16_384, 53_248, 3)        // 2617245696
///     Count.product(Int.max, 2)               // Int.max
///
/// A shape comes from a file; one with absurd numbers in it must end as a sentence about too many
/// parameters, not as a trap.
enum Count {
  /// The sum, or `Int.max` where it does not fit.
  static func sum(_ terms: Int...) -> Int {
    var total = 0
    for term in terms {
      let (next, overflow) = total.addingReportingOverflow(term)
      if overflow { return Int.max }
      total = next
    }
    return total
  }

  /// The product, or `Int.max` where it does not fit.
  static func product(_ factors: Int...) -> Int {
    if factors.contains(0) { return 0 }
    var total = 1
    for factor in factors {
      let (next, overflow) = total.multipliedReportingOverflow(by: factor)
      if overflow { return Int.max }
      total = next
    }
    return total
  }
}
