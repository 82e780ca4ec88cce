import Fabric
import Hardware
import Quantities

/// What reductions and gathers of an update depend on, but for the number of parameters.
struct UpdateKey: Hashable {
  private let count, stride, copies, ranks, gpusPerRank, zero: Int
  private let gradientBytes, weightBytes: Double

  init(_ part: WeightPart, _ plan: Plan, copies: Int) {
    count = part.group.count
    stride = part.group.stride
    self.copies = copies
    ranks = plan.pipeline
    gpusPerRank = plan.gpusPerRank
    zero = plan.zero
    gradientBytes = plan.stateFormat.gradient
    weightBytes = part.weightBytes
  }
}

/// Seconds of an update's reductions and gathers over the parameters they are of: straight lines.
struct UpdateCosts {
  private let reduction, gather: Line

  /// The costs of parts like `part`, where the first rank shares its stages with the last if there
  /// are `copies`.
  init(_ part: WeightPart, _ simulation: StepSimulation, copies: Int) {
    let plan = simulation.plan
    let blocks = copies > 1 ? [0, (plan.pipeline - 1) * plan.gpusPerRank] : [0]
    let transfers = UpdateTransfers(simulation, blocks: blocks)
    func line(_ transfers: (WeightPart) -> [ReplicaTransfer]) -> Line {
      let (one, two) = (1e9, 2e9)
      func seconds(_ parameters: Double) -> Double {
        var part = part
        part.parameters = parameters
        return transfers(part).reduce(0) {
          $0 + $1.transfer.seconds(alone: simulation.cluster.node)
        }
      }
      let (first, second) = (seconds(one), seconds(two))
      return Line(slope: (second - first) / one, start: 2 * first - second)
    }
    reduction = line(transfers.reductions)
    gather = line(transfers.gathers)
  }

  func reduction(_ parameters: Double) -> Double { reduction(parameters: parameters) }
  func gather(_ parameters: Double) -> Double { gather(parameters: parameters) }

  private struct Line {
    var slope: Double
    var start: Double

    func callAsFunction(parameters: Double) -> Double { start + slope * parameters }
  }
}
