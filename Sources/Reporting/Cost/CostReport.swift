public import Scenarios

/// A run beside what was said of it in public.
public struct CostReport {
  /// What it takes and costs.
  public var cost: CostOutcome
  /// What each technique is worth; nil of a scenario without any.
  public var techniques: TechniqueOutcome?
  /// The claim beside Fathom's figure; nil of a scenario without one.
  public var headline: HeadlineOutcome?

  /// A report on a run.
  public init(_ cost: CostOutcome, _ techniques: TechniqueOutcome?) {
    self.cost = cost
    self.techniques = techniques
    headline = HeadlineOutcome(cost, techniques)
  }

  /// Everything as people read it.
  public var text: String {
    cost.summaryText + (headline?.text ?? "") + (techniques?.text ?? "") + cost.detailText
  }

  /// Everything as scripts read it: the keys of a cost, then `techniques` and `headline`.
  public var json: JSONValue {
    guard case .object(var fields) = cost.json else { return cost.json }
    if let techniques { fields.append(("techniques", techniques.json)) }
    if let headline { fields.append(("headline", headline.json)) }
    return .object(fields)
  }
}
