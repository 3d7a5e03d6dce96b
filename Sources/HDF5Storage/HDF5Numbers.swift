// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5

/// How the numbers of a dataset are written and read.
extension HDF5Session {
  /// Writes one block from doubles, which the library turns into the type of the dataset.
  func write(
    _ values: UnsafePointer<Double>, to block: Block, of dataset: hid_t, _ path: String
  ) throws {
    try scope { session in
      let action = "cannot write /\(path)"
      let space = try session.keep(H5Dget_space(dataset), H5Sclose, action)
      try session.select(block, in: space)
      let memory = try session.dataspace(block.extents)
      try session.require(
        H5Dwrite(dataset, hdf5_native_double(), memory, space, hdf5_default(), values), action)
    }
  }

  /// Writes a whole dataset of integers.
  func write(_ numbers: [Int], to dataset: hid_t, _ path: String) throws {
    if numbers.isEmpty { return }
    try require(
      H5Dwrite(
        dataset, hdf5_native_int64(), hdf5_all(), hdf5_all(), hdf5_default(),
        numbers.map(Int64.init)), "cannot write /\(path)")
  }

  /// Writes a whole dataset from doubles.
  func write(_ numbers: [Double], to dataset: hid_t, _ path: String) throws {
    if numbers.isEmpty { return }
    try require(
      H5Dwrite(dataset, hdf5_native_double(), hdf5_all(), hdf5_all(), hdf5_default(), numbers),
      "cannot write /\(path)")
  }

  /// Reads one block as doubles into `target`, a block of an array in memory of `extents`.
  func read(
    _ block: Block, of dataset: hid_t, _ path: String, into values: UnsafeMutablePointer<Double>,
    extents: [Int], target: Block
  ) throws {
    try scope { session in
      let action = "cannot read /\(path)"
      let space = try session.keep(H5Dget_space(dataset), H5Sclose, action)
      try session.select(block, in: space)
      let memory = try session.dataspace(extents)
      try session.select(target, in: memory)
      try session.require(
        H5Dread(dataset, hdf5_native_double(), memory, space, hdf5_default(), values), action)
    }
  }

  /// Reads one block of a dataset as doubles.
  func values(of block: Block, _ path: String, in file: hid_t) throws -> [Double] {
    let count = block.extents.reduce(1, *)
    return try Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      let whole = Block(start: block.start.map { _ in 0 }, extents: block.extents)
      try scope { session in
        try session.read(
          block, of: session.openDataset(path, in: file), path, into: buffer.baseAddress!,
          extents: block.extents, target: whole)
      }
      initialized = count
    }
  }

  /// Reads a whole one-dimensional dataset of integers.
  func readIntegers(_ path: String, in file: hid_t) throws -> [Int] {
    try scope { session in
      let dataset = try session.openDataset(path, in: file)
      let count = try session.extents(of: dataset, path).reduce(1, *)
      if count == 0 { return [] }
      var numbers = [Int64](repeating: 0, count: count)
      try session.require(
        H5Dread(
          dataset, hdf5_native_int64(), hdf5_all(), hdf5_all(), hdf5_default(), &numbers),
        "cannot read /\(path)")
      return numbers.map(Int.init)
    }
  }

  /// Reads a whole dataset as doubles.
  func readReals(_ path: String, in file: hid_t) throws -> [Double] {
    try scope { session in
      let dataset = try session.openDataset(path, in: file)
      let count = try session.extents(of: dataset, path).reduce(1, *)
      if count == 0 { return [] }
      var numbers = [Double](repeating: 0, count: count)
      try session.require(
        H5Dread(
          dataset, hdf5_native_double(), hdf5_all(), hdf5_all(), hdf5_default(), &numbers),
        "cannot read /\(path)")
      return numbers
    }
  }
}
