// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "Tricritical",
  dependencies: [.package(path: "../driftfield")],
  targets: [
    .executableTarget(
      name: "Tricritical",
      dependencies: [.product(name: "Driftfield", package: "driftfield")])
  ])
