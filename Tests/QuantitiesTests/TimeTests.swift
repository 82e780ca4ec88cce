import Quantities
import Testing

@Suite struct TimeTests {
  @Test(
    arguments: [
      (0, 0), (1e-12, 1), (1.5e-6, 1_500_000), (1, 1_000_000_000_000),
      // To the nearest picosecond, half of one away from zero.
      (0.4e-12, 0), (0.5e-12, 1), (0.6e-12, 1), (1.5e-12, 2), (2.5e-12, 3),
    ] as [(Double, Int64)])
  func roundsToWholePicoseconds(seconds: Double, picoseconds: Int64) {
    #expect(Time(seconds: seconds).picoseconds == picoseconds)
  }

  @Test(arguments: [-1e-12, -1, -1e300, -.infinity, .nan, .signalingNaN, -0.0] as [Double])
  func nothingBelowZero(seconds: Double) {
    #expect(Time(seconds: seconds) == .zero)
  }

  @Test(arguments: [9.2e6, 9.3e6, 1e7, 1e300, .greatestFiniteMagnitude, .infinity] as [Double])
  func saturatesAt106Days(seconds: Double) {
    #expect(Time(seconds: seconds) == .max)
  }

  @Test func justBelow106DaysIsExact() {
    // 9 199 999 s; a double of that many picoseconds is exact to 1024.
    #expect(Time(seconds: 9_199_999).picoseconds == 9_199_999_000_000_000_000)
    #expect(Time(seconds: 9_199_999) < .max)
  }

  @Test func sumSaturates() {
    let one = Time(picoseconds: 1)
    #expect(Time(picoseconds: 2) + Time(picoseconds: 3) == Time(picoseconds: 5))
    #expect(Time.max + one == .max)
    #expect(Time.max + .max == .max)
    #expect(Time(picoseconds: .max - 1) + one == .max)
    var sum = Time.max
    sum += one
    #expect(sum == .max)
  }

  @Test func differenceMayBeNegative() {
    #expect(Time(picoseconds: 3) - Time(picoseconds: 5) == Time(picoseconds: -2))
    #expect(Time.zero - .max == Time(picoseconds: -.max))
    var difference = Time(picoseconds: 7)
    difference -= Time(picoseconds: 4)
    #expect(difference == Time(picoseconds: 3))
  }

  @Test func arithmeticOnNegativeSpansSaturatesTooAndKeepsItsSign() {
    let minusOne = Time(picoseconds: -1)
    #expect(Time.max - minusOne == .max)
    #expect(Time(picoseconds: .min) + minusOne == Time(picoseconds: .min))
    #expect(Time(picoseconds: .min) - Time(picoseconds: 1) == Time(picoseconds: .min))
  }

  @Test func ordersByInstant() {
    #expect(Time.zero < Time(picoseconds: 1))
    #expect(Time(picoseconds: -1) < .zero)
    #expect(!(Time.max < Time.max))
  }

  @Test(arguments: [0, 1, 999, 1_500_000, 86_400_000_000_000_000] as [Int64])
  func secondsReadBack(picoseconds: Int64) {
    let time = Time(picoseconds: picoseconds)
    #expect(Time(seconds: time.seconds) == time)
  }
}
