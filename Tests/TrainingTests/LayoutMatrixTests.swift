import Fabric
import Hardware
import Models
import Quantities
import Schedules
import Testing

@testable import Training

/// A kind of model, small enough for many runs.
enum Family: String, Sendable, CaseIterable {
  case dense, groupedQuery, latent, mixture, sparse

  var model: Architecture {
    var model = Architecture(
      name: rawValue, layers: 5, hidden: 1024,
      attention: .grouped(GroupedAttention(heads: 8, keyValueHeads: 8, headDimension: 128)),
      feedForward: FeedForward(intermediate: 4096, isGated: true), vocabulary: 8192)
    let experts = Experts(routed: 16, perToken: 4, shared: 1, intermediate: 512)
    var latent = LatentAttention(
      heads: 8, queryRank: 512, keyValueRank: 256, contentDimension: 128, rotaryDimension: 64,
      valueDimension: 128)
    switch self {
    case .dense: break
    case .groupedQuery:
      model.attention = .grouped(GroupedAttention(heads: 8, keyValueHeads: 2, headDimension: 128))
    case .latent: model.attention = .latent(latent)
    case .mixture:
      model.experts = experts
      model.leadingDenseLayers = 1
    case .sparse:
      latent.indexer = Indexer(heads: 4, headDimension: 64, tokensKept: 256)
      model.attention = .latent(latent)
      model.experts = experts
      model.leadingDenseLayers = 1
      model.predictionLayers = 1
    }
    return model
  }
}

/// A layout of 32 GPUs on 4 nodes, 16 on each of 2 pipeline ranks.
struct Degrees: Sendable, CustomTestStringConvertible {
  var tensor = 1
  var context = 1
  var expert = 1
  var expertTensor = 1
  var zero = 1
  var isSequenceParallel = true
  var overlaps = ""

  var testDescription: String {
    "TP\(tensor) CP\(context) EP\(expert) ETP\(expertTensor) ZeRO-\(zero)"
      + (isSequenceParallel ? "" : " whole") + " " + overlaps
  }

  static let all: [Degrees] = [
    Degrees(tensor: 2, expert: 4), Degrees(tensor: 4, isSequenceParallel: false),
    Degrees(context: 2, expert: 8), Degrees(tensor: 2, context: 4, expert: 8, overlaps: "t"),
    Degrees(tensor: 2, expert: 2, expertTensor: 2), Degrees(expert: 4, zero: 0, overlaps: "g"),
    Degrees(expert: 4, zero: 2), Degrees(expert: 4, zero: 3),
    Degrees(tensor: 2, context: 2, expert: 4, zero: 3, overlaps: "tgp"),
    Degrees(expert: 8, expertTensor: 2, zero: 2, overlaps: "gp"),
    Degrees(tensor: 4, expert: 4, overlaps: "tgp"),
  ]

  /// The step of a family under this layout; a model without experts has no expert degrees.
  func step(
    _ family: Family, _ schedule: BuiltIn = .oneForwardOneBackward,
    change: (inout StepSimulation) -> Void = { _ in }
  ) throws -> StepSimulation {
    try tiny(schedule) { simulation in
      simulation.model = family.model
      simulation.cluster.node.gpus = 8
      simulation.cluster.node.nics = 8
      simulation.plan.pipeline = 2
      simulation.plan.tensor = tensor
      simulation.plan.context = context
      simulation.plan.data = 16 / tensor / context
      let hasExperts = simulation.model.experts != nil
      simulation.plan.expert = hasExperts ? expert : 1
      simulation.plan.expertTensor = hasExperts ? expertTensor : 1
      simulation.plan.zero = zero
      simulation.plan.sequenceParallel = isSequenceParallel
      simulation.plan.overlapsTensorExchange = overlaps.contains("t")
      simulation.plan.overlapsGradientReduction = overlaps.contains("g")
      simulation.plan.overlapsParameterGather = overlaps.contains("p")
      simulation.plan.globalBatch = 4 * simulation.plan.data
      change(&simulation)
    }
  }
}

/// Every kind of model runs under every layout, keeps the step's laws (which a run checks), and one
/// GPU stands for its rank as well as every GPU does.
@Suite struct LayoutMatrixTests {
  @Test(arguments: Family.allCases, Degrees.all)
  func everyFamilyRunsUnderEveryLayout(family: Family, degrees: Degrees) throws {
    if !degrees.isSequenceParallel, family.model.experts != nil { return }
    for schedule in [BuiltIn.oneForwardOneBackward, .dualPipe] {
      let folded = try degrees.step(family, schedule).run()
      let expanded = try degrees.step(family, schedule) { $0.expands = true }.run()
      #expect(folded.gpus.count == 2 && expanded.gpus.count == 32)
      #expect(abs(expanded.step.seconds / folded.step.seconds - 1) < 1e-9)
      for kind in [LinkKind.nvlinkOut, .nvlinkIn, .nicOut, .nicIn] {
        let bytes = folded.bytes(through: kind) * 16
        #expect(abs((expanded.bytes(through: kind) - bytes).value) <= 1e-9 * bytes.value)
      }
      #expect(folded.memory.map(\.peak) == expanded.memory.map(\.peak))
    }
  }

