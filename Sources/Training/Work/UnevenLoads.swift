import Fabric
import Quantities

/// What uneven routing makes different from GPU to GPU, layer by layer.
///
/// The tokens of a micro-batch are one draw of a layer's routing. A step takes `draws` of them in
/// turn: micro-batch m has draw m modulo `draws`.
struct UnevenLoads {
  /// Draws of each layer's routing.
  private(set) var draws = 1
  /// GPUs of a rank.
  private(set) var members = 1
  /// For each layer with a load of its own and each draw: every member's expert rows over the
  /// balanced share.
  private(set) var loads: [[Double]] = []
  /// Durations of the members, row by row.
  private(set) var times: [Time] = []
  /// What the members exchange.
  private(set) var transfers: [UnevenTransfer] = []

  /// Nothing uneven.
  static let none = UnevenLoads()

  /// Blocks that depend on a member's load, in the order of their rows.
  private static let blocks: [Block] = [
    .feedForwardForward, .feedForwardInput, .feedForwardWeight,
  ]

  /// The row of `times` of a block in a micro-batch; -1 where all members take the same time.
  func row(of block: Block, load: Int32, beside: Bool, microBatch: Int32) -> Int32 {
    guard load >= 0, let place = Self.blocks.firstIndex(of: block) else { return -1 }
    let draw = Int(load) * draws + self.draw(of: microBatch)
    return Int32((draw * 2 + (beside ? 1 : 0)) * Self.blocks.count + place)
  }

  /// The entry of `transfers` of an exchange in a micro-batch.
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

/// A dispatch or a combine in which every GPU of a rank moves its own number of bytes.
struct UnevenTransfer {
  /// Time before the first byte moves.
  var latency: Time
  /// Bytes through each port of each member, `Port.allCases.count` a member.
  var bytes: [Double]
}
