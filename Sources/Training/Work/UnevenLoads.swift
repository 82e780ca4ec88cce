import Fabric
import Models
import Quantities

/// What uneven routing makes different from GPU to GPU, layer by layer.
///
/// A micro-batch's tokens are one draw of a layer's routing. A step takes `draws` of them in turn:
/// micro-batch m has draw m modulo `draws`.
struct UnevenLoads {
  /// Draws of each layer's routing.
  let draws: Int
  /// For each layer of experts and each draw: every member's expert rows over the balanced share.
  private(set) var loads: [[Double]] = []
  /// Durations of the members, row by row.
  private(set) var times: [Time] = []
  /// What each expert-parallel group exchanges: for each layer dispatch, cached dispatch and combine,
  /// draw by draw.
  private(set) var exchanged: [[ExpertExchange]] = []
  /// Entry of each layer, by its number in the model; -1 where it has no experts.
  private var entries: [Int32] = []

  /// Nothing uneven.
  static let none = UnevenLoads(draws: 1)

  private init(draws: Int) { self.draws = draws }

  /// Blocks that depend on a member's load, in the order of their rows.
  private static let blocks: [Block] = [
    .feedForwardForward, .feedForwardInput, .feedForwardWeight,
  ]
  private static let exchanges: [ExpertExchange.Kind] = [.dispatch, .cachedDispatch, .combine]

  /// A layer's entry; -1 where all GPUs have the same load.
  func load(ofLayer layer: Int) -> Int32 {
    entries.indices.contains(layer) ? entries[layer] : -1
  }

  /// The row of `times` of a block in a micro-batch; -1 where all members take the same time.
  func row(of block: Block, load: Int32, beside: Bool, microBatch: Int32) -> Int32 {
    guard load >= 0, let place = Self.blocks.firstIndex(of: block) else { return -1 }
    let draw = Int(load) * draws + self.draw(of: microBatch)
    return Int32((draw * 2 + (beside ? 1 : 0)) * Self.blocks.count + place)
  }

  /// What `Exchange.uneven` is for an exchange of a layer.
  func exchange(_ kind: ExpertExchange.Kind, load: Int32) -> Int32 {
    guard load >= 0, let place = Self.exchanges.firstIndex(of: kind) else { return -1 }
    return load * Int32(Self.exchanges.count) + Int32(place)
  }

  /// The entry of `exchanged` of an exchange in a micro-batch.
  func transfer(_ exchange: Int32, microBatch: Int32) -> Int {
    Int(exchange) * draws + draw(of: microBatch)
  }

  /// A member's expert rows over the balanced share; 1 where loads are even.
  func load(_ load: Int32, microBatch: Int32, member: Int) -> Double {
    guard load >= 0 else { return 1 }
    return loads[Int(load) * draws + draw(of: microBatch)][member]
  }

  /// The most rows of any member in any draw, over the balanced share.
  func most(_ load: Int32) -> Double {
    guard load >= 0 else { return 1 }
    return loads[Int(load) * draws..<(Int(load) + 1) * draws].reduce(0) { most, draw in
      max(most, draw.max() ?? 0)
    }
  }

  private func draw(of microBatch: Int32) -> Int { max(Int(microBatch), 0) % draws }
}

extension UnevenLoads {
  /// Loads of every layer of experts, with what they make of its blocks and exchanges.
  ///
  /// - Parameters:
  ///   - times: times of a layer's feed-forward blocks at a load, which are the same in every layer of
  ///     experts, with every multiprocessor and beside communication.
  init(
    _ routing: StepRouting, plan: Plan,
    times: (_ load: Double) -> (alone: BlockTimes, beside: BlockTimes)
  ) {
    self.init(draws: StepRouting.draws)
    for layer in routing.layers {
      while entries.count <= layer.index { entries.append(-1) }
      entries[layer.index] = Int32(loads.count / draws)
      for draw in layer.draws {
        let rows = Self.rows(of: draw, perToken: routing.perToken, plan)
        loads.append(rows)
        let members = rows.map(times)
        for block in Self.blocks { self.times += members.map { $0.alone[block] } }
        for block in Self.blocks { self.times += members.map { $0.beside[block] } }
      }
      for kind in Self.exchanges {
        for draw in layer.draws {
          exchanged.append(
            draw.map { loads in
              ExpertExchange(
                kind, loads, tokens: routing.tokens,
                rowBytes: kind == .combine
                  ? routing.rowBytes.combine : routing.rowBytes.dispatch)
            })
        }
      }
    }
  }

  /// Rows of each member over the balanced share. GPUs that share an expert's matrices work on the
  /// rows of all of them.
  private static func rows(
    of groups: [RoutingLoads], perToken: Double, _ plan: Plan
  ) -> [Double] {
    let (sharers, group) = (plan.expertTensor, plan.expertGroup)
    return (0..<plan.gpusPerRank).map { member in
      let first = group.index(of: member) / sharers * sharers
      let place = member % group.span / group.stride
      let sum = (first..<first + sharers).reduce(0) { $0 + groups[$1].rankRows[place] }
      return sum / Double(sharers) * Double(plan.expert) / perToken
    }
  }
}
