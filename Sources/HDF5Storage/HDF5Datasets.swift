// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles

/// How the numbers of a dataset are kept.
enum DatasetStorage {
  /// In chunks with Fletcher32 checksums.
  case own
  /// As a dimension scale, in one piece.
  case scale
  /// As a view of the datasets with the same path in other files: (file name, block of this dataset).
  case virtual([(file: String, block: Block)])
}

/// How datasets are made and opened and given their dimension scales.
extension HDF5Session {
  /// A dataspace of some extents.
  func dataspace(_ extents: [Int]) throws -> hid_t {
    let sizes = extents.map(hsize_t.init)
    return try keep(
      H5Screate_simple(Int32(extents.count), sizes, nil), H5Sclose, "no dataspace of \(extents)")
  }

  func select(_ block: Block, in space: hid_t) throws {
    let start = block.start.map(hsize_t.init)
    let extents = block.extents.map(hsize_t.init)
    try require(
      H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nil, extents, nil),
      "cannot select \(block.extents) from \(block.start)")
  }

  /// Makes a dataset; the fill value shows where a virtual dataset has lost its source.
  func makeDataset(
    _ path: String, _ type: ScalarType, extents: [Int], storage: DatasetStorage, in file: hid_t
  ) throws -> hid_t {
    let space = try dataspace(extents)
    let creation = try keep(H5Pcreate(hdf5_dataset_create()), H5Pclose, "no property list")
    let action = "cannot make dataset /\(path)"
    try require(hdf5_without_time_stamps(creation), action)
    try require(H5Pset_attr_creation_order(creation, hdf5_creation_order()), action)
    try setFillValue(of: type, creation, action)
    let isEmpty = extents.contains(0)
    switch storage {
    case .own where !isEmpty:
      let chunk = StorageLayout.chunk(of: extents, bytesPerNumber: type.bytes).map(hsize_t.init)
      try require(H5Pset_chunk(creation, Int32(chunk.count), chunk), action)
      try require(H5Pset_fletcher32(creation), action)
    case .virtual(let sources) where !isEmpty:
      for (source, block) in sources {
        try scope { session in
          let view = try session.dataspace(extents)
          try session.select(block, in: view)
          let whole = try session.dataspace(block.extents)
          try session.require(H5Pset_virtual(creation, view, source, "/" + path, whole), action)
        }
      }
    default: break
    }
    return try keep(
      H5Dcreate2(file, path, type.stored, space, hdf5_default(), creation, try datasetAccess()),
      H5Dclose, action)
  }

  /// Opens a dataset to read or write it whole chunks at a time.
  func openDataset(_ path: String, in file: hid_t) throws -> hid_t {
    try keep(
      H5Dopen2(file, path, try datasetAccess()), H5Dclose, "cannot open dataset /\(path)")
  }

  func extents(of dataset: hid_t, _ path: String) throws -> [Int] {
    try scope { session in
      let action = "cannot tell the extents of /\(path)"
      let space = try session.keep(H5Dget_space(dataset), H5Sclose, action)
      let rank = try session.require(H5Sget_simple_extent_ndims(space), action)
      var sizes = [hsize_t](repeating: 0, count: Int(rank))
      try session.require(H5Sget_simple_extent_dims(space, &sizes, nil), action)
      return sizes.map(Int.init)
    }
  }

  /// How the numbers of a dataset are kept.
  func scalarType(of dataset: hid_t, _ path: String) throws -> ScalarType {
    try scope { session in
      let type = try session.keep(H5Dget_type(dataset), H5Tclose, "/\(path) has no type")
      let kinds: [ScalarType] = [.float64, .float32, .int64, .uint8]
      for kind in kinds where H5Tequal(type, kind.stored) > 0 { return kind }
      throw StorageError(
        file: file, action: "cannot tell the type of /\(path)",
        reasons: ["it is none that is written here"])
    }
  }

  /// Makes a dimension scale out of a one-dimensional dataset.
  func makeScale(_ dataset: hid_t, named name: String) throws {
    try require(H5DSset_scale(dataset, name), "cannot make dimension scale '\(name)'")
  }

  /// Attaches one scale to each axis of a dataset.
  func attach(_ scales: [hid_t], to dataset: hid_t, _ path: String) throws {
    for (axis, scale) in scales.enumerated() {
      try require(
        H5DSattach_scale(dataset, scale, UInt32(axis)), "cannot name axis \(axis) of /\(path)")
    }
  }

  /// The name of the dimension scale on one axis of a dataset.
  func scaleName(of dataset: hid_t, axis: Int, _ path: String) throws -> String {
    var name = [CChar](repeating: 0, count: 4096)
    let action = "axis \(axis) of /\(path) has no dimension scale"
    if try require(hdf5_scale_name(dataset, UInt32(axis), &name, name.count), action) == 0 {
      throw StorageError(file: file, action: action)
    }
    let path = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    return String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
  }

  private func datasetAccess() throws -> hid_t {
    let access = try keep(H5Pcreate(hdf5_dataset_access()), H5Pclose, "no property list")
    try require(
      H5Pset_chunk_cache(access, 11, 2 * StorageLayout.chunkBytes, 1), "cannot set the chunk cache")
    return access
  }

  private func setFillValue(of type: ScalarType, _ creation: hid_t, _ action: String) throws {
    switch type {
    case .float64, .float32:
      var fill = Double.nan
      try require(H5Pset_fill_value(creation, hdf5_native_double(), &fill), action)
    case .int64:
      var fill = Int64.min
      try require(H5Pset_fill_value(creation, hdf5_native_int64(), &fill), action)
    case .uint8:
      var fill = UInt8.max
      try require(H5Pset_fill_value(creation, hdf5_native_uint8(), &fill), action)
    }
  }
}

extension ScalarType {
  /// The type in a file: little endian on every machine.
  var stored: hid_t {
    switch self {
    case .float64: hdf5_float64()
    case .float32: hdf5_float32()
    case .int64: hdf5_int64()
    case .uint8: hdf5_uint8()
    }
  }

  var bytes: Int {
    switch self {
    case .float64, .int64: 8
    case .float32: 4
    case .uint8: 1
    }
  }
}
