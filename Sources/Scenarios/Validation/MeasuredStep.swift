/// A measured training step of a GPT model on 64 to 512 A100 80GB.
///
/// Ground truth that VIA-Research/vTrain ships with its simulator (arXiv 2312.12391): Megatron-LM's
/// GPT, sequences of 2,048 tokens, 8 GPUs a node with 4 NICs of 200 Gbit/s, all activations
/// recomputed, 1F1B without interleaving, gradients reduced at the end, FP16. These are the
/// multi-node rows that Fathom carries; nothing is fitted to them.
struct MeasuredStep {
  /// Weights in units of 1e9, as the source rounds them.
  var billions: String
  /// Sequences of a step and of a micro-batch.
  var batch, microBatch: Int
  var hidden, heads, layers: Int
  var tensor, data, pipeline: Int
  /// What the step took.
  var seconds: Double

  static let source = "VIA-Research/vTrain, multi-node ground truth (arXiv 2312.12391)"

  static let all: [MeasuredStep] = models.flatMap { model in
    model.steps.map { step in
      MeasuredStep(
        billions: model.billions, batch: model.batch, microBatch: step.microBatch,
        hidden: model.hidden, heads: model.heads, layers: model.layers, tensor: step.tensor,
        data: step.data, pipeline: step.pipeline, seconds: step.seconds)
    }
  }

  /// Steps of one model and batch.
  private struct Model {
    var billions: String
    var batch, hidden, heads, layers: Int
    var steps: [(microBatch: Int, tensor: Int, data: Int, pipeline: Int, seconds: Double)]
  }

  private static let models = [
    Model(
      billions: "3.6", batch: 512, hidden: 3072, heads: 32, layers: 30,
      steps: [
        (8, 1, 64, 1, 3.5665), (2, 1, 64, 1, 3.7005), (2, 2, 32, 1, 4.2642), (8, 4, 16, 1, 4.6344),
        (2, 1, 32, 2, 4.0349), (64, 8, 8, 1, 9.8389), (8, 8, 8, 1, 5.178), (32, 16, 4, 1, 10.5806),
        (4, 16, 4, 1, 11.9601),
      ]),
    Model(
      billions: "18.4", batch: 1024, hidden: 6144, heads: 48, layers: 40,
      steps: [
        (16, 8, 32, 1, 10.5066), (8, 4, 32, 2, 10.8563), (4, 2, 32, 4, 10.825),
        (2, 8, 8, 4, 10.9264), (2, 16, 16, 1, 20.4148),
      ]),
    Model(
      billions: "39.1", batch: 1536, hidden: 8192, heads: 64, layers: 48,
      steps: [
        (2, 4, 32, 4, 13.8755), (4, 4, 32, 4, 15.6256), (3, 4, 16, 8, 17.6061),
        (4, 4, 16, 8, 17.4136), (8, 8, 32, 2, 15.2128), (3, 8, 32, 2, 14.8504),
        (4, 4, 8, 16, 15.5855), (3, 8, 16, 4, 14.8338), (2, 8, 8, 8, 15.0019),
        (4, 8, 8, 8, 14.9671), (12, 8, 16, 4, 17.1824), (6, 2, 32, 8, 23.0629),
        (4, 8, 4, 16, 15.9445), (12, 8, 8, 8, 17.9995), (12, 8, 4, 16, 18.5683),
        (24, 8, 4, 16, 24.1699),
      ]),
    Model(
      billions: "175", batch: 1536, hidden: 12288, heads: 96, layers: 96,
      steps: [
        (2, 4, 4, 32, 53.9096), (2, 2, 8, 32, 57.4112), (3, 8, 8, 8, 56.1765),
        (4, 8, 8, 8, 58.2403), (2, 8, 2, 32, 58.5554), (6, 8, 4, 16, 60.5192),
        (6, 8, 2, 32, 62.6368),
      ]),
  ]
}
