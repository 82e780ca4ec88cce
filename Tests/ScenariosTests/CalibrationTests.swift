import Foundation
import Hardware
import Kernels
import Quantities
import Testing

@testable import Scenarios

/// A GPU that no catalogue has.
private func unseen() -> DeviceRequest {
  var request = DeviceRequest()
  request.name = "unseen"
  request.bf16Peak = "400 TFLOPS"
  request.fp8Peak = "800 TFLOPS"
  request.memory = "96 GB"
  request.memoryBandwidth = "2 TB/s"
  request.multiprocessors = 64
  return request
}

private func calibrate(
  _ lines: [String], _ request: DeviceRequest = unseen()
) throws -> Calibration {
  try Calibration(text: lines.joined(separator: "\n"), file: "k.csv", request)
}

private func refusals(_ lines: [String], _ request: DeviceRequest = unseen()) -> [String] {
  do {
    _ = try calibrate(lines, request)
    return []
  } catch let error as ScenarioError {
    return error.problems.map(\.description)
  } catch {
    return ["unexpected: \(error)"]
  }
}

@Suite struct CalibrationTests {
  /// Times made from known curves give these curves back, each number of them.
  @Test func knownCurvesAreRecovered() throws {
    let gpu = try unseen().resolvedGPU()
    let known = [
      MeasuredCurve(
        kernelClass: .matrix(.dense, .bf16), values: [1.3, 1.25, 2, 0.75, 1.5, 4], rows: []),
      MeasuredCurve(
        kernelClass: .matrix(.grouped, .fp8), values: [1.5, 1.1, 0.5, 0.8, 1.25, 6], rows: []),
      MeasuredCurve(kernelClass: .attention(backward: false), values: [0.6], rows: []),
      MeasuredCurve(kernelClass: .memory(.copy), values: [0.8, 3], rows: []),
      MeasuredCurve(kernelClass: .small, values: [5], rows: []),
    ]
    let truth = KernelRates(
      curves: known, on: gpu, base: try KernelRates.fitted(for: gpu), launchGap: 0, source: "")
    var lines = ["class,precision,m,n,k,groups,gflop,bytes,count,multiprocessors,time_us"]
    func add(_ cells: String, _ work: KernelWork, _ processors: Int = 64) {
      let seconds = truth.seconds(work, on: gpu, multiprocessorShare: Double(processors) / 64)
      lines.append("\(cells),\(processors),\(seconds * 1e6)")
    }
    for (m, n, k) in [
      (64, 512, 4096), (512, 4096, 1024), (4096, 4096, 4096), (8192, 1024, 7168), (640, 7168, 2048),
      (128, 16384, 512),
    ] {
      for processors in [64, 48] {
        let product = MatrixProduct(
          m: Double(m), n: Double(n), k: Double(k), operands: .bf16, kind: .dense)
        add("dense,bf16,\(m),\(n),\(k),,,,", .matrix(product), processors)
        let grouped = MatrixProduct(
          m: Double(8 * m), n: Double(n), k: Double(k), groups: 8, operands: .fp8, kind: .grouped)
        add("grouped,fp8,\(8 * m),\(n),\(k),8,,,", .matrix(grouped), processors)
      }
    }
    for gflop in [20.0, 500, 900] {
      add(
        "attention_forward,,,,,,\(gflop),,", .attention(flops: FLOPs(gflop * 1e9), backward: false))
    }
    for bytes in [1 << 20, 1 << 24, 1 << 28] {
      add("copy,,,,,,,\(bytes),", .memory(.copy, Bytes(Double(bytes))))
    }
    for count in [1, 40] { add("small,,,,,,,,\(count)", .small(count: count)) }
    let found = try calibrate(lines).device.rates
    #expect(found.fits.count == known.count)
    for curve in known {
      for (value, wanted) in zip(found.values(of: curve.kernelClass), curve.values) {
        #expect(abs(value / wanted - 1) < 1e-6, "\(curve.kernelClass)")
      }
    }
  }

