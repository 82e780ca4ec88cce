import Foundation
import Models
import Scenarios
import Testing

private let config = """
  {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "rms_norm_eps": 1e-05,
    "tie_word_embeddings": false,
    "rope_scaling": null,
    "vocab_size": 128256
  }
  """

@Test func catalogueModel() throws {
  let (architecture, source) = try loadModel("deepseek-v3")
  #expect(architecture.parameters == 671_026_419_200)
  #expect(source.contains("arXiv 2412.19437"))
}

@Test func unknownModel() {
  let error = #expect(throws: ScenarioError.self) { try loadModel("lama-3.1-8b") }
  #expect(error?.description.hasPrefix("model is lama-3.1-8b: it must be the path of ") == true)
  #expect(error?.description.hasSuffix("; did you mean llama-3.1-8b?") == true)
}

/// Models read from a config.json beside the scenario.
@Suite struct ModelFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String, _ text: String) throws -> String {
    try folder.write(text, to: name)
  }

  private func sentences(_ path: String) -> [String] {
    do {
      _ = try loadModel(path)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  /// The file itself and its folder both do; the model is called after the folder.
  @Test func read() throws {
    let path = try write("mine/config.json", config)
    for name in [path, folder.url.appending(path: "mine").path] {
      let (architecture, source) = try loadModel(name)
      #expect(architecture.parameters == 8_030_261_248)
      #expect(architecture.name == "mine")
      #expect(source == path)
    }
  }

  /// A family Fathom does not know is read as it stands, and the source says what that leaves out.
  @Test func unknownFamily() throws {
    let path = try write("new.json", config.replacing("\"llama\"", with: "\"newcomer\""))
    let (architecture, source) = try loadModel(path)
    #expect(architecture.parameters == 8_030_261_248)
    #expect(source == "\(path), whose model_type newcomer is not known: biases left out")
  }

  @Test func otherNameThanConfig() throws {
    #expect(try loadModel(write("small.json", config)).architecture.name == "small")
  }

  /// A relative path is seen from the scenario's folder.
  @Test func besideTheScenario() throws {
    _ = try write("mine/config.json", config)
    let path = try write(
      "s.yaml",
      base([3: "model: mine/config.json", 5: "parallelism: {pipeline: 16}"]))
    let scenario = try Scenario.load(path: path, set: [])
    #expect(scenario.model.name == "mine")
    #expect(scenario.resolved.first { $0.path == "model" }?.value == "mine/config.json")
  }

  /// Every problem with the line of its key.
  @Test func problems() throws {
    let text = config.replacing("4096", with: "0").replacing(": 32,", with: ": \"x\",")
    let path = try write("bad.json", text)
    #expect(
      sentences(path) == [
        "\(path):3: hidden_size is 0: it must be at least 1",
        "\(path):4: num_hidden_layers is \"x\": it must be a whole number",
        "\(path):5: num_attention_heads is \"x\": it must be a whole number",
      ])
  }

  @Test func missingKey() throws {
    let path = try write("short.json", config.replacing("vocab_size", with: "vocabulary"))
    #expect(sentences(path) == ["\(path): vocab_size is missing: add it with the model's value"])
  }

  @Test func notJSON() throws {
    let path = try write("broken.json", "{\"a\": [1, 2}")
    #expect(
      sentences(path) == [
        "\(path):1: this cannot be read as YAML: while parsing a flow sequence, did not find "
          + "expected ',' or ']'; correct this line or the one before it"
      ])
  }

  @Test func duplicateKey() throws {
    let path = try write("twice.json", config.replacing("rope_scaling", with: "hidden_size"))
    #expect(
      sentences(path) == [
        "\(path):10: hidden_size stands here and on line 3: a key may stand once; "
          + "remove one of them"
      ])
  }
}
