import Economics
import Quantities
import Testing

@Suite struct RunProjectionTests {
  /// DeepSeek-V3's own arithmetic (arXiv 2412.19437, Table 1): 180K GPU-hours a trillion tokens
  /// give 2.664M GPU-hours for 14.8T tokens, 54.2 days on 2,048 GPUs, $5.328M at $2.
  @Test func deepSeekV3PretrainingAddsUpAsPublished() {
    let tokensPerStep = 15_360.0 * 4_096
    let step = 180_000.0 * 3_600 / 2_048 / (1e12 / tokensPerStep)
    let run = RunProjection(
      tokens: 14.8e12, tokensPerStep: tokensPerStep, step: Time(seconds: step), gpus: 2_048)
    #expect(abs(run.gpuHours - 2_664_000) < 1)
    #expect(abs(run.wallDays - 54.2) < 0.01)
    #expect(abs(run.steps - 14.8e12 / tokensPerStep) < 1e-6)
    let rent = RentalPrice(perGPUHour: Dollars(2)).cost(gpuHours: run.gpuHours)
    #expect(abs(rent.value - 5_328_000) < 2)
  }
}