  /// Residuals, range and worst row are those of the rows; classes without rows are the catalogue's.
  @Test func rowsBesideTheirCurve() throws {
    let calibration = try calibrate([
      "class,bytes,microseconds", "copy,100000000,100", "copy,200000000,190",
      "copy,400000000,400", "# a comment", "norm,100000000,200", "norm,200000000,400",
    ])
    #expect(calibration.classes.map(\.rows.count) == [2, 3])
    let copy = try #require(calibration.classes.last)
    #expect(copy.fit.range == "bytes 100M-400M" || copy.fit.range == "bytes 100.0M-400.0M")
    let worst = try #require(calibration.worst)
    #expect(worst.measured.role == "line 3")
    // The line through 100, 200 and 400 MB in 100, 190 and 400 us with the least relative errors, by
    // Cramer's rule: a us for 100 MB and b us a launch.
    let points = [(1.0, 100.0), (2, 190), (4, 400)]
    func sum(_ term: (Double, Double) -> Double) -> Double {
      points.reduce(0) { $0 + term($1.0, $1.1) }
    }
    let (xx, x, one) = (sum { $0 * $0 / ($1 * $1) }, sum { $0 / ($1 * $1) }, sum { 1 / ($1 * $1) })
    let (xt, t) = (sum { $0 / $1 }, sum { 1 / $1 })
    let determinant = xx * one - x * x
    let (a, b) = ((xt * one - t * x) / determinant, (xx * t - x * xt) / determinant)
    for (row, (size, time)) in zip(copy.rows, points) {
      #expect(abs(row.error - ((a * size + b) / time - 1)) < 1e-9, "\(row.error)")
    }
    #expect(calibration.unmeasured.contains("dense") && !calibration.unmeasured.contains("norm"))
    let catalogue = try KernelRates.fitted(for: try unseen().resolvedGPU())
    #expect(calibration.device.rates.curve(.dense, .fp8) == catalogue.curve(.dense, .fp8))
    #expect(calibration.withoutCommunication.isEmpty)
  }

  /// Products timed alone slow down beside communication as the catalogue's do, whatever the file has
  /// of others; those timed on all and on some of the multiprocessors, as their own rows say.
  @Test func contentionIsDecidedClassByClass() throws {
    let gpu = try unseen().resolvedGPU()
    let catalogue = try KernelRates.fitted(for: gpu)
    let truth = KernelRates(
      curves: [
        MeasuredCurve(
          kernelClass: .matrix(.dense, .bf16), values: [1.3, 1, 2, 0.75, 1.5, 4], rows: []),
        MeasuredCurve(
          kernelClass: .matrix(.grouped, .fp8), values: [1.5, 1.1, 0.5, 0.8, 1.25, 6], rows: []),
      ], on: gpu, base: catalogue, launchGap: 0, source: "")
    var lines = ["class,precision,m,n,k,groups,multiprocessors,us"]
    for (m, n, k) in [
      (64, 512, 4096), (512, 4096, 1024), (4096, 4096, 4096), (8192, 1024, 7168), (640, 7168, 2048),
      (128, 16384, 512),
    ] {
      let alone = MatrixProduct(m: Double(m), n: Double(n), k: Double(k), operands: .bf16)
      let seconds = truth.seconds(.matrix(alone), on: gpu, multiprocessorShare: 1)
      lines.append("dense,bf16,\(m),\(n),\(k),,64,\(seconds * 1e6)")
      for processors in [64, 48] {
        let grouped = MatrixProduct(
          m: Double(8 * m), n: Double(n), k: Double(k), groups: 8, operands: .fp8, kind: .grouped)
        let seconds = truth.seconds(
          .matrix(grouped), on: gpu, multiprocessorShare: Double(processors) / 64)
        lines.append("grouped,fp8,\(8 * m),\(n),\(k),8,\(processors),\(seconds * 1e6)")
      }
    }
    let calibration = try calibrate(lines)
    let rates = calibration.device.rates
    let dense = catalogue.curve(.dense, .bf16).contention
    #expect(dense > 1.05)
    #expect(rates.curve(.dense, .bf16).contention == dense)
    #expect(abs(rates.curve(.grouped, .fp8).contention - 1.1) < 1e-6)
    #expect(calibration.withoutCommunication == [.matrix(.dense, .bf16)])
  }

  /// Products that were all timed beside communication are faster alone by the catalogue's slow-down.
  @Test func rowsBesideCommunicationAlone() throws {
    let gpu = try unseen().resolvedGPU()
    let product = MatrixProduct(m: 8192, n: 4096, k: 4096, operands: .bf16)
    let larger = MatrixProduct(m: 8192, n: 4096, k: 8192, operands: .bf16)
    let catalogue = try KernelRates.fitted(for: gpu)
    let lines =
      ["class,precision,m,n,k,multiprocessors,us"]
      + [product, larger].map { one in
        let seconds = catalogue.seconds(.matrix(one), on: gpu, multiprocessorShare: 0.75)
        return "dense,bf16,8192,4096,\(Int(one.k)),48,\(seconds * 1e6)"
      }
    let rates = try calibrate(lines).device.rates
    let ratio =
      rates.seconds(.matrix(larger), on: gpu, multiprocessorShare: 1)
      / catalogue.seconds(.matrix(larger), on: gpu, multiprocessorShare: 1)
    #expect(abs(ratio - 1) < 0.05, "\(ratio)")
  }

