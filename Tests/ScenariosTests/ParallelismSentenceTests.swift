import Scenarios
import Testing
import Training

/// What is said of wrong keys of `parallelism`, after the place.
@Suite struct ParallelismSentenceTests {
  /// Options, and the sentences about them.
  private static let cases: [([String], [String])] = [
    (
      ["parallelism.context=3"],
      [
        "parallelism.context=3: parallelism.pipeline is 16: pipeline x tensor x context is 16 x 1 x 3, "
          + "and must divide the cluster's 2048 GPUs; change a degree or the number of nodes",
        "parallelism.context=3: training.sequence_length is 4096: it must be a multiple of 2 x context, "
          + "2 x 3; use 4092 or 4098",
      ]
    ),
    (
      ["parallelism.context=2", "parallelism.data=128"],
      [
        "parallelism.context=2: parallelism.pipeline is 16: pipeline x tensor x context x data is "
          + "16 x 1 x 2 x 128, and must be the cluster's 2048 GPUs; change a degree, or leave data out "
          + "to have it worked out"
      ]
    ),
    (
      ["parallelism.context=2", "training.sequence_length=4098"],
      [
        "parallelism.context=2: training.sequence_length is 4098: it must be a multiple of "
          + "2 x context, 2 x 2; use 4096 or 4100"
      ]
    ),
    (
      ["parallelism.context=2", "parallelism.expert=48"],
      [
        "parallelism.expert=48: parallelism.expert is 48: it must divide the model's 256 routed "
          + "experts; use 32 or 64",
        "parallelism.expert=48: parallelism.expert is 48: it must divide tensor x context x data, 128; "
          + "use 32 or 64",
      ]
    ),
    (
      ["parallelism.expert_tensor=3"],
      [
        "parallelism.expert_tensor=3: parallelism.expert_tensor is 3: it must divide the 2048 columns "
          + "of an expert; use 2 or 4",
        "parallelism.expert_tensor=3: parallelism.expert_tensor is 3: it must divide tensor x context x "
          + "data over expert 64, 2; use 2",
      ]
    ),
    (
      ["parallelism.expert_tensor=4"],
      [
        "parallelism.expert_tensor=4: parallelism.expert_tensor is 4: it must divide tensor x context x "
          + "data over expert 64, 2; use 2"
      ]
    ),
    (
      ["parallelism.sequence_parallel=false"],
      [
        "parallelism.sequence_parallel=false: parallelism.sequence_parallel is false: without "
          + "parallelism.tensor above 1 it would do nothing; remove it or give parallelism.tensor above 1"
      ]
    ),
    (
      ["parallelism.tensor=2", "parallelism.sequence_parallel=false"],
      [
        "parallelism.sequence_parallel=false: parallelism.sequence_parallel is false: every tensor rank "
          + "would send all tokens to the experts of deepseek-v3; use true"
      ]
    ),
    (
      ["parallelism.sequence_parallel=1"],
      [
        "parallelism.sequence_parallel=1: parallelism.sequence_parallel is 1: it must be true or false; "
          + "write one of the two, without quotes"
      ]
    ),
    (
      ["parallelism.overlap=[gradients]"],
      [
        "parallelism.overlap=[gradients]: parallelism.overlap.1 is gradients: what may overlap is "
          + "gradient_reduction, parameter_gather, tensor_exchange; use one of them"
      ]
    ),
    (
      ["parallelism.overlap=[tensor_exchange, tensor_exchange]"],
      [
        "parallelism.overlap has tensor_exchange twice: each class has one place; remove one of them",
        "parallelism.overlap.1 is tensor_exchange: this plan has no such traffic, so it would do "
          + "nothing; remove it or give parallelism.tensor above 1",
        "parallelism.overlap.2 is tensor_exchange: this plan has no such traffic, so it would do "
          + "nothing; remove it or give parallelism.tensor above 1",
      ].map { "parallelism.overlap=[tensor_exchange, tensor_exchange]: \($0)" }
    ),
    (
      ["parallelism.overlap=[]"],
      [
        "parallelism.overlap=[]: parallelism.overlap is an empty list: it names what overlaps; add some "
          + "or remove the key"
      ]
    ),
    (
      ["parallelism.overlap=all"],
      [
        "parallelism.overlap=all: parallelism.overlap is all: it must be none, or a list of what "
          + "overlaps; write it like [gradient_reduction, parameter_gather]"
      ]
    ),
    (
      ["parallelism.zero=0", "parallelism.overlap=[parameter_gather]"],
      [
        "parallelism.overlap=[parameter_gather]: parallelism.overlap.1 is parameter_gather: this plan "
          + "has no such traffic, so it would do nothing; remove it or give parallelism.zero above 0"
      ]
    ),
    (
      ["parallelism.layout=Et*61|L"],
      [
        "parallelism.layout=Et*61|L: parallelism.layout is Et*61|L: it has 0 prediction layers m where "
          + "deepseek-v3 has 1; add 1"
      ]
    ),
    (
      ["parallelism.layout=Et*61|mL"],
      [
        "parallelism.layout=Et*61|mL: parallelism.layout is Et*61|mL: it has 2 stages where dualpipe has "
          + "16; write 15 bars between them, or another schedule"
      ]
    ),
    (
      ["parallelism.layout=Ex"],
      [
        "parallelism.layout=Ex: parallelism.layout is Ex: x at place 2 is no symbol out of E, t, m, L, "
          + "|, ( ) and *; remove it"
      ]
    ),
  ]

