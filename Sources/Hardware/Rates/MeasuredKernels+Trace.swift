import Kernels
import Quantities

/// Kernels of the public training trace of DeepSeek-V3 on H800 (`train.json` of
/// deepseek-ai/profile-data, rank 0 of 64), layer by layer of an overlapped pair: medians of four
/// layers with the least and the most, but for grouped products, of which each layer's rows are known
/// and which stand four times.
///
/// One sequence of 4,096 tokens. Compute kernels had 112 of 132 multiprocessors while dispatch and
/// combine held 20. Roles are inferred from order, operation count and size. Memory-bound kernels
/// count each operand read and each result written once, FP8 with its scales; what lies between the
/// experts' products counts 31,104 rows forward and 32,704 backward, the medians of that rank.
extension MeasuredKernels {
  /// Attention and gate, forward.
  static let attentionForward: [KernelMeasurement] = [
    row("norm", .memory(.norm, megabytes: 117.4), 115, 112...127),
    row("query input cast", .memory(.cast, megabytes: 89.0), 46, 43...53),
    row("query down", .dense(4096, 1536, 7168), 104, 101...105),
    row("key-value input cast", .memory(.cast, megabytes: 89.0), 47.5, 42...55),
    row("key-value down", .dense(4096, 576, 7168), 53, 50...57),
    row("query norm", .memory(.norm, megabytes: 25.2), 23, 20...26),
    row("query latent cast", .memory(.cast, megabytes: 19.1), 15, 11...16),
    row("query up", .dense(4096, 24576, 1536), 372, 362...380),
    row("key-value up", .dense(4096, 32768, 512), 243.5, 241...249),
    row("key copy", .memory(.copy, megabytes: 268.4), 106, 94...107),
    row("rotary keys to heads", .memory(.broadcast, megabytes: 67.1), 84.5, 74...90),
    row("rotary", .memory(.rotary, megabytes: 134.2), 126, 109...131),
    row("attention", .attention(gigaFLOPs: 687.2), 1234.5, 1199...1280),
    row("attention result, kept", .memory(.keptCast, megabytes: 234.9), 189.5, 169...194),
    row("attention result cast", .memory(.cast, megabytes: 203.4), 110.5, 94...114),
    row("output", .dense(4096, 7168, 16384), 894, 885...930),
    row("residual addition", .memory(.addition, megabytes: 117.4), 39.5, 39...46),
    row("second norm", .memory(.norm, megabytes: 117.4), 105.5, 104...171),
    row("gate", .gate(4096, 256, 7168), 45, 44...52),
    row("top groups", .memory(.topK, megabytes: 4.2), 68.5, 66...79),
    row("top experts", .memory(.topK, megabytes: 4.2), 69, 67...77),
    row("dispatch cast", .memory(.cast, megabytes: 89.0), 52.5, 51...58),
    row("small", .small(39), 196.5, 181...243),
  ]

  /// Experts, forward.
  static let feedForwardForward: [KernelMeasurement] = [
    row("shared gate, up", .dense(4096, 4096, 7168), 257.5, 255...266),
    row("expert count", .memory(.expertCount, megabytes: 0.2488), 67.5, 62...84),
    row("expert mapping", .memory(.expertMapping, megabytes: 0.2488), 167.5, 154...194),
    row("permute", .memory(.permute, megabytes: 459.8), 185.5, 176...221),
    row("experts gate, up transposed", .memory(.transpose, megabytes: 234.9), 95, 90...98),
    row("experts scales", .memory(.scales, megabytes: 13.9), 21.5, 19...23),
    row("experts gate, up", .grouped(31104, 4096, 7168, groups: 4), 1739),
    row("experts gate, up", .grouped(30976, 4096, 7168, groups: 4), 1766),
    row("experts gate, up", .grouped(36864, 4096, 7168, groups: 4), 2126),
    row("experts gate, up", .grouped(31104, 4096, 7168, groups: 4), 1819),
    row("experts activation", .memory(.activation, megabytes: 320.5), 139, 117...162),
    row("experts down transposed", .memory(.transpose, megabytes: 117.4), 45, 40...48),
    row("experts down", .grouped(31104, 7168, 2048, groups: 4), 946),
    row("experts down", .grouped(30976, 7168, 2048, groups: 4), 997),
    row("experts down", .grouped(36864, 7168, 2048, groups: 4), 1186),
    row("experts down", .grouped(31104, 7168, 2048, groups: 4), 1012),
    row("unpermute", .memory(.unpermute, megabytes: 891.8), 315.5, 294...349),
    row("shared activation", .memory(.activation, megabytes: 42.2), 20, 19...25),
    row("shared down", .dense(4096, 7168, 2048), 139, 132...142),
    row("experts activation input, kept", .memory(.cast, megabytes: 386.2), 181.5, 160...197),
    row("shared activation input, kept", .memory(.cast, megabytes: 50.9), 26, 25...31),
    row("small", .small(6), 30, 22...38),
  ]

