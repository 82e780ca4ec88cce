/// What a schedule asks of its ranks and micro-batches, checked before any list is built.
struct Demands {
  /// Most ranks for which the lists are built in seconds.
  var mostRanks = Demands.mostStages
  /// Ranks come in this multiple.
  var ranksMultiple = 1
  /// Micro-batches come in this multiple.
  var microBatchesMultiple = 1
  /// Fewest micro-batches for a number of ranks; must not fall as ranks grow.
  var fewestMicroBatches: (_ ranks: Int) -> Int = { _ in 1 }

  /// Above this a pipeline is a typing mistake rather than a cluster.
  static let mostStages = 65_536
  /// Above this (2^24) the lists alone take gigabytes.
  static let mostPasses = 16_777_216
}

extension BuiltIn {
  /// Refuses options that the schedule does not take or cannot have.
  func check(options request: ScheduleRequest) throws(ScheduleError) {
    if let stagesPerRank = request.stagesPerRank { try check(stagesPerRank: stagesPerRank) }
    if request.groupSize != nil, !facts.choosesGroupSize {
      throw .optionNotTaken(self, .groupSize)
    }
    if request.memoryLimit != nil, !facts.isSearched {
      throw .optionNotTaken(self, .memoryLimit)
    }
    if request.pairs != nil, !facts.hasPairs { throw .optionNotTaken(self, .pairs) }
  }

  /// Refuses a number of stages per rank that the schedule cannot have.
  func check(stagesPerRank: Int) throws(ScheduleError) {
    let multiple = facts.stagesPerRankMultiple
    let allowed =
      facts.choosesStagesPerRank
      ? multiple...(Demands.mostStages / multiple * multiple)
      : facts.stagesPerRank...facts.stagesPerRank
    guard allowed.contains(stagesPerRank), stagesPerRank.isMultiple(of: multiple) else {
      throw .stagesPerRank(
        self, stagesPerRank: stagesPerRank, allowed: allowed, multiple: multiple)
    }
  }

  /// Refuses what `demands` rules out, naming the nearest values that would do.
  ///
  /// The limits come before the multiples and are multiples themselves, so the multiples next to a
  /// value that passed them are allowed, and nothing overflows.
  func check(
    ranks: Int, microBatches: Int, stagesPerRank: Int? = nil, _ demands: Demands
  ) throws(ScheduleError) {
    let stagesPerRank = stagesPerRank ?? facts.stagesPerRank
    try check(stagesPerRank: stagesPerRank)
    guard ranks >= demands.ranksMultiple else {
      throw .tooFewRanks(self, ranks: ranks, atLeast: demands.ranksMultiple)
    }
    let mostRanks = mostRanks(stagesPerRank: stagesPerRank, demands)
    guard ranks <= mostRanks else {
      throw .tooManyRanks(self, ranks: ranks, stagesPerRank: stagesPerRank, atMost: mostRanks)
    }
    guard ranks.isMultiple(of: demands.ranksMultiple) else {
      let below = ranks / demands.ranksMultiple * demands.ranksMultiple
      throw .ranksNotMultiple(
        self, ranks: ranks, of: demands.ranksMultiple,
        nearest: [below, below + demands.ranksMultiple])
    }
    let fewest = fewestMicroBatches(ranks: ranks, demands)
    guard microBatches >= fewest else {
      throw .tooFewMicroBatches(self, microBatches: microBatches, ranks: ranks, atLeast: fewest)
    }
    let most = mostMicroBatches(ranks: ranks, stagesPerRank: stagesPerRank, demands)
    guard microBatches <= most else {
      throw .tooManyMicroBatches(self, microBatches: microBatches, ranks: ranks, atMost: most)
    }
    let multiple = demands.microBatchesMultiple
    guard microBatches.isMultiple(of: multiple) else {
      let below = microBatches / multiple * multiple
      throw .microBatchesNotMultiple(
        self, microBatches: microBatches, of: multiple, nearest: [below, below + multiple])
    }
  }

  /// Fewest micro-batches that are a multiple and enough for `ranks`.
  private func fewestMicroBatches(ranks: Int, _ demands: Demands) -> Int {
    let multiple = demands.microBatchesMultiple
    return (demands.fewestMicroBatches(ranks) + multiple - 1) / multiple * multiple
  }

  /// Most micro-batches whose passes can still be simulated.
  private func mostMicroBatches(ranks: Int, stagesPerRank: Int, _ demands: Demands) -> Int {
    let stagesTravelled = ranks * stagesPerRank / facts.parameterCopies
    let passes = stagesTravelled * (facts.splitsBackward ? 3 : 2)
    return Demands.mostPasses / passes / demands.microBatchesMultiple
      * demands.microBatchesMultiple
  }

  /// Most ranks that keep the stages within their limit and leave room for the fewest
  /// micro-batches; found by halving, as more ranks only ever need more passes.
  private func mostRanks(stagesPerRank: Int, _ demands: Demands) -> Int {
    var fits = 1
    var tooMany =
      min(Demands.mostStages / stagesPerRank, demands.mostRanks) / demands.ranksMultiple + 1
    while tooMany - fits > 1 {
      let middle = (fits + tooMany) / 2
      let ranks = middle * demands.ranksMultiple
      let least = fewestMicroBatches(ranks: ranks, demands)
      if least <= mostMicroBatches(ranks: ranks, stagesPerRank: stagesPerRank, demands) {
        fits = middle
      } else {
        tooMany = middle
      }
    }
    return fits * demands.ranksMultiple
  }
}