  /// Bytes that left a GPU in a traffic class.
  private func bytes(_ activity: Activity, _ result: StepResult) -> Double {
    let place = Activity.traffic.firstIndex(of: activity) ?? 0
    return result.links.filter { $0.rank == 0 && ($0.kind == .nvlinkOut || $0.kind == .nicOut) }
      .reduce(0) { $0 + $1.bytesByClass[place].value }
  }

  /// One rank of 8 GPUs, so that everything stays on NVLink and a ring moves (n - 1)/n.
  private func oneNode(
    _ degrees: Degrees, _ family: Family = .dense, change: (inout StepSimulation) -> Void = { _ in }
  ) throws -> StepResult {
    try degrees.step(family, .gpipe) {
      $0.plan.pipeline = 1
      $0.cluster.nodes = 1
      $0.plan.data = 8 / degrees.tensor / degrees.context
      $0.plan.globalBatch = 4 * $0.plan.data
      change(&$0)
    }.run()
  }

  /// Mixed-precision state of a weight: 2 bytes as products read it, here 4 of gradient, and 12 of
  /// master weight and moments; the ZeRO paper's 2 + 2 + K with K = 12, gradients in FP32. Its
  /// stages share out the 12, the 4 + 12 and all of it among N replicas.
  @Test func eachStageOfZeROHoldsWhatThePaperSays() throws {
    let parameters = Double(Family.dense.model.parameters)
    let stages: [(Int, Double)] = [
      (0, 2 + 4 + 12), (1, 2 + 4 + 12.0 / 8), (2, 2 + 16.0 / 8), (3, 18.0 / 8),
    ]
    for (zero, bytes) in stages {
      let memory = try oneNode(Degrees(zero: zero)).memory[0]
      let held = (memory.weights + memory.gradients + memory.optimizer).value
      #expect(abs(held / (parameters * bytes) - 1) < 1e-12, "ZeRO-\(zero)")
    }
  }

