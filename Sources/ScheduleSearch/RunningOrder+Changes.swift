/// Changes of an order: each lays out a new stretch of the line, and `tryStretch` judges it.
extension RunningOrder {
  /// What became of a change.
  enum Verdict {
    /// It would deadlock, or stands there already.
    case impossible
    /// A rank would hold too much, or the step would be longer than allowed.
    case refused
    /// It was made.
    case made
  }

  // MARK: Moving

  /// Moves a pass before up to `distance` passes that its rank runs earlier.
  mutating func moveEarlier(_ pass: Int32, _ distance: Int, allowed: Double) -> Verdict {
    var target = pass
    for _ in 0..<distance {
      let previous = before[target]
      if previous < 0 || needsOnRank(pass, previous) { break }
      target = previous
    }
    if target == pass { return .impossible }
    let (first, last) = (Int(position[target]), Int(position[pass]))
    beginMarks()
    stretchCount = 0
    var late = 0
    markDelayed(target)
    delayed[late] = target
    late += 1
    let rank = self.rank[pass]
    for place in first + 1..<last {
      let other = line[place]
      if self.rank[other] == rank || dependsOnMarked(other) {
        markDelayed(other)
        delayed[late] = other
        late += 1
      } else {
        stretch[stretchCount] = other
        stretchCount += 1
      }
    }
    if needsMarkedData(pass) { return .impossible }
    append(pass, late)
    return tryStretch(first, last, rank, allowed)
  }

  /// Moves a pass after up to `distance` passes that its rank runs later.
  mutating func moveLater(_ pass: Int32, _ distance: Int, allowed: Double) -> Verdict {
    var target = pass
    for _ in 0..<distance {
      let next = after[target]
      if next < 0 || needsOnRank(next, pass) { break }
      target = next
    }
    if target == pass { return .impossible }
    let (first, last) = (Int(position[pass]), Int(position[target]))
    guard let late = layOut(pass, first, upTo: last, skipping: none) else { return .impossible }
    append(pass, late)
    return tryStretch(first, last, rank[pass], allowed)
  }

  // MARK: Pairs

  /// Runs a forward and the backward whose I is `backward` as a pair.
  mutating func joinPair(_ forward: Int32, _ backward: Int32, allowed: Double) -> Verdict {
    let weights = backward + Int32(grid.cells)
    let (forwardPlace, backwardPlace) = (Int(position[forward]), Int(position[backward]))
    let first = min(forwardPlace, backwardPlace)
    let meeting = max(forwardPlace, backwardPlace)
    let last = max(meeting, Int(position[weights]))
    let (early, lateHalf) = forwardPlace < backwardPlace ? (forward, backward) : (backward, forward)
    guard let late = layOut(early, first, upTo: meeting - 1, skipping: weights),
      !needsMarkedData(lateHalf)
    else { return .impossible }
    append(forward, late)
    for place in meeting + 1..<max(last + 1, meeting + 1) where line[place] != weights {
      stretch[stretchCount] = line[place]
      stretchCount += 1
    }
    join(forward, backward)
    let verdict = tryStretch(first, last, rank[forward], allowed)
    if verdict != .made { part(forward, backward) }
    return verdict
  }

  /// Runs the halves of a pair one after the other, the backward first if asked.
  mutating func splitPair(_ forward: Int32, backwardFirst: Bool, allowed: Double) -> Verdict {
    let backward = partner[forward]
    let weights = backward + Int32(grid.cells)
    let place = Int(position[forward])
    part(forward, backward)
    let halves = backwardFirst ? (backward, weights, forward) : (forward, backward, weights)
    (stretch[0], stretch[1], stretch[2]) = halves
    stretchCount = 3
    let verdict = tryStretch(place, place, rank[forward], allowed)
    if verdict != .made { join(forward, backward) }
    return verdict
  }

  // MARK: Stretches

  /// Lays out what can run before `pass` of what stands after `first` up to `upTo`, and gathers
  /// what cannot.
  ///
  /// Returns how many cannot, or nil if one of them is on the rank of `pass`.
  private mutating func layOut(
    _ pass: Int32, _ first: Int, upTo: Int, skipping skipped: Int32
  ) -> Int? {
    beginMarks()
    stretchCount = 0
    var late = 0
    let rank = self.rank[pass]
    markPasses(pass)
    for place in first + 1..<max(upTo + 1, first + 1) {
      let other = line[place]
      if other == skipped { continue }
      if self.rank[other] == rank {
        if needsMarkedData(other) { return nil }
        stretch[stretchCount] = other
        stretchCount += 1
      } else if dependsOnMarked(other) {
        markDelayed(other)
        delayed[late] = other
        late += 1
      } else {
        stretch[stretchCount] = other
        stretchCount += 1
      }
    }
    return late
  }

  private mutating func append(_ pass: Int32, _ late: Int) {
    stretch[stretchCount] = pass
    stretchCount += 1
    for index in 0..<late { stretch[stretchCount + index] = delayed[index] }
    stretchCount += late
  }

  private mutating func beginMarks() {
    if mark == .max {
      for pass in 0..<passMark.count { passMark[pass] = 0 }
      for rank in 0..<rankMark.count { rankMark[rank] = 0 }
      mark = 0
    }
    mark += 1
  }

