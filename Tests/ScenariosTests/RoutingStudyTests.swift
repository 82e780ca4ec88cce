import Fabric
import Scenarios
import Testing

/// What the routing verb is asked, and what it finds.
@Suite struct RoutingStudyTests {
  private func sentences(_ change: (inout RoutingRequest) -> Void) -> [String] {
    var request = RoutingRequest(model: "deepseek-v3")
    change(&request)
    do {
      _ = try RoutingStudy(request)
      return []
    } catch {
      return error.description.split(separator: "\n").map(String.init)
    }
  }

  /// Mixtral: 8 experts of which a token visits 2; a rank each, so ranks a token are 2.
  @Test func mixtralOnEightGPUs() throws {
    var request = RoutingRequest(model: "mixtral-8x7b")
    request.distribution = "hot-expert(4)"
    request.balanceSteps = 2
    let study = try RoutingStudy(request)
    #expect(study.gate.ranks == 8 && study.gate.nodes == 1 && study.layer == 0)
    #expect(abs(study.loads.ranksPerToken - 2) < 1e-9)
    #expect(study.loads.imbalance > 1.5)
    #expect(study.tokens == 8 * 4096)
    #expect(study.balancing?.imbalance.count == 3)
    #expect(study.placement.slots.count == 8)
  }

  @Test func redundantExpertsLevelTheLoads() throws {
    var request = RoutingRequest(model: "mixtral-8x7b")
    request.distribution = "hot-expert(4)"
    request.redundantExperts = 8
    let study = try RoutingStudy(request)
    #expect(study.placedLoads.imbalance < study.loads.imbalance)
    #expect(study.placement.slots.count == 16)
  }

  @Test func aNodeLimitMakesNodesTheGroups() throws {
    var request = RoutingRequest(model: "deepseek-v3")
    request.nodeLimit = 2
    let study = try RoutingStudy(request)
    #expect(study.gate.groups == 8 && study.gate.groupsPerToken == 2)
    #expect(study.loads.nodesPerToken <= 2)
  }

  /// 8 (1 - C(224, 8) / C(256, 8)) nodes without a limit, whichever number of nodes says so.
  @Test(arguments: [8, 9, 65536])
  func aWideLimitTakesTheModelsAway(limit: Int) throws {
    var request = RoutingRequest(model: "deepseek-v3")
    request.nodeLimit = limit
    let study = try RoutingStudy(request)
    #expect(study.gate.groups == 8 && study.gate.groupsPerToken == 8)
    let miss = (0..<8).reduce(1.0) { $0 * Double(224 - $1) / Double(256 - $1) }
    #expect(abs(study.loads.nodesPerToken - 8 * (1 - miss)) < 0.03)
  }

  /// The floor of the balancing is a mean over draws, so seeds agree on it.
  @Test func theBalancingsFloorIsKnown() throws {
    let floors = try [1, 2].map { seed in
      var request = RoutingRequest(model: "mixtral-8x7b")
      request.seed = seed
      return try RoutingStudy(request).sampledImbalance
    }
    #expect(floors[0] > 1.01 && abs(floors[0] - floors[1]) < 0.005)
  }

  /// What is wrong whatever the model is a misuse, what the model makes wrong is none.
  @Test func misuseIsToldApart() {
    func misuse(_ change: (inout RoutingRequest) -> Void) -> String? {
      var request = RoutingRequest(model: "llama-3.1-8b")
      change(&request)
      return request.misuse
    }
    #expect(misuse { $0.gpus = 48 } == nil)
    #expect(misuse { $0.distribution = "no.csv" } == nil)
    #expect(misuse { $0.gpus = 0 } == "--gpus is 0: it must be from 1 to 65536; use 1")
    #expect(misuse { $0.layer = -1 }?.hasPrefix("--layer is -1: ") == true)
    #expect(misuse { $0.redundantExperts = -1 }?.hasPrefix("--redundant-experts is -1: ") == true)
    let both = misuse {
      $0.tokens = 0
      $0.distribution = "zip(2)"
    }
    #expect(both?.split(separator: "\n").count == 2)
  }

  @Test func mistakesHaveSentences() {
    #expect(
      sentences { $0.model = "llama-3.1-8b" } == [
        "model is llama-3.1-8b: it has no experts, so there is nothing to route; name one that has, "
          + "such as deepseek-v3"
      ])
    #expect(
      sentences { $0.gpus = 48 } == [
        "--gpus is 48: it must divide the model's 256 routed experts; use 32 or 64"
      ])
    #expect(
      sentences {
        $0.model = "deepseek-v2"
        $0.gpus = 20
      } == ["--gpus is 20: it must be a multiple of the 8 GPUs of a node; use 16 or 32"])
    #expect(
      sentences {
        $0.gpus = 0
        $0.layer = 2
        $0.tokens = 0
        $0.nodeLimit = -1
        $0.balanceSteps = 10_001
        $0.seed = -1
        $0.distribution = "zip(2)"
      } == [
        "--distribution is zip(2): the distributions are balanced, uniform, zipf(1.2), "
          + "dirichlet(0.5), hot-expert(8), hot-rank(2), or the path of a counts file that ends in "
          + ".csv; did you mean zipf(1.2)?",
        "--gpus is 0: it must be from 1 to 65536; use 1",
        "--node-limit is -1: it must be from 1 to 65536; use 1",
        "--tokens is 0: it must be from 1 to 1000000000; use 1",
        "--balance-steps is 10001: it must be from 0 to 10000; use 10000",
        "--seed is -1: it must be from 0 to 1000000000000000; use 0",
        "--layer is 2: the layers with experts are 3 to 60; use one of them",
      ])
    #expect(
      sentences { $0.redundantExperts = 10 } == [
        "--redundant-experts is 10: it must be a multiple of the 64 GPUs of an expert-parallel "
          + "group; use 64"
      ])
    #expect(
      sentences {
        $0.gpus = 256
        $0.nodeLimit = 1
      } == [])
    #expect(
      sentences { $0.redundantExperts = .max } == [
        "--redundant-experts is 9223372036854775807: it must be from 0 to 16128; use 16128"
      ])
  }
}
