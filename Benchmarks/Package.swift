// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

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
      swiftSettings: strict),
    .target(name: "AllocationCounting"),
    .executableTarget(
      name: "allocations",
      dependencies: [
        "AllocationCounting", .product(name: "SparseRecovery", package: "SparseRecovery"),
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
