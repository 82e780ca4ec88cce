import Fabric
import Hardware
import Kernels
import Models
import Quantities

extension StepSimulation {
  /// What the step rests on that is neither measured nor stated, a sentence each.
  public var assumptions: [String] {
    var sentences = layoutAssumptions
    sentences += memoryAssumptions
    if rates.provenance.status == .assumed {
      sentences.append(
        "Kernels reach the \(rates.provenance.value) (\(rates.provenance.source)).")
    }
    if let outside = kernelsOutside { sentences.append(outside) }
    if let tiled = rates.tiled {
      sentences.append(
        "Products take whole rounds of tiles at the rate of one large one "
          + "(\(tiled.computeShare.source)).")
    } else if !rates.matrices.contains(where: { $0.kind == .dense && $0.format == plan.format }) {
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
    if plan.jitter > 0 {
      sentences.append(
        "Durations of kernel blocks scatter by \(plan.jitter) of their means, each GPU's on its own "
          + "and each block's on its own, lognormally; how far they do on a given cluster has to be "
          + "measured there.")
    }
    if model.experts != nil, plan.expert > 1 {
      let kinds: [(ExpertExchange.Kind, String)] = [
        (.dispatch, "dispatch"), (.cachedDispatch, "dispatch with a known layout"),
        (.combine, "combine"),
      ]
      let slowdowns = kinds.map { "\($1) \(ExchangeRates.overlapSlowdown($0).value)" }
      sentences.append(
        "Beside compute exchanges take longer, whatever the GPU, the network and the number of ranks: "
          + slowdowns.joined(separator: ", ")
          + " times as long, measured on H800 at 64 ranks over 8 nodes.")
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

  /// Which classes of kernels the step runs at shapes that none of the measured ones is near.
  private var kernelsOutside: String? {
    let shape = LayerShape(plan)
    var kernels = model.headKernels(shape: shape).all
    for hasExperts in [true, false] where hasExperts ? model.experts != nil : model.denseLayers > 0
    {
      kernels += model.kernels(hasExperts: hasExperts, shape: shape).all
    }
    let outside = rates.fits.filter { fit in
      kernels.contains { $0.work.kernelClass == fit.kernelClass && fit.isOutside($0.work) }
    }
    guard !outside.isEmpty else { return nil }
    let classes = outside.map { fit in
      "\(fit.kernelClass)" + (fit.range.map { " (measured \($0))" } ?? "")
    }
    return
      "Some kernels are more than twice as large as the largest measured one of their class, or "
      + "less than half of the smallest: \(classes.joined(separator: "; "))."
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

extension StepSimulation {
  /// What the memory of a GPU rests on that cannot be derived from sizes.
  private var memoryAssumptions: [String] {
    let share = Self.fragmentation
    var sentences = [
      "\(Self.reservedMemory.value.value / 1e9) GB of each GPU's memory are taken by "
        + "\(Self.reservedMemory.source).",
      "\((share.value * 1000).rounded() / 10) % of activations and working memory are lost to "
        + "fragmentation: \(share.source).",
    ]
    if gate != nil {
      sentences.append(
        "Buffers of dispatch and combine hold \(Int(Self.expertBufferTokens.value)) tokens a channel "
          + "and GPU of a node, \(Int(Self.expertBufferNodeTokens.value)) a channel and node each "
          + "way: \(Self.expertBufferTokens.source).")
    }
    return sentences
  }
}