  /// Memory-bound kinds that nobody measured are told: of the catalogue's, the optimizer's update.
  @Test func unmeasuredKindsAreTold() throws {
    let gpu = try unseen().resolvedGPU()
    let rates = try KernelRates.fitted(for: gpu)
    #expect(rates.takenAsCopies == [.optimizer])
    #expect(rates.curve(.optimizer).share == rates.curve(.copy).share)
    let own = try calibrate([
      "class,bytes,us", "optimizer,100000000,100", "optimizer,200000000,190",
    ])
    #expect(own.device.rates.takenAsCopies.isEmpty)
    let text = """
      {format: 1, name: a, model: llama-2-7b, cluster: {node: h800, nodes: 1},
       parallelism: {pipeline: 1},
       training: {sequence_length: 1024, global_batch: 8, schedule: 1f1b}}
      """
    let scenario = try Scenario.load(try Document(text: text, file: "a.yaml"), set: [])
    let told = try Study(scenario).run { _ in }.assumptions.filter { $0.contains("optimizer") }
    #expect(told.contains { $0.hasPrefix("No kernel of class optimizer was measured") })
  }

  /// A catalogue's GPU needs no numbers, and options replace single ones.
  @Test func aGPUOfTheCatalogue() throws {
    var request = DeviceRequest()
    request.gpu = "h100"
    request.memoryBandwidth = "3 TB/s"
    let gpu = try request.resolvedGPU()
    #expect(gpu.name == "H100 SXM" && gpu.memoryBandwidth.value == Bandwidth(3e12))
    #expect(gpu.bf16Peak.value == FLOPRate(989e12))
  }

  /// The shipped example is read, and its rows lie near their curves.
  @Test func shippedExample() throws {
    var request = DeviceRequest()
    request.gpu = "h800"
    let path = ShippedKeyTests.folder.appending(path: "calibration-example.csv").path()
    let calibration = try Calibration(path: path, request)
    #expect(calibration.classes.count == 4)
    #expect(abs(calibration.worst?.error ?? 1) < 0.15)
  }
}

private let bf16Rows = "dense,bf16,4096,4096,4096,800"

