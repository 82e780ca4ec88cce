import Fabric
import Hardware
import Models
import Quantities

extension StepSimulation {
  /// What the step rests on that is neither measured nor stated, a sentence each.
  public var assumptions: [String] {
    var sentences = layoutAssumptions
    sentences += [
      "\(Self.reservedMemory.value.value / 1e9) GB of each GPU's memory are taken by "
        + "\(Self.reservedMemory.source)."
    ]
    if rates.provenance.status == .assumed {
      sentences.append(
        "Kernels reach the \(rates.provenance.value) (\(rates.provenance.source)).")
    }
    if plan.format != .fp8 {
      sentences.append(
        "Products in \(plan.format.rawValue) reach the share of peak that FP8 products were "
          + "measured at.")
    }
    if model.experts != nil, plan.expert > 1 {
      let notify = ExchangeRates.notifyLatency
      sentences.append(
        "Ranks take \(notify.value.seconds * 1e6) us to exchange counts before a dispatch with a "
          + "new layout; \(notify.source).")
    }
    if plan.routing != .balanced, gate != nil {
      sentences.append(
        popularityOfExperts + " micro-batches take \(StepRouting.draws) draws of tokens in turn.")
      sentences.append(
        "Tokens of a dispatch or combine are sent in the order they stand in, so it ends for the "
          + "whole expert-parallel group when the busiest port is done.")
    }
    if gate != nil, !fillsNodes(plan.expertGroup.span) || !fillsNodes(plan.gpusPerRank) {
      sentences.append(
        "Expert-parallel groups do not fill whole nodes evenly: tokens are taken to spread as if "
          + "each of a group's nodes held as many of its GPUs.")
    }
    if plan.redundantExperts > 0 {
      sentences.append(
        "Copies of an expert share its tokens evenly; exchanging their gradients takes no time.")
    }
    if plan.format == .fp8 {
      sentences.append("Weights are kept for products in one byte each, and in FP32 for updates.")
    }
    return sentences
  }

  /// What the cut into stages and the degrees rest on.
  private var layoutAssumptions: [String] {
    var sentences: [String] = []
    if plan.layout == nil, plan.pipeline > 1 {
      sentences.append(
        "Layers are cut into stages so that the costliest stage, or rank where it runs pairs of two "
          + "stages, costs least; published layouts may differ.")
    }
    if plan.context > 1 {
      sentences.append(
        "Keys and values go round the GPUs that share a sequence beside the core of attention, "
          + "latent ones once they are projected; each GPU has two pieces of a sequence, so that all have as "
          + "much of the causal square.")
    }
    if plan.zero >= 2 {
      sentences.append(
        "ZeRO-\(plan.zero) reduces gradients to their shards in every micro-batch, layer by layer "
          + "and in FP32"
          + (plan.zero == 3 ? ", and gathers weights before each forward and backward" : "")
          + "; what one layer holds whole meanwhile is not counted as memory.")
    }
    if plan.expertTensor > 1, plan.routing != .balanced {
      sentences.append(
        "Rows travel among GPUs that share an expert's matrices as if routing were balanced.")
    }
    if plan.overlapsGradientReduction || plan.overlapsParameterGather {
      sentences.append(
        "Reductions and gathers beside passes take no multiprocessors from the kernels next to them."
      )
    }
    return sentences
  }

  /// Where the popularity of experts comes from.
  private var popularityOfExperts: String {
    guard case .counts(let counts) = plan.routing else {
      return "Popularity of experts (\(plan.routing.text)) is drawn once for each layer;"
    }
    return "Experts get the shares of tokens counted in \(counts.source), a layer without counts "
      + "those of the nearest counted layer below it, or of the first;"
  }
}
