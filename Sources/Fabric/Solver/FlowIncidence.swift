/// Which flows cross which links, seen from both sides, as the solver reads it.
///
/// A *use* is a link of a flow's path, a *crossing* an active flow on a link; both are numbers the
/// conformer understands. Conformers are views of a few pointers: the solver is compiled for each.
protocol FlowIncidence {
  /// The uses of a flow.
  func uses(of flow: Int) -> Range<Int>
  /// The link of a use.
  func link(ofUse use: Int) -> Int
  /// Bytes on the link of a use for each byte of payload.
  func share(ofUse use: Int) -> Double
  /// The crossings of active flows on a link.
  func crossings(of link: Int) -> Range<Int>
  /// The flow of a crossing.
  func flow(ofCrossing crossing: Int) -> Int
  /// Bytes on the link of a crossing for each byte of its flow's payload.
  func share(ofCrossing crossing: Int) -> Double
  /// The rate of a flow may change from now on: takes off what drained at the rate so far.
  func advance(_ flow: Int, rate: Double)
}
