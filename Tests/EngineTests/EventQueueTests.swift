import Quantities
import Testing

@testable import Engine

/// The queue's contract in its plainest form: a list, searched from the front.
private struct ListQueue {
  private var events: [Event] = []

  var count: Int { events.count }
  var next: Time? { events.map(\.time).min() }

  mutating func push(at time: Time, payload: UInt32) {
    events.append(Event(time: time, payload: payload))
  }

  mutating func pop() -> Event? {
    guard let earliest = next, let index = events.firstIndex(where: { $0.time == earliest }) else {
      return nil
    }
    return events.remove(at: index)
  }

  mutating func removeAll() { events = [] }
}

@Suite struct EventQueueTests {
  @Test func emptyQueueGivesNothing() {
    var queue = EventQueue()
    #expect(queue.pop() == nil)
    #expect(queue.next == nil)
    #expect(queue.isEmpty == true)
    #expect(queue.count == 0)
    #expect(queue.isConsistent == true)
  }

  @Test func queueThatHasRunEmptyStartsAfresh() {
    var queue = EventQueue()
    for round in UInt32(0)..<3 {
      queue.push(at: Time(picoseconds: 5), payload: round)
      #expect(queue.next == Time(picoseconds: 5))
      #expect(queue.pop() == Event(time: Time(picoseconds: 5), payload: round))
      #expect(queue.isEmpty == true)
      #expect(queue.next == nil)
      #expect(queue.pop() == nil)
      #expect(queue.isConsistent == true)
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 16, 17, 21, 22, 85, 86, 1000])
  func equalTimesPopInPushOrder(count: Int) {
    var queue = EventQueue()
    for payload in 0..<UInt32(count) { queue.push(at: .zero, payload: UInt32.max - payload) }
    for payload in 0..<UInt32(count) { #expect(queue.pop()?.payload == UInt32.max - payload) }
    #expect(queue.isEmpty == true)
  }

  @Test func earliestAndLatestTimesAreOrdered() {
    var queue = EventQueue()
    queue.push(at: .max, payload: 0)
    queue.push(at: Time(picoseconds: 1), payload: UInt32.max)
    queue.push(at: .zero, payload: 7)
    queue.push(at: .max, payload: 1)
    #expect(queue.pop() == Event(time: .zero, payload: 7))
    #expect(queue.pop() == Event(time: Time(picoseconds: 1), payload: UInt32.max))
    #expect(queue.pop() == Event(time: .max, payload: 0))
    #expect(queue.pop() == Event(time: .max, payload: 1))
  }

  @Test func eventMayLieBeforeTheLastPopped() {
    var queue = EventQueue()
    queue.push(at: Time(picoseconds: 9), payload: 0)
    queue.push(at: Time(picoseconds: 10), payload: 1)
    #expect(queue.pop()?.payload == 0)
    queue.push(at: Time(picoseconds: 3), payload: 2)
    #expect(queue.next == Time(picoseconds: 3))
    #expect(queue.pop()?.payload == 2)
    #expect(queue.pop()?.payload == 1)
  }

  @Test(arguments: [-5, 0, 1, 16, 17, 1000])
  func growsFromAnyCapacity(capacity: Int) {
    var queue = EventQueue(minimumCapacity: capacity)
    for payload in 0..<UInt32(2000) {
      queue.push(at: Time(picoseconds: Int64(2000 - payload)), payload: payload)
    }
    #expect(queue.count == 2000)
    #expect(queue.isConsistent == true)
    for payload in (0..<UInt32(2000)).reversed() { #expect(queue.pop()?.payload == payload) }
  }

  @Test func removeAllForgetsEverything() {
    var queue = EventQueue()
    queue.removeAll()
    for payload in 0..<UInt32(50) { queue.push(at: .zero, payload: payload) }
    #expect(queue.pop()?.payload == 0)
    queue.removeAll()
    #expect(queue.isEmpty == true)
    #expect(queue.next == nil)
    #expect(queue.pop() == nil)
    queue.push(at: .zero, payload: 99)
    #expect(queue.pop()?.payload == 99)
    #expect(queue.isConsistent == true)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>, [1, 4, 5, 6, 30, 400])
  func agreesWithAListInAnyMixOfPushesAndPops(seed: UInt64, size: Int) {
    var random = Generator(seed: seed)
    // Few distinct times, so that ties abound. With an odd seed the numbers run out on the way.
    let firstSequence = seed % 2 == 0 ? 0 : UInt32.max - UInt32(random.below(2 * size) + 1)
    var queue = EventQueue(minimumCapacity: 0, firstSequence: firstSequence)
    var list = ListQueue()
    for step in 0..<UInt32(4 * size) {
      // Fills up to about `size` in the first half, then drains.
      let chanceOfPush = step < UInt32(2 * size) ? 70 : 30
      if random.below(100) < chanceOfPush {
        let time = Time(picoseconds: Int64(random.below(size)))
        queue.push(at: time, payload: step)
        list.push(at: time, payload: step)
      } else {
        #expect(queue.pop() == list.pop())
      }
      #expect(queue.count == list.count)
      #expect(queue.next == list.next)
      if size <= 30 { #expect(queue.isConsistent == true) }
    }
    #expect(queue.isConsistent == true)
    while let event = list.pop() { #expect(queue.pop() == event) }
    #expect(queue.pop() == nil)
  }

  @Test(arguments: 0...12 as ClosedRange<UInt32>, [false, true])
  func renumberingKeepsTheOrder(numbersLeft: UInt32, popsFirst: Bool) {
    var queue = EventQueue(minimumCapacity: 0, firstSequence: UInt32.max - numbersLeft)
    var list = ListQueue()
    for payload in 0..<UInt32(30) {
      let time = Time(picoseconds: Int64(payload % 3))
      queue.push(at: time, payload: payload)
      list.push(at: time, payload: payload)
      if popsFirst, payload % 4 == 2 { #expect(queue.pop() == list.pop()) }
      #expect(queue.isConsistent == true)
      #expect(queue.count == list.count)
    }
    // Numbers begin again at the number of events that were pending.
    #expect(queue.sequence <= 30)
    while let event = list.pop() { #expect(queue.pop() == event) }
    #expect(queue.isEmpty == true)
  }

  @Test(arguments: [1, 2, 10, 100, 3000])
  func holdModelNeverGoesBackInTime(pending: Int) {
    var random = Generator(seed: UInt64(pending))
    var queue = EventQueue()
    for payload in 0..<UInt32(pending) {
      queue.push(at: Time(picoseconds: Int64(random.below(1000))), payload: payload)
    }
    var now = Time.zero
    var backwards = 0
    for _ in 0..<(4 * pending) {
      guard let event = queue.pop() else { break }
      if event.time < now { backwards += 1 }
      now = event.time
      queue.push(at: now + Time(picoseconds: Int64(random.below(1000))), payload: event.payload)
    }
    #expect(backwards == 0)
    #expect(queue.count == pending)
    #expect(queue.isConsistent == true)
  }

  @Test func ownsItsMemoryAcrossThreads() async {
    var queue = EventQueue()
    for payload in 0..<UInt32(100) { queue.push(at: .zero, payload: payload) }
    let popped = await drain(queue)
    #expect(popped == Array(0..<100))
  }
}

@concurrent private func drain(_ queue: consuming EventQueue) async -> [UInt32] {
  var queue = queue
  var payloads: [UInt32] = []
  while let event = queue.pop() { payloads.append(event.payload) }
  return payloads
}
