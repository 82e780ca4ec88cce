/// Lists of ranks while passes are put into them by slot, in any order.
///
/// A slot of a rank holds at most one pass; slots only give the order, and have no length.
struct SlotLists {
  private let rankOfStage: [Int]
  private var entries: [[(slot: Int, pass: Pass)]]

  /// Empty lists with room for `perRank` passes each.
  init(ranks: Int, rankOfStage: [Int], perRank: Int) {
    self.rankOfStage = rankOfStage
    entries = Array(repeating: [], count: ranks)
    for rank in entries.indices { entries[rank].reserveCapacity(perRank) }
  }

  /// Puts `pass` into a slot of the rank that holds its stage.
  mutating func add(_ pass: Pass, slot: Int) {
    entries[rankOfStage[Int(pass.stage)]].append((slot, pass))
  }

  /// The list of each rank, ordered by slot.
  var actions: [[Action]] {
    entries.map { list in list.sorted { $0.slot < $1.slot }.map { .single($0.pass) } }
  }
}
