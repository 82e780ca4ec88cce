import Quantities

extension RankBreakdown {
  /// Adds up one rank's step from its spans on the compute and communication streams, each
  /// ordered by start and without overlap.
  ///
  /// An instant belongs to the block that computes; where none does, to the transfer under way,
  /// which is then exposed; where there is neither, to the bubble. So the parts sum to the step.
  init(
    rank: Int, gpu: Int, compute: ArraySlice<Span>, communication: ArraySlice<Span>,
    background: ArraySlice<Span> = [], step: Time
  ) {
    self.init(rank: rank, gpu: gpu)
    for span in compute {
      add(span.end - span.start, to: span.category)
      computeBusy += span.end - span.start
    }
    var next = compute.startIndex
    for span in communication {
      var covered = span.start
      // Blocks that end before this transfer starts cover nothing of it or of later ones.
      while next < compute.endIndex, compute[next].end <= span.start { next += 1 }
      var index = next
      while index < compute.endIndex, compute[index].start < span.end {
        if compute[index].start > covered { expose(compute[index].start - covered, span) }
        covered = max(covered, compute[index].end)
        index += 1
      }
      if covered < span.end { expose(span.end - covered, span) }
    }
    if !background.isEmpty { exposeBackground(background, beside: compute, communication) }
    let busy = forward + inputBackward + weightBackward + overlapped + optimizer
    bubble = step - busy
  }

  /// What moves beside passes counts where neither compute nor communication runs.
  private mutating func exposeBackground(
    _ background: ArraySlice<Span>, beside compute: ArraySlice<Span>,
    _ communication: ArraySlice<Span>
  ) {
    let busy = (compute + communication).sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    var next = busy.startIndex
    var covered = Time.zero
    for span in background {
      covered = max(covered, span.start)
      while covered < span.end {
        while next < busy.endIndex, busy[next].end <= covered { next += 1 }
        guard next < busy.endIndex, busy[next].start < span.end else {
          expose(span.end - covered, span)
          covered = span.end
          break
        }
        if busy[next].start > covered { expose(busy[next].start - covered, span) }
        covered = max(covered, busy[next].end)
      }
    }
  }

  /// Busy time in passes, the update left out.
  var passTime: Time { forward + inputBackward + weightBackward + overlapped }

  private mutating func expose(_ time: Time, _ span: Span) {
    add(time, to: span.category)
    exposedCommunication += time
  }

  private mutating func add(_ time: Time, to category: Category) {
    switch category {
    case .forward: forward += time
    case .inputBackward: inputBackward += time
    case .weightBackward: weightBackward += time
    case .overlapped: overlapped += time
    case .optimizer: optimizer += time
    }
  }
}
