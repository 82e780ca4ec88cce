public import Quantities

/// Rent of one GPU for one hour.
public struct RentalPrice: Sendable, Equatable {
  /// Dollars a GPU-hour.
  public var perGPUHour: Dollars

  /// A rent in dollars a GPU-hour.
  public init(perGPUHour: Dollars) { self.perGPUHour = perGPUHour }

  /// What `gpuHours` cost.
  public func cost(gpuHours: Double) -> Dollars { perGPUHour * gpuHours }
}
