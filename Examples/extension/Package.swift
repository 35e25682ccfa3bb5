// swift-tools-version: 6.3
import PackageDescription

// A package of somebody else's: it depends on products of SparseRecovery and on nothing within it.
let package = Package(
  name: "Extension",
  dependencies: [.package(name: "SparseRecovery", path: "../..")],
  targets: [
    .target(
      name: "Extension",
      dependencies: [.product(name: "SparseRecovery", package: "SparseRecovery")]),
    .executableTarget(name: "extend", dependencies: ["Extension"]),
    .testTarget(
      name: "ExtensionTests",
      dependencies: [
        "Extension", .product(name: "SparseRecoveryTesting", package: "SparseRecovery"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