  /// Traffic of a GPU in a step of 4 micro-batches: one all-reduce of gradients without ZeRO; a
  /// reduce-scatter and a gather of weights under ZeRO-1; a reduce-scatter each micro-batch under
  /// ZeRO-2; under ZeRO-3 weights before each forward and backward, too.
  @Test func eachStageOfZeROMovesWhatItShould() throws {
    let parameters = Double(Family.dense.model.parameters)
    let ring = 7.0 / 8
    // Bytes a weight and replica that are reduced and gathered.
    let stages: [(Int, Double, Double)] = [(0, 8, 0), (1, 4, 2), (2, 16, 2), (3, 16, 16)]
    for overlaps in ["", "gp"] {
      for (zero, reduced, gathered) in stages {
        if zero == 0, overlaps.contains("p") { continue }
        let result = try oneNode(Degrees(zero: zero, overlaps: overlaps))
        let wanted = (parameters * reduced * ring, parameters * gathered * ring)
        #expect(abs(bytes(.gradientReduction, result) / wanted.0 - 1) < 1e-12, "ZeRO-\(zero)")
        #expect(
          abs(bytes(.parameterGather, result) - wanted.1) <= 1e-12 * max(wanted.1, 1),
          "ZeRO-\(zero)")
      }
    }
  }

  /// A tensor-parallel exchange is an all-reduce, or a reduce-scatter and an all-gather, of 2 bytes an
  /// element: 2 (n - 1)/n of it on a ring. Four a layer and one after the embedding, which has none in
  /// backward.
  @Test func tensorExchangesMoveAsMuchHoweverTheyRun() throws {
    let tensor = Double(2048 * 1024 * 2)
    let ring: Double = 2 * 3 / 4
    let wanted: Double = 21 * ring * tensor * 4
    for degrees in [
      Degrees(tensor: 4), Degrees(tensor: 4, isSequenceParallel: false),
      Degrees(tensor: 4, overlaps: "t"),
    ] {
      #expect(abs(bytes(.tensorExchange, try oneNode(degrees)) / wanted - 1) < 1e-12)
    }
  }

  /// Keys and values of all heads go round once in forward; in backward again, and their gradients
  /// back: 3 (c - 1)/c of them.
  @Test func contextExchangesMoveKeysAndValues() throws {
    let families: [(Family, Double)] = [(.dense, 2048), (.groupedQuery, 512), (.latent, 2560)]
    for (family, elements) in families {
      let keys: Double = 2048 * elements * 2
      let wanted: Double = 5 * 4 * 3 * 0.75 * keys
      let moved = bytes(.contextExchange, try oneNode(Degrees(context: 4), family))
      #expect(abs(moved / wanted - 1) < 1e-12)
    }
  }

  /// GPUs that share sequences do as much in all as if each had its own.
  @Test func contextSharesWorkOut() throws {
    let one = try oneNode(Degrees()) { $0.plan.globalBatch = 64 }
    let four = try oneNode(Degrees(context: 4)) { $0.plan.globalBatch = 16 }
    #expect(four.memory[0].activations.value < 0.3 * one.memory[0].activations.value)
    #expect(abs(four.memory[0].optimizer / one.memory[0].optimizer - 1) < 1e-12)
  }

  /// Without sequence parallelism every tensor rank does all of what lies between products.
  @Test func sequenceParallelismCutsWhatLiesBetweenProducts() throws {
    let with = try oneNode(Degrees(tensor: 4))
    let without = try oneNode(Degrees(tensor: 4, isSequenceParallel: false))
    #expect(without.step > with.step)
    #expect(without.memory[0].activations > with.memory[0].activations)
  }

  /// An expert cut among 2 GPUs takes half of the weights, and its rows travel between them.
  @Test func expertTensorParallelismCutsExperts() throws {
    let whole = try oneNode(Degrees(expert: 4), .mixture)
    let cut = try oneNode(Degrees(expert: 4, expertTensor: 2), .mixture)
    #expect(cut.memory[0].weights < whole.memory[0].weights)
    // 4 experts a token, 2 GPUs: each sends half of 2 x 4 rows a token and pass, dispatched and
    // combined, in 4 layers and 4 micro-batches, forward and backward.
    let moved = bytes(.tensorExchange, cut) - bytes(.tensorExchange, whole)
    let rows: Double = 2 * 4 * 2048
    let each: Double = rows * 1024 * 2 / 2
    #expect(abs(moved / (each * 4 * 4 * 4) - 1) < 1e-12)
  }

  /// What overlaps is beside compute, so steps are shorter, and moves the same bytes.
  @Test(arguments: [
    (Degrees(tensor: 4), "t", Activity.tensorExchange), (Degrees(zero: 0), "g", .gradientReduction),
    (Degrees(zero: 1), "p", .parameterGather), (Degrees(zero: 2), "g", .gradientReduction),
    (Degrees(zero: 3), "p", .parameterGather),
  ])
  func overlapHidesTraffic(degrees: Degrees, overlap: String, activity: Activity) throws {
    var overlapped = degrees
    overlapped.overlaps = overlap
    for schedule in [BuiltIn.oneForwardOneBackward, .zeroBubbleH1] {
      let open = try degrees.step(.dense, schedule).run()
      let hidden = try overlapped.step(.dense, schedule).run()
      #expect(hidden.step < open.step)
      #expect(
        hidden.ranks[0].exposedCommunication < open.ranks[0].exposedCommunication)
      #expect(abs(bytes(activity, hidden) / bytes(activity, open) - 1) < 1e-12)
      #expect(hidden.peakMemory == open.peakMemory)
    }
  }

  /// Uneven routing reaches GPUs that share sequences and experts: what their groups get is all that
  /// was sent, and those that share an expert's matrices do the same.
  @Test func unevenRoutingReachesCutExperts() throws {
    let degrees = Degrees(tensor: 2, context: 2, expert: 4, expertTensor: 2)
    let even = try degrees.step(.mixture).run()
    let uneven = try degrees.step(.mixture) { $0.plan.routing = .zipf(0.8) }.run()
    #expect(uneven.step > even.step && uneven.gpus.count == 32)
    for pair in 0..<16 {
      let (one, other) = (uneven.gpus[2 * pair], uneven.gpus[2 * pair + 1])
      #expect(one.computeBusy == other.computeBusy)
    }
    let busy = Set(uneven.gpus.prefix(16).map(\.computeBusy))
    #expect(busy.count > 1)
  }

  /// Every schedule runs with everything overlapped, whatever is shared out; gathers of the step
  /// before and reductions between copies wait for no one in a circle.
  @Test(arguments: BuiltIn.allCases, [0, 3])
  func everyScheduleOverlaps(schedule: BuiltIn, zero: Int) throws {
    let overlaps = zero == 0 ? "tg" : "tgp"
    let degrees = Degrees(tensor: 2, context: 2, expert: 4, zero: zero, overlaps: overlaps)
    let result = try degrees.step(.sparse, schedule) {
      $0.model.layers = 14
      $0.plan.pipeline = 4
      $0.plan.data = 2
      $0.plan.globalBatch = 8 * 2
    }.run()
    let background = result.spans.filter { $0.stream == .background }
    #expect(background.contains { $0.activity == .gradientReduction })
    #expect(background.contains { $0.activity == .parameterGather } == (zero > 0))
    // Updated weights are there before their first forward, gradients done before the optimizer.
    let update = try #require(result.spans.filter { $0.activity == .optimizer }.map(\.start).min())
    #expect(background.allSatisfy { $0.end <= update })
  }

  /// Full recompute repeats a layer's whole forward, whether or not its exchanges are cut.
  @Test(arguments: [Family.dense, .mixture])
  func overlapMovesNoFewerBytesUnderFullRecompute(family: Family) throws {
    func moved(_ overlaps: String) throws -> [Double] {
      let result = try Degrees(tensor: 4, expert: 4, overlaps: overlaps).step(family) {
        $0.plan.recompute = .full
      }.run()
      return [bytes(.tensorExchange, result), bytes(.combine, result)]
    }
    for (cut, whole) in zip(try moved("t"), try moved("")) {
      #expect(abs(cut - whole) <= 1e-9 * whole)
    }
  }
}
