public import Statistics

/// Closed forms of reliability, each from the paper it names. All times are in seconds.
///
/// What the event simulation is checked against where they hold. They are short of lemons, spares,
/// several kinds of restart and hazards that change; and the forms of first order (Young, Meta) of
/// runs that fail often.
public enum GoodputForms {
  /// Mean time to interruption of a job: a node fails `perNodeDay` times a day, and the job with it.
  ///
  ///     meanTimeToInterruption(nodes: 2_048, perNodeDay: 419.0 / 54 / 2_048) / 3_600    // 3.09 h
  public static func meanTimeToInterruption(nodes: Double, perNodeDay: Double) -> Double {
    86_400 / (nodes * perNodeDay)
  }

  /// Work between checkpoints that costs the least time, to first order: √(2 · write · MTTI).
  ///
  /// Source: J. W. Young, Communications of the ACM 17 (1974), page 530.
  public static func youngInterval(write: Double, meanTimeToInterruption mtti: Double) -> Double {
    (2 * write * mtti).squareRoot()
  }

  /// Work between checkpoints for which `dalyWall` is least, exactly.
  ///
  /// With x = interval / MTTI and d = write / MTTI it solves 1 - x = exp(-(x + d)), found by
  /// Brent's method; the same as MTTI · (1 + W(-exp(-1 - d))) with Lambert's W.
  /// Source: J. T. Daly, Future Generation Computer Systems 22 (2006), pages 303-312.
  ///
  /// - Throws: `RootError` for a write or an MTTI that is not a positive number.
  public static func dalyInterval(
    write: Double, meanTimeToInterruption mtti: Double
  ) throws(RootError) -> Double {
    let d = write / mtti
    return mtti
      * (try Root(from: 0, through: 1) { x in -x - Elementary.exponentialLessOne(-(x + d)) }.value)
  }

  /// Expected time on the clock of `productive` seconds of work in equal parts of `interval`, each
  /// with a checkpoint at its end: MTTI · e^(restart / MTTI) · (e^((interval + write) / MTTI) - 1) ·
  /// productive / interval.
  ///
  /// Exact for failures of constant hazard, which may also strike during writes and restarts.
  /// Source: J. T. Daly, Future Generation Computer Systems 22 (2006), the complete model.
  public static func dalyWall(
    productive: Double, interval: Double, write: Double, restart: Double,
    meanTimeToInterruption mtti: Double
  ) -> Double {
    mtti * Elementary.exponential(restart / mtti)
      * Elementary.exponentialLessOne((interval + write) / mtti) * productive / interval
  }

  /// Seconds from the start of one checkpoint to the start of the next that cost the least time:
  /// save + √(2 · (MTTF + recovery) · save + save²).
  ///
  /// Source: arXiv 2410.18124 (2024-10), its optimal checkpoint period.
  public static func renewalPeriod(
    save: Double, meanTimeToFailure mttf: Double, recovery: Double
  ) -> Double {
    save + (2 * (mttf + recovery) * save + save * save).squareRoot()
  }

  /// Share of useful time for which `renewalPeriod` is best: a cycle is a mean time to failure in
  /// which work is done, a recovery and half a period that was lost.
  public static func renewalRatio(
    period: Double, save: Double, meanTimeToFailure mttf: Double, recovery: Double
  ) -> Double {
    mttf * (1 - save / period) / (mttf + recovery + period / 2)
  }

  /// Expected effective-time ratio to first order:
  /// (1 - (restart + interval / 2) / MTTI) / (1 + write / interval).
  ///
  /// Good while a job lives much longer than it takes to restart, and below zero where it does not:
  ///
  /// | MTTI, restart, write | `dalyWall`, exact | this | `renewalRatio` |
  /// |---|--:|--:|--:|
  /// | 3.09 h, 10 min, 20 s | 0.892 | 0.889 | 0.895 |
  /// | 1 h, 30 min, 5 min | 0.391 | 0.261 | 0.471 |
  /// | 30 min, 25 min, 5 min | 0.229 | -0.051 | 0.343 |
  ///
  /// Source: arXiv 2410.21680 (Meta, 2024-10), expected training time ratio.
  public static func metaRatio(
    interval: Double, write: Double, restart: Double, meanTimeToInterruption mtti: Double
  ) -> Double {
    (1 - (restart + interval / 2) / mtti) / (1 + write / interval)
  }

  /// How much longer than the mean the slowest of `count` takes, each normal about 1:
  /// about 1 + deviation · √(2 ln count), which it nears from below.
  public static func slowest(of count: Double, deviation: Double) -> Double {
    1 + deviation * (2 * Elementary.logarithm(max(1, count))).squareRoot()
  }

  /// Spare nodes that are enough with a chance of `confidence` when each of `nodes` is out with a
  /// chance of `probability`: the quantile of the binomial law.
  ///
  /// Source: ByteRobust (ByteDance, 2025), which keeps the 99th percentile warm.
  public static func warmStandbys(
    nodes: Int, probability: Double, confidence: Double = 0.99
  ) -> Int {
    BinomialLaw(trials: nodes, probability: probability).quantile(confidence)
  }

  /// Bytes of a full checkpoint: BF16 weights (2), FP32 master weights (4) and the optimizer's two
  /// FP32 moments (8), 14 bytes a parameter; 12 where the BF16 weights are made from the master.
  ///
  ///     checkpointBytes(parameters: 405.9e9) / 1e12      // 5.7 TB
  public static func checkpointBytes(
    parameters: Double, bytesPerParameter: Double = 14
  ) -> Double {
    parameters * bytesPerParameter
  }

  /// Share of time in which all of `servers` are busy and calls are lost (Erlang's B formula), for
  /// `load` calls in the time of one.
  ///
  /// A job with `servers - 1` spares waits for a repaired node for that share of its time, when a
  /// failure costs nothing else and `load` is failures a second times seconds of repair; the law of
  /// the repair time does not matter.
  /// Source: A. K. Erlang, Elektroteknikeren 13 (1917).
  ///
  /// - Complexity: O(`servers`).
  public static func erlangLoss(servers: Int, load: Double) -> Double {
    var loss = 1.0
    for server in stride(from: 1, through: servers, by: 1) {
      loss = load * loss / (Double(server) + load * loss)
    }
    return loss
  }
}
