/// What a GPU draws, with its share of the server or without.
///
///     let draw = PowerDraw(idleWatts: 248, maximumWatts: 1050)
///     draw.watts(load: 0.9)                                // 969.8
///     draw.kilowattHours(gpuHours: 1000, load: 1, pue: 1.25)   // 1312.5
///
/// Power rises in a straight line from idle to the maximum with the load, a ratio: about 0.9 in
/// training that keeps the tensor cores busy.
public struct PowerDraw: Sendable, Equatable {
  /// Watts a GPU at load 0.
  public var idleWatts: Double
  /// Watts a GPU at load 1.
  public var maximumWatts: Double

  /// A draw between two ends, in watts a GPU.
  public init(idleWatts: Double, maximumWatts: Double) {
    self.idleWatts = idleWatts
    self.maximumWatts = maximumWatts
  }

  /// Watts a GPU at a load.
  public func watts(load: Double) -> Double {
    idleWatts + (maximumWatts - idleWatts) * load
  }

  /// Kilowatt-hours at the meter of the building: the PUE counts cooling and losses.
  public func kilowattHours(gpuHours: Double, load: Double, pue: Double) -> Double {
    gpuHours * watts(load: load) / 1000 * pue
  }
}
