// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Foundation
import Testing

/// `Documentation/StorageFormat.md` names every group, dataset and attribute in the files of every sampler.
@Suite struct StorageFormatTests {
  private static let head = """
    title: names
    seed: 2
    lattice: {extents: [4, 4]}

    """

  /// Everything that one theory allows, at two couplings.
  private static let unhalved =
    head + """
      output: out
      theory: {name: phi4, parametrisation: unhalved, m2: -4.0}
      samplers:
        - {method: hmc, chains: 2, trajectories: 40, thermalisation: 20, cluster: 1, jitter: 0.1}
        - {method: fourier-hmc, mass2: 1, chains: 2, trajectories: 40, thermalisation: 20}
        - {method: mala, chains: 2, trajectories: 40, thermalisation: 20}
        - {method: metropolis, chains: 2, trajectories: 40, thermalisation: 20}
        - {method: ais, walkers: 128, populations: 2, path_steps: 5, reverse: 2, stops: [7.0],
           acceleration: fourier, mass2: 1, target_acceptance: 0.7}
        - {method: ais, name: adaptive, transition: metropolis, origin: independent, walkers: 64,
           populations: 2, schedule: adaptive, conditional_ess: 0.9}
        - {method: smc, transition: langevin, walkers: 64, populations: 2, path_steps: 5,
           threshold: 0.95, path: constant-susceptibility}
        - {method: ais, name: ula, transition: ula, walkers: 64, populations: 2, times: [0.5, 1.0]}
        - {method: nets, name: line, transition: ula, walkers: 64, populations: 2, path_steps: 6,
           amortised: 2, training_walkers: 64, training_slices: 6, training_sweeps: 1}
      measure: {observables: [moments, correlator, propagator], shells: 3}
      configurations: {every: 2}
      monitor: {reversibility: 10}
      grid:
        theory.lambda: [5.0, 6.0]

      """

  /// The other parametrisations, a network, and a drift by name.
  private static let others = [
    head + """
      output: network
      theory: {name: phi4, parametrisation: hopping, kappa: 0.2, lambda: 0.5}
      samplers:
        - {method: nets, transition: hmc, walkers: 64, populations: 2, path_steps: 6,
           training_walkers: 64, training_slices: 6, training_sweeps: 1, network: convolution,
           iterations: 5, gradient_walkers: 32, gradient_slices: 4}

      """,
    head + """
      output: named
      theory: {name: phi4, parametrisation: hopping, kappa: 0.2, lambda: 0.5}
      samplers:
        - {method: nets, transition: hmc, walkers: 64, populations: 2, path_steps: 6,
           drift: network/drift-000-nets}

      """,
    head + """
      output: free
      theory: {name: free, parametrisation: continuum, m2: 1.0}
      samplers:
        - {method: hmc, chains: 2, trajectories: 40, thermalisation: 20}

      """,
  ]

  @Test func everyNameIsInTheDocument() throws {
    let scratch = try Scratch()
    func carryOut(_ arguments: String...) throws {
      let result = try Tool.run(arguments, in: scratch)
      try #require(result.code == 0, "\(arguments): \(result.errors)")
    }
    for (index, text) in ([Self.unhalved] + Self.others).enumerated() {
      try scratch.write(text, to: "\(index).yaml")
      try carryOut("run", "\(index).yaml")
    }
    let chains = ["--chains", "1", "--thermalisation", "3"]
    let ais = "out/run-004-ais"
    for (method, output) in [("imh", "imh"), ("i-sir", "isir")] {
      let arguments = ["unweight", ais, "--output", output, "--method", method] + chains
      let result = try Tool.run(arguments, in: scratch)
      try #require(result.code == 0, "\(result.errors)")
    }
    try carryOut("measure", "out/run-000-hmc", "--output", "measured")
    try carryOut("pack", "out/run-000-hmc", "packed.h5")

    let known = try Self.documented()
    var unknown: [String: String] = [:]
    var names: Set<String> = []
    let files = try FileManager.default.subpathsOfDirectory(atPath: scratch.path)
      .filter { $0.hasSuffix(".h5") }
    for file in files {
      for (name, place) in try HDF5Names(scratch(file)).names {
        names.insert(name)
        if !known.contains(name), !name.hasPrefix("driftfield_initial_") {
          unknown[name] = "\(file): \(place)"
        }
      }
    }
    #expect(files.count > 40)
    #expect(names.count > 200)
    #expect(unknown.isEmpty, "\(unknown)")
  }

  /// The words of all `code` of the document.
  private static func documented() throws -> Set<String> {
    let document = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Documentation/StorageFormat.md").standardized,
      encoding: .utf8
    ).replacing(#/(?s)```.*?```/#, with: "")
    let spans = document.matches(of: #/`([^`\n]+)`/#).map { $0.1 }
    return Set(spans.flatMap { $0.matches(of: #/\w+/#).map { String($0.0) } })
  }
}

/// The names in a file, each with a place where it occurs, read by HDF5 itself.
private struct HDF5Names {
  private(set) var names: [String: String] = [:]

  init(_ path: String) throws {
    let file = H5Fopen(path, hdf5_read_only(), hdf5_default())
    try #require(file >= 0, "\(path) cannot be opened")
    defer { H5Fclose(file) }
    let root = H5Oopen(file, "/", hdf5_default())
    defer { H5Oclose(root) }
    try visit(root, "/")
  }

  private mutating func visit(_ object: hid_t, _ place: String) throws {
    for index in 0..<hsize_t(max(0, H5Aget_num_attrs(object))) {
      let name = Self.text { buffer, size in
        H5Aget_name_by_idx(
          object, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, hdf5_default())
      }
      names[name] = "attribute of \(place)"
    }
    guard H5Iget_type(object) != H5I_DATASET else { return }
    var info = H5G_info_t()
    try #require(H5Gget_info(object, &info) >= 0)
    for index in 0..<info.nlinks {
      let name = Self.text { buffer, size in
        H5Lget_name_by_idx(
          object, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, hdf5_default())
      }
      names[name] = "in \(place)"
      let child = H5Oopen(object, name, hdf5_default())
      try #require(child >= 0)
      defer { H5Oclose(child) }
      try visit(child, "\(place)\(name)/")
    }
  }

  private static func text(_ read: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> String {
    let length = read(nil, 0)
    var buffer = [CChar](repeating: 0, count: max(0, length) + 1)
    _ = read(&buffer, buffer.count)
    return String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