  @inline(__always) private func markPasses(_ pass: Int32) {
    passMark[pass] = mark
    if partner[pass] != none { passMark[partner[pass]] = mark }
  }

  @inline(__always) private func markDelayed(_ pass: Int32) {
    markPasses(pass)
    rankMark[rank[pass]] = mark
  }

  @inline(__always) private func dependsOnMarked(_ pass: Int32) -> Bool {
    rankMark[rank[pass]] == mark || needsMarkedData(pass)
  }

  /// Whether a pass needs the result of a marked one.
  @inline(__always) private func needsMarkedData(_ pass: Int32) -> Bool {
    let pair = partner[pass]
    if passMark[input[pass]] == mark { return true }
    if pair != none, grid.isForward(pass) {
      return passMark[input[pair]] == mark || passMark[Int(pair) - grid.cells] == mark
    }
    return !grid.isForward(pass) && passMark[Int(pass) - grid.cells] == mark
  }

  /// Whether `late` needs the result of `early` on the rank of both, by its own stage.
  @inline(__always) private func needsOnRank(_ late: Int32, _ early: Int32) -> Bool {
    let cells = Int32(grid.cells)
    let pair = partner[early]
    if late >= cells { return late - cells == early || late - cells == pair }
    let other = partner[late]
    return other != none && (other - cells == early)
  }

  // MARK: Judging

  /// Makes the change of the line from `first` to `last` to the stretch laid out, if no more than
  /// allowed is held and no way through it is longer than allowed.
  private mutating func tryStretch(
    _ first: Int, _ last: Int, _ changed: Int32, _ allowed: Double
  ) -> Verdict {
    guard keepsLimit(first, last, changed) else { return .refused }
    let keptCount = keep(first, last)
    guard isShort(allowed) else {
      for index in 0..<keptCount {
        let times = kept[index]
        start[times.pass] = times.start
        finish[times.pass] = times.finish
        remaining[times.pass] = times.remaining
      }
      return .refused
    }
    let shift = stretchCount - (last - first + 1)
    sinceRefresh += 1
    if shift != 0 {
      (line.base + last + 1 + shift).update(from: line.base + last + 1, count: count - last - 1)
      count += shift
      (line.base + first).update(from: stretch.base, count: stretchCount)
      refresh()
    } else {
      relink(first, last, changed)
      (line.base + first).update(from: stretch.base, count: stretchCount)
      for place in first...last { position[line[place]] = Int32(place) }
      // A line out of order is right all the same, but its stretches grow long.
      if sinceRefresh >= 16 { refresh() } else { settle(first, last) }
    }
    return .made
  }

  private func keepsLimit(_ first: Int, _ last: Int, _ changed: Int32) -> Bool {
    let limit = self.limit[changed]
    if limit == .infinity { return true }
    var place = first
    while place <= last, rank[line[place]] != changed { place += 1 }
    if place > last { return true }
    var load = held[line[place]]
    for index in 0..<stretchCount {
      let pass = stretch[index]
      guard rank[pass] == changed else { continue }
      load += growth[pass]
      if load > limit { return false }
      let pair = partner[pass]
      if pair != none { load += grid.growthOfWhole(pair) }
    }
    return true
  }

  /// Notes the times of the stretch and what stands around it on each rank.
  private func keep(_ first: Int, _ last: Int) -> Int {
    var kept = 0
    for place in first...last {
      let pass = line[place]
      note(pass, &kept)
      let rank = Int(self.rank[pass])
      if lastOf[rank] != -2 {
        lastOf[rank] = -2
        freeAt[rank] = before[pass] >= 0 ? finish[before[pass]] : 0
      }
      endOf[rank] = after[pass] >= 0 ? remaining[after[pass]] : 0
    }
    for index in 0..<stretchCount {
      let pass = stretch[index]
      lastOf[rank[pass]] = -1
      if partner[pass] != none { note(partner[pass], &kept) }
    }
    // A pair that is parted leaves passes that did not stand in the line.
    if stretchCount == 3, first == last {
      note(stretch[0], &kept)
      note(stretch[1], &kept)
      note(stretch[2], &kept)
    }
    return kept
  }

  @inline(__always) private func note(_ pass: Int32, _ count: inout Int) {
    kept[count] = KeptTimes(
      pass: pass, start: start[pass], finish: finish[pass], remaining: remaining[pass])
    count += 1
  }

  /// Times the stretch; whether no way through it is longer than allowed.
  private func isShort(_ allowed: Double) -> Bool {
    for index in 0..<stretchCount {
      let pass = stretch[index]
      let rank = Int(self.rank[pass])
      let pair = partner[pass]
      let begin = max(freeAt[rank], arrival(pass), arrival(pair))
      let end = begin + duration[pass]
      if end > allowed { return false }
      start[pass] = begin
      finish[pass] = end
      if pair != none { finish[pair] = end }
      freeAt[rank] = end
    }
    for index in stride(from: stretchCount - 1, through: 0, by: -1) {
      let pass = stretch[index]
      let rank = Int(self.rank[pass])
      let pair = partner[pass]
      let end = duration[pass] + max(endOf[rank], onward(pass), onward(pair))
      if start[pass] + end > allowed { return false }
      remaining[pass] = end
      if pair != none { remaining[pair] = end }
      endOf[rank] = end
    }
    return true
  }
}
