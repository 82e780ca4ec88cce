import Economics
import Quantities

extension RunAccount {
  /// Where the GPU-hours go; the parts sum to all of them.
  func parts(_ works: [StageWork], _ terms: CostTerms) -> [CostPart] {
    var hours = [Double](repeating: 0, count: CostPart.Kind.allCases.count)
    func add(_ kind: CostPart.Kind, _ amount: Double) {
      hours[CostPart.Kind.allCases.firstIndex(of: kind) ?? 0] += amount
    }
    for (number, work) in works.enumerated() {
      let clock = clocks[number].sample
      let perSecond = Double(work.gpus) / 3600
      guard work.stage.isSimulated else {
        add(.stated, clock.wall * perSecond)
        continue
      }
      let operations = (work.operations(terms.middles) ?? 0) / work.peak.value / 3600
      add(.operations, operations)
      add(.belowPeak, clock.productive * perSecond - operations)
      add(.checkpoints, clock.checkpoints * perSecond)
      add(.lostWork, clock.lostWork * perSecond)
      add(.detection, clock.detection * perSecond)
      add(.restarts, clock.restarts * perSecond)
      add(.waiting, clock.waiting * perSecond)
      add(.slowNodes, clock.slowdown * perSecond)
    }
    add(.researchOverhead, overheadHours)
    return zip(CostPart.Kind.allCases, hours).map { CostPart(kind: $0, gpuHours: $1) }
  }

  /// Months of use after which owning is cheaper than renting.
  func breakEvenMonths(_ terms: CostTerms) -> Double? {
    guard let ownership, let rent = terms.rent else { return nil }
    return ownership.breakEvenMonths(rent: Dollars(terms.middles[rent]))
  }
}
