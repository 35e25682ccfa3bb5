// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [
    // By name: the identity of a package at a path is the name of its folder, which a clone chooses.
    .package(name: "SparseRecovery", path: "..")
  ],
  targets: [
    .executableTarget(
      name: "suite",
      dependencies: [
        .product(name: "Benchmarking", package: "SparseRecovery"),
        .product(name: "SparseRecovery", package: "SparseRecovery"),
      ],
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
      ])
  ],
  swiftLanguageModes: [.v6]
)