/// What is wrong with measurements, each with its row.
private let wrongMeasurements: [([String], [String])] = [
  (
    [""],
    [
      "k.csv: the file is empty: it starts with the names of its columns; write class,precision,m,n,k,microseconds and a row for each kernel"
    ]
  ),
  (["class,us"], ["k.csv:1: no row follows the header; write one for each measured kernel"]),
  (
    ["class,bytes,time_fortnights", "copy,1,1"],
    [
      "k.csv:1: column time_fortnights is a time in no known unit: write one of microseconds, milliseconds, seconds, nanoseconds"
    ]
  ),
  (
    ["class,bytes", "copy,1"],
    [
      "k.csv:1: no column is a time: it says its unit in its name; write one of microseconds, milliseconds, seconds, nanoseconds"
    ]
  ),
  (
    ["class,bytes,us,ms", "copy,1,1,1"],
    ["k.csv:1: us and ms are both times: a kernel has one; remove one of them"]
  ),
  (
    ["class,bytes,bytes,us", "copy,1,1,1"],
    ["k.csv:1: column bytes stands twice: each column stands once; remove one"]
  ),
  (
    ["bytes,us", "1,1"],
    ["k.csv:1: column class is missing: it has no default; add it"]
  ),
  (
    ["class,bytes,us", "copy,1000000", "copy,2000000,2", "copy,4000000,4"],
    ["k.csv:2: the row has 2 cells but the header 3: each column has a cell; write 3"]
  ),
  (
    // Every row at once.
    [
      "class,precision,m,n,k,us", "dense,bf16,4096,4096,4096,-3", "dense,bf16,4096,4096,4096,0",
      "dense,bf16,4096,4096,4096,nan", "dense,bf16,4096,0,4096,500", "dense,bf16,,4096,4096,500",
      "dense,bf16,4096,4096,1e300,500", "dense,bf17,4096,4096,4096,500",
      "dens,bf16,4096,4096,4096,500", "dense,bf16,4096,4096,4096,1",
    ],
    [
      "k.csv:2: us is -3: it must be a number from 0.001 to 10000000000.0; correct it or its unit",
      "k.csv:3: us is 0: it must be a number from 0.001 to 10000000000.0; correct it or its unit",
      "k.csv:4: us is nan: it must be a number from 0.001 to 10000000000.0; correct it or its unit",
      "k.csv:5: n is 0: it must be a whole number from 1 to 1000000000.0; correct it or its unit",
      "k.csv:6: m is empty: dense is sized by it; fill it in",
      "k.csv:7: k is 1e300: it must be a whole number from 1 to 1000000000.0; correct it or its "
        + "unit",
      "k.csv:8: precision is bf17: the precisions are fp8, bf16, fp16, fp32; use one of them",
      "k.csv:9: class is dens: the classes are \(KernelClass.names.joined(separator: ", ")); did "
        + "you mean dense?",
      "k.csv:10: the kernel runs at 137.4 PFLOPS, but the peak of unseen is 400 TFLOPS; correct the "
        + "time, its unit, the size or the peak",
    ]
  ),
  (
    ["class,precision,m,n,k,us", bf16Rows],
    [
      "k.csv:2: this is the only row of dense product, bf16: a curve needs two sizes or more; add "
        + "rows or remove this one"
    ]
  ),
  (
    ["class,precision,m,n,k,us", bf16Rows, "dense,bf16,4096,4096,4096,820"],
    [
      "k.csv:2: m, n, k of dense product, bf16 are the same on lines 2, 3: a curve over size needs "
        + "two sizes or more; add rows of another size"
    ]
  ),
  (
    ["class,bytes,us", "copy,1000000,10", "copy,2000000,10", "copy,9000000,10"],
    [
      "k.csv:2: us of copy is 10 on lines 2, 3, 4 whatever the size: such times tell nothing; "
        + "measure them again"
    ]
  ),
  (
    [
      "class,precision,m,bytes,us", "copy,bf16,,1000000,10", "copy,,5,2000000,20",
      "copy,,,4000000,40",
    ],
    [
      "k.csv:2: precision is bf16: copy has one curve for every precision; leave it empty",
      "k.csv:3: m is 5: copy is sized by bytes alone; leave it empty",
    ]
  ),
]

@Test(arguments: wrongMeasurements)
func wrongMeasurement(_ lines: [String], _ expected: [String]) {
  #expect(refusals(lines) == expected)
}

/// Every option of a GPU that is missing or wrong is told at once.
@Test func wrongOptions() {
  var request = DeviceRequest()
  request.memory = "96"
  let names = HardwareCatalogue.nodes.map(\.name).joined(separator: ", ")
  #expect(
    refusals(["class,us"], request) == [
      "--memory is 96: it must be from 1 GB to 1000 TB; write it with its unit",
      "the GPU's numbers are not known: add --bf16-peak, --memory-bandwidth, --multiprocessors, "
        + "--name, or --gpu with one of \(names)",
    ])
  request = DeviceRequest()
  request.gpu = "h101"
  #expect(
    refusals(["class,us"], request) == [
      "--gpu is h101: the catalogue has \(names); did you mean h100?"
    ])
  request = unseen()
  request.nvlink = "400 GB/s"
  #expect(
    refusals(["class,bytes,us", "copy,1000000,10", "copy,2000000,20"], request) == [
      "a node needs --gpus-per-node, --nvlink and --nic; give all of them, or none and name "
        + "cluster.node in scenarios"
    ])
}

/// Times that fall as kernels grow, and curves above the peak, are no curves.
@Test func curvesThatCannotBe() {
  let falling = refusals([
    "class,bytes,us", "copy,1000000,30", "copy,4000000,20", "copy,9000000,10",
  ])
  #expect(falling.count == 1 && falling[0].hasPrefix("k.csv: by the rows of copy large "))
  // Each row is below the peak of 400 TFLOPS, 5 us of launch in the smaller one; what the larger adds
  // is above it.
  let above = refusals([
    "class,precision,m,n,k,us", "dense,bf16,8192,8192,1024,\(2 * 8192.0 * 8192 * 1024 / 390e6)",
    "dense,bf16,8192,8192,2048,\(2 * 8192.0 * 8192 * 2048 / 399e6)",
  ])
  #expect(
    above.count == 1 && above[0].contains("by the rows of dense product, bf16 large products"))
}
