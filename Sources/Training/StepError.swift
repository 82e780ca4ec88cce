public import Fabric
public import Quantities
public import ScheduleSearch
public import Schedules

/// Why a step cannot be simulated, or a law it broke when it was.
public enum StepError: Error, Sendable {
  /// The schedule refuses the plan.
  case schedule(ScheduleError)
  /// The model has fewer pieces than the schedule has stages.
  case tooFewItems(items: Int, stages: Int)
  /// Two ranks hold copies of one part of the model, but not of all the same parts.
  case unevenSharing(UnevenSharing)
  /// A search for a schedule that cannot be made.
  case search(SearchError)
  /// The step would be longer than can be represented.
  case tooLong
  /// Experts cannot be placed.
  case routing(RoutingError)
  /// A GPU has no way to another.
  case disconnected(Disconnection)
  /// More tasks than can be simulated with every GPU on its own.
  case tooManyTasks(tasks: Int, most: Int)
  /// Tasks were left waiting for each other; the first of them.
  case deadlock(waiting: Int, first: String)
  /// The parts of a rank's time do not add up to the step.
  case timeDoesNotAddUp(rank: Int)
  /// The parts of a mean GPU's time do not add up to the step, or the critical path has gaps.
  case pathDoesNotAddUp
  /// A rank's activations were not all freed.
  case memoryNotReturned(rank: Int, bytes: Double)
  /// The parts of a rank's memory do not add up to its peak.
  case memoryDoesNotAddUp(rank: Int)
  /// More bytes left the ranks over a kind of port than arrived.
  case bytesLost(sent: Bytes, received: Bytes)
  /// A link did not carry what was put on it.
  case trafficLost(gap: Double)
  /// A link carried more than its rate allows.
  case linkAboveCapacity(link: String, ratio: Double)
  /// The step is shorter than its operations take at peak.
  case fasterThanPeak(step: Double, bound: Double)
}

extension StepError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .schedule(let error): error.description
    case .tooFewItems(let items, let stages):
      "the model has \(items) pieces (embedding, layers, head, prediction layers) for \(stages) "
        + "stages; use fewer pipeline ranks or stages per rank"
    case .unevenSharing(let sharing): sharing.description
    case .search(let error): error.description
    case .routing(let error): error.description
    case .disconnected(let disconnection): disconnection.description
    case .tooManyTasks(let tasks, let most):
      "\(tasks) tasks are more than the \(most) that can be simulated with every GPU on its own; use "
        + "fewer micro-batches or GPUs, or balanced routing without jitter on a cluster without faults"
    case .tooLong:
      "the step is longer than 106 days; check the model's size, the batch and the rates"
    case .deadlock(let waiting, let first):
      "the step stopped with \(waiting) tasks waiting for each other, the first of them \(first)"
    case .timeDoesNotAddUp(let rank):
      "internal check failed: the parts of rank \(rank)'s time do not add up to the step"
    case .pathDoesNotAddUp:
      "internal check failed: the step's waterfall or its critical path does not add up to the step"
    case .memoryNotReturned(let rank, let bytes):
      "internal check failed: rank \(rank) ends the step with \(bytes) bytes of activations"
    case .memoryDoesNotAddUp(let rank):
      "internal check failed: the parts of rank \(rank)'s memory do not add up to its peak"
    case .bytesLost(let sent, let received):
      "internal check failed: \(sent.value) bytes sent, \(received.value) bytes received"
    case .trafficLost(let gap):
      "internal check failed: a link carried \(gap) more or less than was put on it"
    case .linkAboveCapacity(let link, let ratio):
      "internal check failed: link \(link) carried \(ratio) of its capacity"
    case .fasterThanPeak(let step, let bound):
      "internal check failed: a step of \(step) s is faster than its operations at peak, \(bound) s"
    }
  }
}
