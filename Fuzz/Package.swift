// swift-tools-version: 6.2
import PackageDescription

// A package of its own, because every module here is built with coverage and the address sanitizer.
let instrumented: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"]),
]

let package = Package(
  name: "Fuzz",
  targets: [
    // Links to the sources of the main package.
    .target(name: "SparseCore", swiftSettings: instrumented),
    .target(name: "MatrixFiles", dependencies: ["SparseCore"], swiftSettings: instrumented),
    .target(name: "CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["MatrixFiles", "SparseCore", "CFuzzer"],
      swiftSettings: instrumented,
      linkerSettings: [
        .unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"]), .linkedLibrary("m"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
