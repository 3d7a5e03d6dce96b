// swift-tools-version: 6.1
// SPDX-License-Identifier: GPL-3.0-or-later
import PackageDescription

// The commit a binary was built from goes into every file it writes.
let git = Context.gitInformation
let commit =
  git.map { $0.currentCommit + ($0.hasUncommittedChanges ? " with local changes" : "") }
  ?? "unknown"

let package = Package(
  name: "Driftfield",
  products: [
    .library(
      name: "Driftfield",
      targets: [
        "RandomStreams", "Statistics", "Lattices", "Ensembles", "Targets", "Actions", "Observables",
        "MonteCarlo", "Annealing", "Networks", "Transport", "TensorRenormalisation", "HDF5Storage",
        "NumPyFiles", "Sweeps", "Citations", "Reports",
      ]),
    .library(name: "DriftfieldKernels", targets: ["CKernels"]),
    .executable(name: "driftfield", targets: ["driftfield"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(name: "CBuild", cSettings: [.define("DRIFTFIELD_COMMIT", to: "\"\(commit)\"")]),
    .target(name: "CKernels"),
    .systemLibrary(name: "CFFTW", pkgConfig: "fftw3"),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial"),
    .target(name: "RandomStreams", dependencies: ["CKernels"]),
    .target(name: "Statistics"),
    .target(name: "Lattices", dependencies: ["CFFTW"]),
    .target(name: "Ensembles", dependencies: ["Statistics"]),
    .target(name: "Targets", dependencies: ["Ensembles", "RandomStreams"]),
    .target(
      name: "Actions",
      dependencies: ["Targets", "Ensembles", "RandomStreams", "Lattices", "CKernels"]),
    .target(
      name: "Observables", dependencies: ["Lattices", "Ensembles", "Statistics", "CKernels"]),
    .target(
      name: "MonteCarlo",
      dependencies: [
        "Actions", "Targets", "Ensembles", "RandomStreams", "Lattices", "Statistics", "CKernels",
      ]),
    .target(
      name: "Annealing",
      dependencies: [
        "MonteCarlo", "Actions", "Targets", "Ensembles", "RandomStreams", "Lattices", "Statistics",
      ]),
    .target(
      name: "Networks",
      dependencies: [
        "Ensembles", "RandomStreams", "Lattices", "CKernels", "CFFTW", "COpenBLAS",
      ]),
    .target(
      name: "Transport",
      dependencies: [
        "Annealing", "Networks", "MonteCarlo", "Actions", "Targets", "Ensembles", "RandomStreams",
        "Lattices", "Statistics", "CKernels", "CFFTW", "COpenBLAS",
      ]),
    .target(name: "TensorRenormalisation", dependencies: ["Actions", "COpenBLAS"]),
    .target(name: "NumPyFiles"),
    .target(name: "HDF5Storage", dependencies: ["Ensembles", "CHDF5"]),
    .target(name: "Citations", dependencies: ["Ensembles"]),
    .target(
      name: "Sweeps",
      dependencies: [
        "Transport", "Networks", "Annealing", "MonteCarlo", "Observables", "Actions", "Targets",
        "Ensembles",
        "RandomStreams", "Lattices", "Statistics", "Yams",
      ]),
    .target(
      name: "Reports",
      dependencies: [
        "Sweeps", "Citations", "Observables", "Actions", "Ensembles", "Lattices", "Statistics",
      ]),
    .executableTarget(
      name: "driftfield",
      dependencies: [
        "Reports", "Sweeps", "HDF5Storage", "NumPyFiles", "Citations", "TensorRenormalisation",
        "Observables", "Actions", "Lattices",
        "Ensembles", "RandomStreams", "Statistics", "CKernels", "CBuild",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "TestSupport",
      dependencies: ["Targets", "Ensembles", "RandomStreams", "Statistics"],
      path: "Tests/TestSupport"),
    .testTarget(name: "RandomStreamsTests", dependencies: ["RandomStreams", "CKernels"]),
    .testTarget(name: "StatisticsTests", dependencies: ["Statistics"]),
    .testTarget(name: "LatticesTests", dependencies: ["Lattices"]),
    .testTarget(name: "EnsemblesTests", dependencies: ["Ensembles"]),
    .testTarget(
      name: "ActionsTests",
      dependencies: [
        "Actions", "Targets", "Ensembles", "Lattices", "RandomStreams", "CKernels", "TestSupport",
      ]),
    .testTarget(
      name: "ObservablesTests",
      dependencies: [
        "Observables", "Ensembles", "Lattices", "Actions", "RandomStreams", "Statistics",
      ]),
    .testTarget(
      name: "MonteCarloTests",
      dependencies: [
        "MonteCarlo", "Actions", "Targets", "Ensembles", "Lattices", "RandomStreams", "Statistics",
        "TestSupport",
      ]),
    .testTarget(
      name: "AnnealingTests",
      dependencies: [
        "Annealing", "MonteCarlo", "Actions", "Targets", "Ensembles", "Lattices", "RandomStreams",
        "Statistics", "TestSupport",
      ]),
    .testTarget(
      name: "NetworksTests",
      dependencies: [
        "Networks", "Ensembles", "RandomStreams", "Lattices", "CKernels", "TestSupport",
      ]),
    .testTarget(
      name: "TransportTests",
      dependencies: [
        "Transport", "Networks", "Annealing", "MonteCarlo", "Actions", "Targets", "Ensembles",
        "Lattices", "RandomStreams", "Statistics", "CKernels", "TestSupport",
      ]),
    .testTarget(
      name: "TargetsTests",
      dependencies: ["Targets", "Ensembles", "RandomStreams", "Statistics", "TestSupport"]),
    .testTarget(
      name: "TensorRenormalisationTests",
      dependencies: ["TensorRenormalisation", "Actions", "Lattices", "TestSupport"]),
    .testTarget(name: "NumPyFilesTests", dependencies: ["NumPyFiles"]),
    .testTarget(name: "HDF5StorageTests", dependencies: ["HDF5Storage", "Ensembles"]),
    .testTarget(name: "CitationsTests", dependencies: ["Citations", "Ensembles", "Sweeps"]),
    .testTarget(
      name: "SweepsTests",
      dependencies: [
        "Sweeps", "Annealing", "Ensembles", "MonteCarlo", "Lattices", "Observables", "Statistics",
      ]),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Reports", "Sweeps", "Citations", "Observables", "Actions", "Ensembles", "Lattices",
        "Statistics",
      ]),
    .testTarget(
      name: "ExtendingTests",
      dependencies: [
        "Actions", "Annealing", "Ensembles", "HDF5Storage", "Lattices", "MonteCarlo",
        "Observables", "RandomStreams", "Statistics", "TestSupport",
      ],
      exclude: ["Program"]),
    .testTarget(
      name: "PhysicsTests",
      dependencies: [
        "Sweeps", "Annealing", "MonteCarlo", "Actions", "Observables", "Targets", "Ensembles",
        "Lattices", "RandomStreams", "Statistics", "TestSupport", "TensorRenormalisation",
      ]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["driftfield", "HDF5Storage", "NumPyFiles", "Ensembles", "Sweeps", "CHDF5"]),
  ],
  swiftLanguageModes: [.v6]
)

// Each folder below Sources has a README.md, which is no source.
for target in package.targets where target.path == nil {
  if target.type == .regular || target.type == .executable { target.exclude.append("README.md") }
}
