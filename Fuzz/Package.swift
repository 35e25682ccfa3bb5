// swift-tools-version: 6.3
import PackageDescription

// A package of its own, because every module here is built with coverage and the address sanitizer.
let instrumented: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"]),
]

func module(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: instrumented)
}

let package = Package(
  name: "Fuzz",
  targets: [
    // Links to the sources of the main package, of which OpenCLBackend has but those that read files.
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
    .systemLibrary(name: "CLAPACKE", pkgConfig: "lapacke"),
    .target(name: "CCorrelation", cSettings: [.unsafeFlags(["-O3"])]),
    module("SparseCore"),
    module("ReferenceBackend", "SparseCore"),
    module("CPUBackend", "SparseCore", "CCorrelation", "COpenBLAS"),
    module("OpenCLBackend"),
    module("LeastSquares", "SparseCore", "CCorrelation", "COpenBLAS", "CLAPACKE"),
    module("Solvers", "SparseCore", "LeastSquares"),
    module("MatrixFiles", "SparseCore"),
    module("SyntheticProblems", "SparseCore"),
    module(
      "SparseRecovery", "CPUBackend", "MatrixFiles", "ReferenceBackend", "Solvers", "SparseCore",
      "SyntheticProblems"),
    module("Charts"),
    module("Experiments", "SparseRecovery", "Charts"),
    module("TestSupport"),

    .target(name: "CFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "CFuzzer", "Charts", "Experiments", "MatrixFiles", "OpenCLBackend", "ReferenceBackend",
        "Solvers", "SparseCore", "SparseRecovery", "TestSupport",
      ],
      swiftSettings: instrumented,
      linkerSettings: [
        .unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"]), .linkedLibrary("m"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
