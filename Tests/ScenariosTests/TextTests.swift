import Quantities
import Testing

@testable import Scenarios

/// Four digits, in the unit one would use.
@Test func quantitiesAsText() {
  #expect(Dimension.bandwidth.text(200e9) == "200 GB/s")
  #expect(Dimension.bandwidth.text(43.7e9) == "43.7 GB/s")
  #expect(Dimension.bandwidth.text(3.35e12) == "3.35 TB/s")
  #expect(Dimension.data.text(141e9) == "141 GB")
  #expect(Dimension.data.text(0) == "0 B")
  #expect(Dimension.time.text(3.7e-6) == "3.7 us")
  #expect(Dimension.time.text(17.0704) == "17.07 s")
  #expect(Dimension.count.text(14.8e12) == "14.8T")
  #expect(Dimension.count.text(1) == "1")
  #expect(Dimension.pricePerGPUHour.text(1.25) == "1.25 USD/GPU-hour")
  #expect(significant(.infinity) == "inf")
  #expect(significant(-0.012345) == "-0.01235")
}

@Test func counts() {
  #expect(counted(1, "node") == "1 node")
  #expect(counted(2048, "micro-batch") == "2,048 micro-batches")
  #expect(grouped(-1_234_567) == "-1,234,567")
  #expect(grouped(999) == "999")
}

@Test(
  arguments: [
    ("microbatch", "micro_batch"), ("Micro Batch", "micro_batch"), ("sequence", nil),
    ("tokens", nil), ("", nil), ("glboal_batch", "global_batch"),
  ] as [(String, String?)])
func suggestions(_ word: String, _ expected: String?) {
  let keys = ["sequence_length", "global_batch", "micro_batch"]
  #expect(suggestion(for: word, among: keys) == expected)
}

/// A swap of neighbours is one mistake.
@Test func distances() {
  #expect(editDistance(Array("ab"), Array("ba")) == 1)
  #expect(editDistance(Array(""), Array("abc")) == 3)
  #expect(editDistance(Array("kitten"), Array("sitting")) == 3)
}

@Test func neighbours() {
  #expect(divisors(of: 256, near: 48) == [32, 64])
  #expect(divisors(of: 128, near: 1000) == [128])
  #expect(divisors(of: 7, near: 2) == [1, 7])
  #expect(multiples(of: 8, near: 12) == [8, 16])
  #expect(multiples(of: 8, near: 3) == [8])
}