  @Test(arguments: cases)
  func wrongKeysAreSentences(options: [String], wanted: [String]) {
    #expect(sentences(base(), set: options) == wanted.map { "--set \($0)" })
  }

  /// A model without experts has none to cut, and tables of 65,536 in every degree do not trap.
  @Test func absurdDegreesAreSentences() {
    let plain = ["model=llama-3.1-8b", "parallelism={pipeline: 16, expert_tensor: 2}"]
    #expect(
      sentences(base(), set: plain) == [
        "--set parallelism={pipeline: 16, expert_tensor: 2}: parallelism.expert_tensor is 2: "
          + "llama-3.1-8b has no experts, so it would do nothing; remove the key"
      ])
    let most =
      "parallelism={pipeline: 65536, tensor: 65536, context: 65536, data: 65536, expert: 65536, "
      + "expert_tensor: 65536}"
    #expect(!sentences(base(), set: [most]).isEmpty)
  }

  /// Every schedule of a comparison has to have the layout's stages.
  @Test func layoutsAreForEverySchedule() {
    let text = "Et*4|(t*4|)*14,tmL"
    #expect(sentences(base(), set: ["parallelism.layout=\(text)"]).isEmpty)
    let found = sentences(
      base(), set: ["parallelism.layout=\(text)", "compare=[1f1b, zb-v, dualpipe]"])
    #expect(found.count == 1 && found[0].contains("16 stages where zb-v has 32"))
  }

  /// What is resolved is what `--set` takes.
  @Test func balancedIsTheDefaultLayout() throws {
    let written = try load(
      base(), set: ["parallelism.layout=balanced", "parallelism.overlap=none"])
    #expect(try written.plan == load(base()).plan)
  }

  /// What is resolved is what a plan has.
  @Test func keysReachThePlan() throws {
    let scenario = try load(
      base(),
      set: [
        "parallelism={pipeline: 16, tensor: 2, context: 2, expert: 16, expert_tensor: 2, zero: 3}",
        "parallelism.overlap=[parameter_gather, tensor_exchange]",
        "parallelism.layout=Et*4|(t*4|)*14,tmL",
      ])
    let plan = scenario.plan
    #expect(plan.context == 2 && plan.data == 32 && plan.expertTensor == 2 && plan.zero == 3)
    #expect(plan.overlapsParameterGather && plan.overlapsTensorExchange)
    #expect(!plan.overlapsGradientReduction && plan.sequenceParallel)
    #expect(plan.layout?.count == 16)
    let keys = scenario.resolved.filter { $0.path.hasPrefix("parallelism") }
      .map { "\($0.path.dropFirst("parallelism.".count)): \($0.value)" }
    #expect(
      keys == [
        "pipeline: 16", "tensor: 2", "context: 2", "data: 32", "expert: 16", "expert_nodes: 4",
        "expert_tensor: 2", "sequence_parallel: true", "zero: 3",
        "overlap: [parameter_gather, tensor_exchange]",
        "layout: Et*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|t*4|tmL",
      ])
  }
}
