import Quantities
import Testing

@Suite struct QuantityTests {
  @Test func arithmeticStaysInTheUnit() {
    #expect(Bytes(3) + Bytes(4) == Bytes(7))
    #expect(Bytes(3) - Bytes(4) == Bytes(-1))
    #expect(Bandwidth(3) * 2 == Bandwidth(6))
    #expect(FLOPs(3) / 2 == FLOPs(1.5))
    #expect(Dollars(1) < Dollars(2))
    #expect(FLOPRate.zero == FLOPRate(0))
    var sum = Bytes(1)
    sum += Bytes(2)
    #expect(sum == Bytes(3))
  }

  @Test func quotientsArePlainNumbers() {
    let times: Double = Bytes(6) / Bytes(4)
    #expect(times == 1.5)
    let transfer: Double = Bytes(1e9) / Bandwidth(5e10)
    #expect(transfer == 0.02)
    let work: Double = FLOPs(1e12) / FLOPRate(1e15)
    #expect(work == 1e-3)
  }

  @Test(arguments: zip(NumberFormat.allCases, [1, 2, 2, 4] as [Double]))
  func formatsHaveTheirSize(format: NumberFormat, bytes: Double) {
    #expect(format.bytes == bytes)
    #expect(NumberFormat(rawValue: "\(format)") == format)
  }
}
