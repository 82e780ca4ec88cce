import Fabric
import Foundation
import Quantities
import Schedules
import Testing

@testable import Scenarios
@testable import Training

/// A step small enough to write its files by hand: two ranks, two micro-batches, 1F1B, 100 µs.
enum Sample {
  /// Spans, ordered by rank, stream and start, in microseconds.
  static let spans: [Span] = [
    // Rank 0: two forwards, whose sends overlap; two full backwards; the update.
    pass(0, .forward, .forward, stage: 0, 0, layer: 0, 0, 10, action: 0),
    pass(0, .forward, .forward, stage: 0, 1, layer: 0, 10, 20, action: 1),
    pass(0, .inputBackward, .inputBackward, stage: 0, 0, layer: 0, 50, 60, action: 2),
    pass(0, .weightBackward, .weightBackward, stage: 0, 0, layer: 0, 60, 66, action: 2),
    pass(0, .inputBackward, .inputBackward, stage: 0, 1, layer: 0, 76, 86, action: 3),
    pass(0, .weightBackward, .weightBackward, stage: 0, 1, layer: 0, 86, 92, action: 3),
    update(0, 92, 100),
    send(0, .forward, stage: 0, 0, 10, 22, action: 0),
    send(0, .forward, stage: 0, 1, 20, 26, action: 1),
    // Rank 1: forward and backward in turn, with a dispatch after the first forward.
    pass(1, .forward, .forward, stage: 1, 0, layer: 1, 22, 32, action: 0),
    pass(1, .inputBackward, .inputBackward, stage: 1, 0, layer: 1, 36, 46, action: 1),
    pass(1, .weightBackward, .weightBackward, stage: 1, 0, layer: 1, 46, 52, action: 1),
    pass(1, .forward, .forward, stage: 1, 1, layer: 1, 52, 62, action: 2),
    pass(1, .inputBackward, .inputBackward, stage: 1, 1, layer: 1, 62, 72, action: 3),
    pass(1, .weightBackward, .weightBackward, stage: 1, 1, layer: 1, 72, 78, action: 3),
    update(1, 92, 100),
    dispatch(1, stage: 1, 0, layer: 1, 30, 36, action: 0),
    send(1, .inputBackward, stage: 1, 0, 46, 50, action: 1),
    send(1, .inputBackward, stage: 1, 1, 72, 76, action: 3),
  ]

  /// The step.
  static func result() throws -> StepResult {
    let schedule = try BuiltIn.oneForwardOneBackward.schedule(ranks: 2, microBatches: 2)
    let ranks = [
      RankBreakdown(
        rank: 0, gpu: 0, forward: time(20), inputBackward: time(20), weightBackward: time(12),
        optimizer: time(8), bubble: time(40), exposedCommunication: .zero,
        computeBusy: time(60)),
      RankBreakdown(
        rank: 1, gpu: 1, forward: time(24), inputBackward: time(20), weightBackward: time(12),
        optimizer: time(8), bubble: time(36), exposedCommunication: time(4),
        computeBusy: time(60)),
    ]
    return StepResult(
      schedule: schedule, placement: Placement(balancing: [], costs: [], into: 0),
      step: time(100), spans: spans,
      ranks: ranks, gpus: ranks,
      links: [
        LinkLoad(
          rank: 0, gpu: 0, kind: .nvlinkOut, owner: 0, name: "nvlink_out 0",
          bytes: Bytes(1000), rate: Bandwidth(1e9),
          busyRatio: 0.25, bytesByClass: [Bytes(750), .zero, .zero, Bytes(250), .zero, .zero]),
        LinkLoad(
          rank: 1, gpu: 1, kind: .nicIn, owner: 1, name: "nic_in 1",
          bytes: Bytes(0.5), rate: Bandwidth(5e8),
          busyRatio: 0.5, bytesByClass: [.zero, .zero, .zero, Bytes(0.5), .zero, .zero]),
      ],
      traffic: [
        TrafficUse(
          rank: 0, activity: .pipelineSend, pass: .forward, count: 2, bytes: Bytes(250),
          mean: 12e-6,
          longest: time(12), alone: 8e-6, bottleneck: "nvlink_out 0")
      ],
      memory: [
        memory(0, weights: 4e9, activations: 2e9, at: time(20)),
        memory(1, weights: 3e9, reserved: 1e9),
      ],
      bubbleRatio: 0.38, spanBubbleRatio: 0.25, computeUtilization: 0.6, events: 42)
  }