  /// Experts, input gradients.
  static let feedForwardInput: [KernelMeasurement] = [
    row("shared activation input back", .memory(.castBack, megabytes: 50.9), 25.5, 25...27),
    row("shared down input", .dense(4096, 2048, 7168), 126, 123...130),
    row("shared gradient transposed", .memory(.castTranspose, megabytes: 89.0), 38, 36...39),
    row(
      "shared activation transposed again", .memory(.activationTranspose, megabytes: 42.2), 27,
      26...27),
    row("shared activation backward", .memory(.activationBackward, megabytes: 83.9), 28.5, 28...29),
    row("experts activation input back", .memory(.castBack, megabytes: 406.1), 173.5, 155...179),
    row("permute", .memory(.permute, megabytes: 483.5), 174.5, 159...183),
    row("experts scales", .memory(.scales, megabytes: 14.7), 17.5, 15...18),
    row("experts down input", .grouped(34688, 2048, 7168, groups: 4), 927),
    row("experts down input", .grouped(32512, 2048, 7168, groups: 4), 876),
    row("experts down input", .grouped(32896, 2048, 7168, groups: 4), 885),
    row("experts down input", .grouped(28416, 2048, 7168, groups: 4), 770),
    row(
      "experts activation backward", .memory(.weightedActivationBackward, megabytes: 803.7),
      330.5, 277...389),
    row(
      "experts routing weight gradient", .memory(.weightedActivationBackward, megabytes: 267.9),
      106.5, 86...123),
    row("experts activation transposed", .memory(.castTranspose, megabytes: 203.0), 85, 67...94),
    row("second norm again", .memory(.norm, megabytes: 117.4), 122, 115...133),
    row("second norm cast again", .memory(.cast, megabytes: 89.0), 57, 54...60),
    row("experts activation gradient cast", .memory(.cast, megabytes: 406.1), 184, 153...211),
    row("experts gate, up input", .grouped(34688, 7168, 4096, groups: 4), 2159),
    row("experts gate, up input", .grouped(32512, 7168, 4096, groups: 4), 2025),
    row("experts gate, up input", .grouped(32896, 7168, 4096, groups: 4), 2045),
    row("experts gate, up input", .grouped(28416, 7168, 4096, groups: 4), 1648),
    row("unpermute", .memory(.unpermute, megabytes: 937.7), 347.5, 313...362),
    row(
      "experts activation gradient transposed", .memory(.castTranspose, megabytes: 406.1), 173,
      160...179),
    row("shared input back", .memory(.castBack, megabytes: 89.0), 45.5, 42...49),
    row("shared gate, up transposed", .memory(.transpose, megabytes: 58.7), 28, 26...30),
    row("shared activation gradient cast", .memory(.cast, megabytes: 50.9), 32.5, 30...35),
    row("shared gate, up input", .dense(4096, 7168, 4096), 240.5, 234...247),
    row(
      "shared activation gradient transposed", .memory(.castTranspose, megabytes: 50.9), 26.5,
      25...30),
    row("shared input transposed", .memory(.castTranspose, megabytes: 89.0), 48.5, 44...50),
    row("small", .small(10), 51, 44...51),
  ]

  /// Experts, weight gradients. The experts' eight products run on two streams at once; the two rows that
  /// stand alone on the device are those whose time hardly varies.
  static let feedForwardWeight: [KernelMeasurement] = [
    row("shared down weight", .weightGradient(7168, 2048, 4096), 180.5, 174...189),
    row("experts gradient transposed", .memory(.castTranspose, megabytes: 710.6), 277, 259...320),
    row("experts down weight, of one", .weightGradient(7168, 2048, 8192), 344.5, 327...363),
    row("experts input transposed", .memory(.castTranspose, megabytes: 710.6), 290.5, 275...322),
    row("experts gate, up weight, of one", .weightGradient(4096, 7168, 8192), 708.5, 675...751),
    row("shared gate, up weight", .weightGradient(4096, 7168, 4096), 365.5, 362...388),
  ]

