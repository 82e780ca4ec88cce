/// After a change of one stretch: the times of what stands around it, as far as they change.
extension RunningOrder {
  /// Links the passes of a rank in the order of the stretch laid out for `first ... last`.
  func relink(_ first: Int, _ last: Int, _ changed: Int32) {
    var place = first
    while place <= last, rank[line[place]] != changed { place += 1 }
    if place > last { return }
    var previous = before[line[place]]
    var load = held[line[place]]
    var end = last
    while rank[line[end]] != changed { end -= 1 }
    let next = after[line[end]]
    for index in 0..<stretchCount {
      let pass = stretch[index]
      guard rank[pass] == changed else { continue }
      before[pass] = previous
      if previous >= 0 { after[previous] = pass }
      held[pass] = load
      let pair = partner[pass]
      load += growth[pass] + (pair == none ? 0 : grid.growthOfWhole(pair))
      previous = pass
    }
    after[previous] = next
    if next >= 0 { before[next] = previous } else { lastOn[changed] = previous }
  }

  /// Times what stands after the stretch from its start, and what stands before it from its end.
  mutating func settle(_ first: Int, _ last: Int) {
    var furthest = last
    for place in first...last { markFollowers(line[place], &furthest, beyond: last) }
    var place = last + 1
    while place <= furthest {
      let pass = line[place]
      if isStale[pass] {
        isStale[pass] = false
        let pair = partner[pass]
        let previous = before[pass]
        let free = previous >= 0 ? finish[previous] : 0
        start[pass] = max(free, arrival(pass), arrival(pair))
        let end = start[pass] + duration[pass]
        if end != finish[pass] {
          finish[pass] = end
          if pair != none { finish[pair] = end }
          markFollowers(pass, &furthest, beyond: place)
        }
      }
      place += 1
    }
    settleBack(first, last)
    makespan = 0
    for rank in 0..<lastOn.count where lastOn[rank] >= 0 {
      makespan = max(makespan, finish[lastOn[rank]])
    }
  }

  private func settleBack(_ first: Int, _ last: Int) {
    var furthest = first
    for place in first...last { markNeeded(line[place], &furthest, before: first) }
    var place = first - 1
    while place >= furthest {
      let pass = line[place]
      if isStale[pass] {
        isStale[pass] = false
        let pair = partner[pass]
        let next = after[pass]
        let end =
          duration[pass] + max(next >= 0 ? remaining[next] : 0, onward(pass), onward(pair))
        if end != remaining[pass] {
          remaining[pass] = end
          if pair != none { remaining[pair] = end }
          markNeeded(pass, &furthest, before: place)
        }
      }
      place -= 1
    }
  }

  /// Marks what waits for a pass, of what stands after `place`.
  @inline(__always)
  private func markFollowers(_ pass: Int32, _ furthest: inout Int, beyond place: Int) {
    func mark(_ other: Int32) {
      let at = Int(position[other])
      guard at > place else { return }
      isStale[other] = true
      furthest = max(furthest, at)
    }
    if after[pass] >= 0 { mark(after[pass]) }
    mark(owner(successor[pass]))
    let pair = partner[pass]
    if pair != none { mark(owner(successor[pair])) }
  }

  /// Marks what a pass waits for, of what stands before `place`.
  @inline(__always)
  private func markNeeded(_ pass: Int32, _ furthest: inout Int, before place: Int) {
    func mark(_ other: Int32) {
      // The empty cells have no place of their own.
      let at = Int(position[other])
      guard at < place, line[at] == other else { return }
      isStale[other] = true
      furthest = min(furthest, at)
    }
    if before[pass] >= 0 { mark(before[pass]) }
    mark(owner(input[pass]))
    let pair = partner[pass]
    if pair != none { mark(owner(input[pair])) }
  }

  /// The pass that stands in the line for a pass.
  @inline(__always) func owner(_ pass: Int32) -> Int32 {
    grid.isInputBackward(pass) && partner[pass] != none ? partner[pass] : pass
  }
}
