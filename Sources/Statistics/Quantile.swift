/// The value that a share `p` of sorted values lies below; 0 where there are none.
///
///     quantile([1, 2, 4], 0.75)          // 3
///
/// Between two values a straight line is drawn (type 7 of Hyndman and Fan, 1996).
public func quantile(_ sorted: [Double], _ p: Double) -> Double {
  guard let last = sorted.last else { return 0 }
  let position = p * Double(sorted.count - 1)
  let index = Int(position)
  guard index + 1 < sorted.count else { return last }
  return sorted[index] + (sorted[index + 1] - sorted[index]) * (position - Double(index))
}
