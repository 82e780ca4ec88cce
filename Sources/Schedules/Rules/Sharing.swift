extension Schedule {
  /// Model stages a rank holds, in order, each once though two directions may pass it.
  public func modelStages(of rank: Int) -> [Int] {
    var held: [Int] = []
    for stage in rankOfStage.indices where rankOfStage[stage] == rank {
      if !held.contains(modelStage[stage]) { held.append(modelStage[stage]) }
    }
    return held
  }

  /// The rank and those that hold copies of its stages, in order.
  public func holders(ofStagesOf rank: Int) -> [Int] {
    guard parameterCopies > 1 else { return [rank] }
    let own = modelStages(of: rank)
    return (0..<ranks).filter { modelStages(of: $0).contains(where: own.contains) }
  }

  /// The first two ranks that share a part of the model but not all they hold; nil if there are
  /// none. Gradients of what ranks share are summed together, so such lists cannot be trained with.
  ///
  /// - Complexity: O(ranks² × stages) where copies are held, O(stages) elsewhere.
  public var unevenSharing: UnevenSharing? {
    guard parameterCopies > 1 else { return nil }
    let held = (0..<ranks).map { modelStages(of: $0).sorted() }
    for rank in 0..<ranks {
      for other in rank + 1..<ranks where held[other] != held[rank] {
        guard held[other].contains(where: held[rank].contains) else { continue }
        return UnevenSharing(
          rank: rank, parts: held[rank], other: other, otherParts: held[other])
      }
    }
    return nil
  }
}

/// Two ranks that share some of the parts of the model they hold, but not all.
public struct UnevenSharing: Equatable, Sendable {
  /// One rank, and the parts it holds.
  public let rank: Int
  /// Parts of the model on `rank`.
  public let parts: [Int]
  /// The other rank.
  public let other: Int
  /// Parts of the model on `other`.
  public let otherParts: [Int]
}

extension UnevenSharing: CustomStringConvertible {
  /// One sentence with the ranks, what they hold and the rule.
  public var description: String {
    func list(_ parts: [Int]) -> String { parts.map(String.init).joined(separator: ", ") }
    return "rank \(rank) holds the parts \(list(parts)) of the model and rank \(other) the parts "
      + "\(list(otherParts)): ranks that share a part must hold all the same parts, as their "
      + "gradients are summed together; change the lists"
  }
}
