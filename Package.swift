// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with the same strictness; a warning is an error.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A library target of the given layer; its dependencies are the only modules it may import.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The test target of a module, with what else its tests need.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "fathom",
  products: [.executable(name: "fathom", targets: ["fathom"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // Layer 0
    library("Quantities"),
    library("Schedules"),
    library("Kernels", ["Quantities"]),
    // Layer 1
    .systemLibrary(
      name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"]), .brew(["gsl"])]),
    library("Statistics", ["CGSL", "Quantities"]),
    library("Engine", ["Quantities"]),
    library("Models", ["Quantities", "Kernels"]),
    library("Hardware", ["Quantities", "Kernels", "Statistics"]),
    library("Economics", ["Quantities", "Statistics"]),
    // Layer 2
    library("Fabric", ["Quantities", "Statistics", "Engine", "Hardware"]),
    library("ScheduleSearch", ["Schedules", "Statistics"]),
    // Layer 3
    library(
      "Training",
      [
        "Quantities", "Kernels", "Statistics", "Engine", "Schedules", "Models", "Hardware",
        "Fabric", "ScheduleSearch",
      ]),
    // Layer 4
    library(
      "Scenarios",
      [
        "Quantities", "Kernels", "Statistics", "Schedules", "ScheduleSearch", "Models", "Hardware",
        "Economics", "Fabric", "Training", yams,
      ]),
    // Layer 5
    library(
      "Reporting",
      [
        "Quantities", "Kernels", "Schedules", "ScheduleSearch", "Models", "Hardware", "Economics",
        "Fabric", "Training", "Scenarios",
      ]),
    // Layer 6
    .executableTarget(
      name: "fathom", dependencies: ["Quantities", "Scenarios", "Reporting", argumentParser],
      swiftSettings: strict),
    // Benchmarks, with the C++ twin they are measured against
    .target(name: "HeapTwin"),
    .executableTarget(
      name: "fathom-bench",
      dependencies: [
        "HeapTwin", "Quantities", "Statistics", "Engine", "Schedules", "ScheduleSearch", "Models",
        "Hardware", "Economics", "Fabric", "Training",
      ], swiftSettings: strict),
    // Tests
    tests("Quantities", ["Quantities"]),
    tests("Schedules", ["Schedules"]),
    tests("Statistics", ["Statistics"]),
    tests("Engine", ["Engine", "Quantities"]),
    tests("Models", ["Models", "Kernels", "Quantities"]),
    tests("Hardware", ["Hardware", "Kernels", "Quantities"]),
    tests("Economics", ["Economics", "Quantities", "Statistics"]),
    tests("Fabric", ["Fabric", "Hardware", "Quantities", "Statistics"]),
    tests("ScheduleSearch", ["ScheduleSearch", "Schedules", "Statistics"]),
    tests(
      "Training",
      ["Training", "Schedules", "Models", "Hardware", "Fabric", "Engine", "Quantities"]),
    tests(
      "Scenarios",
      [
        "Scenarios", "Training", "Schedules", "Hardware", "Kernels", "Models", "Economics",
        "Fabric", "Quantities",
      ]),
    tests(
      "Reporting",
      [
        "Reporting", "Scenarios", "Training", "Schedules", "Hardware", "Kernels", "Fabric",
        "Quantities",
      ]),
    tests("Golden", ["Scenarios", "Reporting"], exclude: ["kept"]),
    tests(
      "Validation",
      [
        "Training", "Models", "Hardware", "Schedules", "Economics", "Quantities", "Scenarios",
        "Reporting",
      ]),
    tests("Command", []),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
