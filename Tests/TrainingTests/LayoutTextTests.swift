import Models
import Quantities
import Schedules
import Testing

@testable import Training

/// Megatron-LM's layout strings: what they stand for, and what is said of wrong ones.
@Suite struct LayoutTextTests {
  private static func model(layers: Int, predictions: Int = 0) -> Architecture {
    var model = Family.dense.model
    model.layers = layers
    model.predictionLayers = predictions
    return model
  }

  /// Text, layers, prediction layers, and the same without repetitions, as placements print it.
  @Test(
    arguments: [
      ("Et*2|t*4|tL", 7, 0, "Et*2|t*4|tL"), ("Ett|(tt|)*2,tL", 7, 0, "Et*2|t*2|t*2|tL"),
      ("E|(t|)*4 L", 4, 0, "E|t|t|t|t|L"), ("Et*3|(tt|)*29,m|L", 61, 1, nil),
      ("Et|((t|)*2,tt|)*2,mL", 9, 1, "Et|t|t|t*2|t|t|t*2|mL"), ("Et|*2tLm", 2, 1, "Et||tLm"),
    ] as [(String, Int, Int, String?)])
  func textsStandForStages(text: String, layers: Int, predictions: Int, plain: String?) throws {
    let model = Self.model(layers: layers, predictions: predictions)
    let layout = try LayoutText(text, of: model)
    let placement = Placement(stages: layout.stages)
    if let plain { #expect(placement.description == plain) }
    // What a placement prints is read back.
    #expect(try LayoutText(placement.description, of: model) == layout)
    #expect(layout.stages.flatMap(\.self).count == layers + 2 + predictions)
  }

  @Test(arguments: [
    ("", "it has no symbols; write it like Et*2|t*4|t*3mL"),
    ("Ex|tL", "x at place 2 is no symbol out of E, t, m, L, |, ( ) and *; remove it"),
    ("Et(t|L", "( at place 3 has no other half; close or remove it"),
    ("Et)|L", ") at place 3 has no other half; close or remove it"),
    (
      "*2Et",
      "* at place 1 has nothing before it to repeat; write a symbol or parentheses before it"
    ),
    ("Et*|L", "* at place 3 needs a whole number from 1 up after it; write it like t*4"),
    ("Et*0|L", "* at place 3 needs a whole number from 1 up after it; write it like t*4"),
    ("Et*999999999999999999999|L", "it stands for more than 100000 symbols; write fewer"),
    ("E((t*900)*900)*900|L", "it stands for more than 100000 symbols; write fewer"),
    (
      "t*4|L",
      "the embedding E must stand once, before everything else, and stands 0 times; write one"
    ),
    ("tEt*3|L", "the embedding E must stand once, before everything else; move it to the start"),
    ("Et*3|L", "it has 3 layers t where dense has 4; add 1"),
    ("Et*6|L", "it has 6 layers t where dense has 4; remove 2"),
    ("Et*4|Lm", "it has 1 prediction layer m where dense has 0; remove 1"),
    ("Et*2L|tt", "the head L must stand once, after all layers; move it behind the last t"),
    ("Et*4", "the head L must stand once, after all layers, and stands 0 times; write one"),
  ])
  func wrongTextsAreSentences(text: String, sentence: String) {
    let error = #expect(throws: LayoutError.self) {
      try LayoutText(text, of: Self.model(layers: 4))
    }
    #expect(error?.description == sentence)
  }

  @Test func predictionsComeAfterTheLayers() {
    let error = #expect(throws: LayoutError.self) {
      try LayoutText("Etm|tL", of: Self.model(layers: 2, predictions: 1))
    }
    #expect(error == .predictionAmongLayers)
  }

  /// Any bytes are an error or a layout, never a trap.
  @Test func anyTextIsAnswered() {
    let symbols = Array("EtmL|()*12,x ")
    var state: UInt64 = 7
    for length in 0..<400 {
      let text = String(
        (0..<length % 23).map { _ -> Character in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return symbols[Int(state >> 33) % symbols.count]
        })
      _ = try? LayoutText(text, of: Self.model(layers: 2))
    }
    _ = try? LayoutText(String(repeating: "(", count: 100_000), of: Self.model(layers: 2))
  }

  /// Stages of a text are the stages of the model, wherever a schedule puts them.
  @Test(arguments: [
    (BuiltIn.oneForwardOneBackward, "Et|t*2||t*2L"), (.dualPipe, "Et|t*2|t|tL"),
    (.zeroBubbleV, "Et|t|t||t|t|L|"), (.interleaved, "E|t|t|t|t|t||L"),
    (.dualPipeV, "E|t|t|t|t|t||L"),
  ])
  func schedulesRunWrittenLayouts(schedule: BuiltIn, text: String) throws {
    let result = try tiny(schedule) {
      $0.model.layers = 5
      $0.plan.layout = try? LayoutText(text, of: $0.model).stages
    }.run()
    let layers = Set(result.spans.filter { $0.activity == .attention }.map(\.layer))
    #expect(layers == [0, 1, 2, 3, 4])
    #expect(result.placement.description == text)
    for span in result.spans where span.layer >= 0 && span.stage >= 0 {
      let stage = result.schedule.modelStage[Int(span.stage)]
      #expect(result.placement.stages[stage].contains(.layer(Int(span.layer))))
      #expect(result.schedule.rankOfStage[Int(span.stage)] == Int(span.rank))
    }
  }

  /// A prediction layer before the head leaves its pass through it to the head's stage.
  @Test func theHeadsPassesGoToItsStage() throws {
    func heads(_ text: String) throws -> [Int] {
      let result = try tiny(.oneForwardOneBackward) {
        $0.model.layers = 3
        $0.model.predictionLayers = 1
        $0.plan.layout = try? LayoutText(text, of: $0.model).stages
      }.run()
      let spans = result.spans.filter { $0.activity == .head && $0.pass == .forward }
      return (0..<4).map { rank in spans.count { $0.rank == rank } }
    }
    #expect(try heads("Et|tt|m|L") == [0, 0, 0, 16])
    #expect(try heads("Et|tt|L|m") == [0, 0, 8, 8])
  }

  @Test func otherStagesThanTheScheduleHasAreASentence() throws {
    let error = #expect(throws: StepError.self) {
      try tiny(.oneForwardOneBackward) {
        $0.plan.layout = try? LayoutText("Et*4|t*4L", of: $0.model).stages
      }.run()
    }
    #expect(
      error?.description
        == "the layout cannot be used: it has 2 stages where 1f1b has 4; write 3 bars between them, "
        + "or another schedule")
  }
}
