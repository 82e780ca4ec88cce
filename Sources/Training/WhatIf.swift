import Fabric
import Hardware
public import Quantities

/// What a step would take if one thing were different.
public struct WhatIf: Sendable, Equatable {
  /// What is different, such as `NIC bandwidth +10 %`.
  public var change: String
  /// The step with the change.
  public var step: Time
  /// How much longer the step gets, over what it was; below zero where it gets shorter.
  public var effect: Double
}

extension StepSimulation {
  /// Simulates a finished step again with one thing different at a time, and lists what changed
  /// most first.
  ///
  /// The list of the schedule, the cut of the model into stages and what is random stay as they were
  /// in `result`, so that the change alone tells; a schedule that was searched is not searched again.
  ///
  /// - Parameter progress: Told the number of steps simulated so far, and of all.
  /// - Throws: `StepError` when a changed step cannot run or breaks a law.
  public func whatIf(
    _ result: StepResult, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(StepError) -> [WhatIf] {
    let variants = variants
    var found: [WhatIf] = []
    for (index, variant) in variants.enumerated() {
      progress(index, variants.count)
      var changed = self
      changed.routing = result.routing
      variant.apply(&changed)
      let step = try changed.run(
        result.schedule, Workload(changed), placement: result.placement
      ).step
      found.append(
        WhatIf(
          change: variant.name, step: step,
          effect: (step - result.step).seconds / result.step.seconds))
    }
    progress(variants.count, variants.count)
    return found.enumerated().sorted {
      ($1.element.effect.magnitude, $0.offset) < ($0.element.effect.magnitude, $1.offset)
    }.map(\.element)
  }

  /// One thing to make different.
  private struct Variant {
    var name: String
    var apply: (inout StepSimulation) -> Void

    init(_ name: String, _ apply: @escaping (inout StepSimulation) -> Void) {
      self.name = name
      self.apply = apply
    }
  }

  /// What can be different in this step.
  private var variants: [Variant] { networkVariants + kernelVariants + unevenVariants }

  private var networkVariants: [Variant] {
    var variants: [Variant] = []
    if cluster.links != nil {
      variants.append(
        Variant("bandwidth of every listed link +10 %") { simulation in
          for index in simulation.cluster.links?.links.indices ?? 0..<0 {
            simulation.cluster.links?.links[index].rate.value *= 1.1
          }
        })
    } else {
      if cluster.nodes > 1 {
        variants.append(Variant("NIC bandwidth +10 %") { $0.cluster.node.nic.speedUp(1.1) })
      }
      if cluster.node.gpus > 1 {
        variants.append(Variant("NVLink bandwidth +10 %") { $0.cluster.node.nvlink.speedUp(1.1) })
      }
    }
    if plan.gpus > 1 {
      variants.append(Variant("latency of transfers -10 %") { $0.latencyShare = 0.9 })
    }
    if plan.expert > 1 || plan.tensor > 1 {
      let (now, all) = (
        plan.communicationMultiprocessors, cluster.node.gpu.multiprocessors.value
      )
      for change in [-4, 4] where now + change >= 1 && now + change < all {
        variants.append(
          Variant("communication multiprocessors \(now) -> \(now + change)") {
            $0.plan.communicationMultiprocessors += change
          })
      }
    }
    return variants
  }

  private var kernelVariants: [Variant] {
    [
      Variant("matrix peak +10 %, attention's too") {
        $0.cluster.node.gpu.bf16Peak.value.value *= 1.1
        $0.cluster.node.gpu.fp8Peak?.value.value *= 1.1
      },
      Variant("attention kernels 10 % faster") { $0.speeds.attention = 1.1 },
      Variant("memory bandwidth +10 %") {
        $0.cluster.node.gpu.memoryBandwidth.value.value *= 1.1
      },
      Variant("launches and gaps 10 % faster") { $0.speeds.launch = 1.1 },
    ]
  }

  private var unevenVariants: [Variant] {
    var variants: [Variant] = []
    if routing != nil || plan.routing != .balanced && gate != nil {
      variants.append(
        Variant("balanced routing") {
          $0.plan.routing = .balanced
          $0.routing = nil
        })
    }
    if plan.jitter > 0 { variants.append(Variant("no jitter") { $0.plan.jitter = 0 }) }
    if !cluster.faults.isEmpty {
      variants.append(Variant("no faults in the cluster") { $0.cluster.faults = [] })
    }
    if cluster.links == nil, cluster.oversubscription > 1 {
      variants.append(Variant("full bisection") { $0.cluster.oversubscription = 1 })
    }
    return variants
  }
}

extension LinkRate {
  /// Raises both rates.
  fileprivate mutating func speedUp(_ factor: Double) {
    peak.value.value *= factor
    achieved.value.value *= factor
  }
}