  /// Attention and gate, input gradients.
  static let attentionInput: [KernelMeasurement] = [
    row("gate input", .gate(4096, 7168, 256), 41, 39...41),
    row("gate weight", .gate(256, 7168, 4096), 47.5, 46...48),
    row("gradient addition", .memory(.addition, megabytes: 176.2), 55, 54...56),
    row("second norm backward", .memory(.normBackwardOfSum, megabytes: 234.9), 183, 179...184),
    row("residual gradient addition", .memory(.addition, megabytes: 117.4), 41, 41...41),
    row("attention result back", .memory(.keptCastBack, megabytes: 234.9), 142, 136...142),
    row("output gradient cast", .memory(.cast, megabytes: 89.0), 45, 44...46),
    row("output transposed", .memory(.transpose, megabytes: 234.9), 83, 83...84),
    row("output input", .dense(4096, 16384, 7168), 925, 923...935),
    row("attention result transposed", .memory(.castTranspose, megabytes: 203.4), 84, 83...100),
    row("output gradient transposed", .memory(.castTranspose, megabytes: 89.0), 41.5, 41...47),
    row("query norm again", .memory(.norm, megabytes: 25.2), 21.5, 21...29),
    row("query up again", .dense(4096, 24576, 1536), 374.5, 367...378),
    row("key-value up again", .dense(4096, 32768, 512), 244.5, 239...249),
    row("key copy again", .memory(.copy, megabytes: 268.4), 102, 94...107),
    row("rotary keys to heads again", .memory(.broadcast, megabytes: 67.1), 79.5, 73...89),
    row("rotary again", .memory(.rotary, megabytes: 134.2), 119, 109...133),
    row("attention row sums", .memory(.attentionRowSums, megabytes: 268.4), 256.5, 243...269),
    row("attention backward", .attentionBackward(gigaFLOPs: 1786.7), 3834.5, 3583...3863),
    row(
      "attention query gradients", .memory(.attentionGradients, megabytes: 604.0), 219.5, 215...223),
    row("rotary backward", .memory(.rotary, megabytes: 134.2), 125, 110...130),
    row("query up transposed", .memory(.transpose, megabytes: 75.5), 32.5, 31...35),
    row("query gradient cast", .memory(.cast, megabytes: 305.1), 163.5, 145...170),
    row("query up input", .dense(4096, 1536, 24576), 334.5, 319...340),
    row("rotary key gradient sum", .memory(.reduction, megabytes: 67.1), 33, 29...40),
    row("key gradient copy", .memory(.copy, megabytes: 268.4), 93.5, 89...96),
    row("value gradient copy", .memory(.copy, megabytes: 268.4), 97, 92...99),
    row("key-value up transposed", .memory(.transpose, megabytes: 33.6), 16.5, 14...17),
    row("key-value gradient cast", .memory(.cast, megabytes: 406.8), 208, 185...225),
    row("key-value up input", .dense(4096, 512, 32768), 221.5, 211...226),
    row("key-value gradient transposed", .memory(.castTranspose, megabytes: 406.8), 154, 147...169),
    row("query gradient transposed", .memory(.castTranspose, megabytes: 305.1), 120, 116...134),
    row("query norm backward", .memory(.normBackward, megabytes: 50.3), 23, 19...27),
    row("norm again", .memory(.norm, megabytes: 117.4), 99, 73...127),
    row("key-value down input", .dense(4096, 7168, 576), 65.5, 61...67),
    row("input transposed", .memory(.castTranspose, megabytes: 89.0), 42.5, 40...44),
    row("query down input", .dense(4096, 7168, 1536), 111.5, 105...116),
    row(
      "input for keys and values transposed", .memory(.castTranspose, megabytes: 89.0), 40.5,
      40...44),
    row("input gradient addition", .memory(.addition, megabytes: 176.2), 58.5, 58...60),
    row("norm backward", .memory(.normBackward, megabytes: 234.9), 100, 97...147),
    row("small", .small(61), 307.5, 296...323),
  ]

  /// Attention, weight gradients.
  static let attentionWeight: [KernelMeasurement] = [
    row("output weight", .weightGradient(7168, 16384, 4096), 1506.5, 1466...1517),
    row("key-value up weight", .weightGradient(32768, 512, 4096), 222.5, 217...224),
    row("query up weight", .weightGradient(24576, 1536, 4096), 459, 450...480),
    row("key-value down weight", .weightGradient(576, 7168, 4096), 69.5, 68...72),
    row("query down weight", .weightGradient(1536, 7168, 4096), 135.5, 134...140),
  ]
}