  /// A rank's memory, in bytes: what is there throughout and activations of one instant.
  static func memory(
    _ rank: Int, weights: Double, activations: Double = 0, reserved: Double = 0, at: Time = .zero
  ) -> RankMemory {
    var memory = RankMemory(rank: rank)
    memory.weights = Bytes(weights)
    memory.activations = Bytes(activations)
    memory.reserved = Bytes(reserved)
    memory.peakTime = at
    memory.parts = [
      MemoryPart(kind: .weights, bytes: Bytes(weights)),
      MemoryPart(kind: .expertBuffers, bytes: Bytes(activations)),
      MemoryPart(kind: .libraries, bytes: Bytes(reserved)),
    ].filter { $0.bytes > .zero }
    func sample(_ time: Time, _ held: Double) -> MemorySample {
      MemorySample(time: time, held: Bytes(held), pending: .zero, working: .zero)
    }
    memory.timeline = [sample(.zero, 0), sample(at, activations), sample(time(90), 0)]
    return memory
  }

  /// A case of that step.
  static func caseOutcome(_ name: String = "1f1b") throws -> CaseOutcome {
    CaseOutcome(
      name: name, schedule: "1f1b", gpus: 4, result: try result(), tokensPerStep: 100,
      causalFLOPsPerToken: FLOPs(1e6), noncausalFLOPsPerToken: FLOPs(2e6),
      peak: FLOPRate(1e12), memoryCapacity: Bytes(8e9), run: nil, rent: nil, wallClock: 0.5)
  }

  /// An outcome of cases of that step, the first one winning.
  static func outcome(_ names: [String] = ["1f1b"]) throws -> Outcome {
    Outcome(
      scenario: try scenario(), cases: try names.map { try caseOutcome($0) }, winner: 0,
      reason: "It is alone.", searches: [], equalTerms: ["All is equal."], assumptions: [])
  }

  /// The scenario of the main job, renamed.
  static func scenario() throws -> Scenario {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    let file = root.appending(path: "scenarios/deepseek-v3-pretraining.yaml").path
    return try Scenario.load(path: file, set: ["name=small"])
  }

  /// Microseconds.
  static func time(_ microseconds: Int64) -> Time { Time(picoseconds: microseconds * 1_000_000) }

  private static func port<P: RawRepresentable<Int>>(_ number: Int) throws -> P {
    try #require(P(rawValue: number))
  }

  private static func pass(
    _ rank: Int32, _ category: Training.Category, _ kind: PassKind, stage: Int32,
    _ microBatch: Int32,
    layer: Int32, _ start: Int64, _ end: Int64, action: Int32
  ) -> Span {
    Span(
      start: time(start), end: time(end), rank: rank, stream: .compute, activity: .attention,
      category: category, pass: kind, stage: stage, microBatch: microBatch, layer: layer,
      action: action)
  }

  private static func dispatch(
    _ rank: Int32, stage: Int32, _ microBatch: Int32, layer: Int32, _ start: Int64,
    _ end: Int64, action: Int32
  ) -> Span {
    Span(
      start: time(start), end: time(end), rank: rank, stream: .communication,
      activity: .dispatch, category: .forward, pass: .forward, stage: stage,
      microBatch: microBatch, layer: layer, action: action)
  }

  private static func send(
    _ rank: Int32, _ kind: PassKind, stage: Int32, _ microBatch: Int32, _ start: Int64,
    _ end: Int64, action: Int32
  ) -> Span {
    Span(
      start: time(start), end: time(end), rank: rank, stream: .send, activity: .pipelineSend,
      category: kind == .forward ? .forward : .inputBackward, pass: kind, stage: stage,
      microBatch: microBatch, layer: -1, action: action)
  }

  private static func update(_ rank: Int32, _ start: Int64, _ end: Int64) -> Span {
    Span(
      start: time(start), end: time(end), rank: rank, stream: .compute, activity: .optimizer,
      category: .optimizer, pass: .forward, stage: -1, microBatch: -1, layer: -1, action: -1)
  }
}
