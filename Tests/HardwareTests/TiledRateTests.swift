import Hardware
import Kernels
import Quantities
import Testing

@Suite struct TiledRateTests {
  private func gpu() throws -> GPU { try #require(HardwareCatalogue.node(named: "a100")).gpu }

  /// By hand, on 108 multiprocessors: 8 x 36 tiles of 256 x 128 take 3 rounds for 2.67 of work; 108
  /// tiles fill one round, 109 take two, 54 leave half of one empty, and one leaves most.
  @Test(
    arguments: [
      (2_048, 4_608, 1.125), (27_648, 128, 1), (27_904, 128, 1.981_651_376_1), (128, 13_824, 2),
      (100, 100, 353.8944),
    ] as [(Double, Double, Double)])
  func roundsByHand(m: Double, n: Double, rounds: Double) {
    let product = MatrixProduct(m: m, n: n, k: 512, operands: .bf16)
    #expect(abs(TiledRate.rounds(product, multiprocessors: 108) / rounds - 1) < 1e-10)
  }

  /// The published product itself: 258 TFLOPS at 8192 x 8192 x 8192.
  @Test func thePublishedProductIsReproduced() throws {
    let rate = try #require(TiledRate.published(for: try gpu()))
    let cube = MatrixProduct(m: 8_192, n: 8_192, k: 8_192, operands: .bf16)
    let seconds = rate.seconds(cube, on: try gpu(), multiprocessorShare: 1)
    #expect(abs(cube.flops.value / seconds / 258e12 - 1) < 1e-12)
  }

  /// Sums of two elements are bound by their results, at 80 % of the memory's bandwidth.
  @Test func thinProductsAreBoundByMemory() throws {
    let rate = try #require(TiledRate.published(for: try gpu()))
    let scores = MatrixProduct(m: 65_536, n: 2_048, k: 2, groups: 32, operands: .bf16)
    let least = (scores.inputBytes + scores.outputBytes).value / (0.8 * 2.039e12)
    let seconds = rate.seconds(scores, on: try gpu(), multiprocessorShare: 1)
    #expect(seconds >= least)
    #expect(seconds < 1.02 * least)
  }

  /// Nothing is published here of the others.
  @Test func othersCarryTheH800sShares() throws {
    for node in HardwareCatalogue.nodes where node.name != "a100" {
      #expect(TiledRate.published(for: node.gpu) == nil)
    }
  }
}
