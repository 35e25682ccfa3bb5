// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]
// Generic numerical code that other modules call must be specialised across modules: 40 x slower without.
let hot: [SwiftSetting] =
  strict + [.unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))]

// Tests that compute little themselves are built without optimisation, in half the time.
let unoptimized: [SwiftSetting] =
  strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

// What the umbrella exports. Who imports the umbrella names these as well: its module file stays the same
// when one of theirs changes, so that a build would else go on with layouts of the past.
let exported = [
  "SparseCore", "Losses", "ReferenceBackend", "CPUBackend", "OpenCLBackend", "Solvers",
  "MatrixFiles",
  "SyntheticProblems",
]
let umbrella: [Target.Dependency] = (["SparseRecovery"] + exported).map { .byName(name: $0) }

let package = Package(
  name: "SparseRecovery",
  products: [
    .library(name: "SparseRecovery", targets: ["SparseRecovery"] + exported),
    .library(name: "SparseRecoveryTesting", targets: ["SparseRecoveryTesting"]),
    .library(name: "Benchmarking", targets: ["Benchmarking"]),
    // Files that libraries of others unpack, which trust them.
    .library(name: "ForeignFiles", targets: ["ForeignFiles"]),
    // The same for other languages: a shared library whose interface is a header of C.
    .library(name: "sparse_recovery", type: .dynamic, targets: ["SparseRecoveryC"]),
    .executable(name: "sea", targets: ["sea"]),
    .executable(name: "sea-decoder", targets: ["sea-decoder"]),
  ],
  targets: [
    // MARK: C libraries
    .systemLibrary(
      name: "COpenCL", pkgConfig: "clblast",
      providers: [.apt(["ocl-icd-opencl-dev", "libclblast-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),

    // MARK: Build tools
    .executableTarget(name: "kernelgen", swiftSettings: strict),
    .plugin(name: "EmbedKernels", capability: .buildTool(), dependencies: ["kernelgen"]),

    // MARK: Library
    .target(
      name: "SparseCore", swiftSettings: hot,
      // Unoptimised builds call libm for square roots.
      linkerSettings: [.linkedLibrary("m")]),
    .target(name: "Losses", dependencies: ["SparseCore"], swiftSettings: hot),
    .target(name: "ReferenceBackend", dependencies: ["SparseCore"], swiftSettings: hot),
    // Products of A with many residuals, for the vector instructions of each processor.
    .target(name: "CCorrelation", cSettings: [.unsafeFlags(["-O3"])]),
    .target(
      name: "CPUBackend", dependencies: ["SparseCore", "CCorrelation", "COpenBLAS"],
      swiftSettings: hot),
    .target(
      name: "OpenCLBackend", dependencies: ["SparseCore", "COpenCL"], swiftSettings: strict,
      plugins: ["EmbedKernels"]),
    .target(
      name: "LeastSquares",
      dependencies: ["SparseCore", "CCorrelation", "COpenBLAS", "CLAPACKE"],
      swiftSettings: strict),
    .target(name: "Solvers", dependencies: ["SparseCore", "LeastSquares"], swiftSettings: strict),
    .target(name: "MatrixFiles", dependencies: ["SparseCore"], swiftSettings: hot),
    .target(name: "SyntheticProblems", dependencies: ["SparseCore"], swiftSettings: hot),
    .target(
      name: "SparseRecovery",
      dependencies: exported.map { .byName(name: $0) },
      swiftSettings: strict),

    // Compressed files and MATLAB's, for who wants them: nothing else links to zlib and libmatio.
    .target(
      name: "CForeignFiles",
      linkerSettings: [.linkedLibrary("z"), .linkedLibrary("matio")]),
    .target(
      name: "ForeignFiles",
      dependencies: ["SparseCore", "MatrixFiles", "MemoryFiles", "CForeignFiles"],
      swiftSettings: strict),
    // Files without a name, in which one process leaves another what it decodes.
    .target(name: "CMemoryFiles"),
    .target(
      name: "MemoryFiles", dependencies: ["SparseCore", "MatrixFiles", "CMemoryFiles"],
      swiftSettings: strict),

    // The interface for other languages: the header, and what is behind it.
    .target(name: "CSparseRecovery"),
    .target(
      name: "SparseRecoveryC", dependencies: umbrella + ["CSparseRecovery"],
      exclude: ["exports.map"], swiftSettings: strict),

    .target(
      name: "SparseRecoveryTesting",
      dependencies: [
        "SparseCore", "ReferenceBackend", "CPUBackend", "Solvers", "SyntheticProblems",
      ],
      swiftSettings: strict),

    // MARK: Tools
    .target(name: "Charts", swiftSettings: strict),
    .target(
      name: "Experiments", dependencies: umbrella + ["Charts"], swiftSettings: strict),
    .target(
      name: "Benchmarking", dependencies: umbrella, swiftSettings: strict),
    .target(name: "Arguments", swiftSettings: strict),
    .executableTarget(
      name: "sea",
      dependencies: umbrella + [
        "Benchmarking", "Experiments", "Charts", "Arguments", "MemoryFiles",
      ],
      swiftSettings: strict),
    // What `sea` has decode the files that it does not trust.
    .executableTarget(
      name: "sea-decoder",
      dependencies: ["ForeignFiles", "MatrixFiles", "MemoryFiles", "SparseCore"],
      swiftSettings: strict),

    // MARK: Tests
    .target(
      name: "TestSupport",
      dependencies: ["SparseCore", "Losses", "SyntheticProblems"],
      path: "Tests/TestSupport", swiftSettings: strict),
    // Whether memory stays flat is seen in a process of its own.
    .systemLibrary(name: "CMalloc", path: "Tests/CMalloc"),
    .executableTarget(
      name: "soak", dependencies: umbrella + ["Charts", "CMalloc", "TestSupport"],
      path: "Tests/soak",
      swiftSettings: strict),
    .testTarget(name: "SoakTests", dependencies: ["soak"], swiftSettings: unoptimized),
    .testTarget(
      name: "SparseCoreTests",
      dependencies: ["SparseCore", "TestSupport", "SparseRecoveryTesting"], swiftSettings: strict),
    .testTarget(
      name: "CPUBackendTests",
      dependencies: [
        "CCorrelation", "CPUBackend", "ReferenceBackend", "SparseCore", "TestSupport",
        "SparseRecoveryTesting",
        "Arguments",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "OpenCLBackendTests",
      dependencies: [
        "OpenCLBackend", "ReferenceBackend", "Solvers", "SparseCore", "TestSupport",
        "SparseRecoveryTesting",
      ],
      exclude: ["Corpus"], swiftSettings: strict),
    .testTarget(
      name: "LeastSquaresTests",
      dependencies: ["LeastSquares", "SparseCore", "TestSupport", "SparseRecoveryTesting"],
      swiftSettings: strict),
    .testTarget(
      name: "SolversTests",
      dependencies: umbrella + ["LeastSquares", "TestSupport", "SparseRecoveryTesting"],
      exclude: ["Corpus"], swiftSettings: strict),
    .testTarget(
      name: "CrossingTests",
      dependencies: umbrella + [
        "ForeignFiles", "MemoryFiles", "TestSupport", "SparseRecoveryTesting",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MatrixFilesTests",
      dependencies: ["MatrixFiles", "SparseCore", "TestSupport", "SparseRecoveryTesting"],
      exclude: ["Corpus"], swiftSettings: unoptimized),
    .testTarget(
      name: "ForeignFilesTests",
      dependencies: [
        "ForeignFiles", "MatrixFiles", "MemoryFiles", "SparseCore", "TestSupport",
      ],
      exclude: ["Fixtures"], swiftSettings: unoptimized),
    .testTarget(
      name: "SyntheticProblemsTests", dependencies: ["SyntheticProblems", "SparseCore"],
      swiftSettings: strict),
    .testTarget(
      name: "BenchmarkingTests", dependencies: umbrella + ["Benchmarking"],
      swiftSettings: unoptimized),
    .testTarget(
      name: "ChartsTests", dependencies: ["Charts", "TestSupport"], swiftSettings: unoptimized),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: umbrella + ["Experiments", "Charts", "TestSupport"],
      exclude: ["Corpus"], swiftSettings: unoptimized),
    .testTarget(
      name: "SparseRecoveryCTests",
      dependencies: umbrella + [
        "SparseRecoveryC", "CSparseRecovery", "TestSupport",
      ],
      swiftSettings: unoptimized),
    .testTarget(name: "ArgumentsTests", dependencies: ["Arguments"], swiftSettings: unoptimized),
    .testTarget(
      name: "seaTests",
      dependencies: umbrella + ["sea", "sea-decoder", "Arguments", "TestSupport"],
      swiftSettings: unoptimized),
  ],
  swiftLanguageModes: [.v6]
)
