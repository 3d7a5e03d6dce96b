// swift-tools-version: 6.1
// SPDX-License-Identifier: GPL-3.0-or-later
import PackageDescription

// A package of its own, so that users of Driftfield never resolve it.
let package = Package(
  name: "DriftfieldBenchmarks",
  dependencies: [.package(name: "Driftfield", path: "..")],
  targets: [
    .target(name: "ProcessorLimits"),
    .executableTarget(
      name: "driftfield-bench",
      dependencies: [
        "ProcessorLimits", .product(name: "DriftfieldKernels", package: "Driftfield"),
        .product(name: "Driftfield", package: "Driftfield"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
