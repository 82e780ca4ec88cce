public import Quantities

/// Rental prices that were published, each with its source and date.
public enum PriceCatalogue {
  /// A published price.
  public struct Entry: Sendable {
    /// Node it is for, as scenarios name it.
    public var node: String
    /// Dollars a GPU-hour.
    public var rent: Fact<Dollars>
  }

  /// All entries, in the order they are listed.
  public static let rents: [Entry] = [
    Entry(
      node: "h800",
      rent: Fact(
        Dollars(2), .assumed, "arXiv 2412.19437, Table 1 (2024-12): the authors' assumption"))
  ]
}
