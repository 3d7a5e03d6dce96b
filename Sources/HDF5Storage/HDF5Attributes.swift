// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles
import Foundation

/// Attribute values to and from HDF5: scalars and one-dimensional arrays of 64-bit integers, doubles
/// and UTF-8 strings of variable length.
extension HDF5Session {
  func write(_ value: AttributeValue, named name: String, to object: hid_t) throws {
    switch value {
    case .integer(let number):
      try write([Int64(number)], nil, hdf5_int64(), hdf5_native_int64(), name, object)
    case .integers(let numbers):
      let values = numbers.map(Int64.init)
      try write(values, values.count, hdf5_int64(), hdf5_native_int64(), name, object)
    case .real(let number):
      try write([number], nil, hdf5_float64(), hdf5_native_double(), name, object)
    case .reals(let numbers):
      try write(numbers, numbers.count, hdf5_float64(), hdf5_native_double(), name, object)
    case .text(let text): try write([text], nil, name, object)
    case .texts(let texts): try write(texts, texts.count, name, object)
    }
  }

  /// Writes attributes in the order of their names.
  func write(_ attributes: [String: AttributeValue], to object: hid_t) throws {
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      try write(value, named: name, to: object)
    }
  }

  /// Writes 0, 1, ..., count - 1 in the type of the variable whose flags they are.
  func writeFlagValues(
    _ count: Int, _ type: ScalarType, named name: String, to object: hid_t
  ) throws {
    let values = (0..<count).map(Int64.init)
    try write(values, count, type.stored, hdf5_native_int64(), name, object)
  }

  /// All attributes of an object.
  func attributes(of object: hid_t) throws -> [String: AttributeValue] {
    var names: [String] = []
    try withUnsafeMutablePointer(to: &names) { names in
      var index: hsize_t = 0
      _ = try require(
        H5Aiterate2(
          object, H5_INDEX_NAME, H5_ITER_INC, &index,
          { _, name, _, names in
            if let name, let names {
              names.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
            }
            return 0
          }, names), "cannot list attributes")
    }
    var result: [String: AttributeValue] = [:]
    for name in names { result[name] = try attribute(name, of: object) }
    return result
  }

  func hasAttribute(_ name: String, of object: hid_t) throws -> Bool {
    try require(H5Aexists(object, name), "cannot look for attribute '\(name)'") > 0
  }

  func attribute(_ name: String, of object: hid_t) throws -> AttributeValue {
    try scope { session in
      let attribute = try session.keep(
        H5Aopen(object, name, hdf5_default()), H5Aclose, "cannot open attribute '\(name)'")
      let space = try session.keep(
        H5Aget_space(attribute), H5Sclose, "attribute '\(name)' has no dataspace")
      let type = try session.keep(
        H5Aget_type(attribute), H5Tclose, "attribute '\(name)' has no type")
      let isArray =
        try session.require(
          H5Sget_simple_extent_ndims(space), "attribute '\(name)' has no rank") > 0
      let count = Int(
        try session.require(
          H5Sget_simple_extent_npoints(space), "attribute '\(name)' has no size"))
      let action = "cannot read attribute '\(name)'"
      switch H5Tget_class(type) {
      case H5T_INTEGER:
        var numbers = [Int64](repeating: 0, count: count)
        try session.require(H5Aread(attribute, hdf5_native_int64(), &numbers), action)
        return isArray ? .integers(numbers.map(Int.init)) : .integer(Int(numbers[0]))
      case H5T_FLOAT:
        var numbers = [Double](repeating: 0, count: count)
        try session.require(H5Aread(attribute, hdf5_native_double(), &numbers), action)
        return isArray ? .reals(numbers) : .real(numbers[0])
      case H5T_STRING where H5Tis_variable_str(type) > 0:
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        let string = try session.stringType()
        try session.require(H5Aread(attribute, string, &pointers), action)
        let texts = pointers.map { $0.map { String(cString: $0) } ?? "" }
        try session.require(
          H5Dvlen_reclaim(string, space, hdf5_default(), &pointers), "cannot free strings")
        return isArray ? .texts(texts) : .text(texts[0])
      default:
        throw StorageError(
          file: file, action: action, reasons: ["its type is none that is written here"])
      }
    }
  }

  /// Strings of variable length in UTF-8.
  func stringType() throws -> hid_t {
    let type = try keep(H5Tcopy(hdf5_c_string()), H5Tclose, "no string type")
    try require(H5Tset_size(type, hdf5_variable_length()), "no strings of variable length")
    try require(H5Tset_cset(type, H5T_CSET_UTF8), "no UTF-8 strings")
    return type
  }

  private func write(_ texts: [String], _ count: Int?, _ name: String, _ object: hid_t) throws {
    let pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    defer {
      for pointer in pointers { free(pointer) }
    }
    try scope { session in
      let type = try session.stringType()
      try session.write(pointers, count, type, type, name, object)
    }
  }

  private func write<Number: BitwiseCopyable>(
    _ values: [Number], _ count: Int?, _ stored: hid_t, _ native: hid_t, _ name: String,
    _ object: hid_t
  ) throws {
    try scope { session in
      let space =
        if let count {
          try session.dataspace([count])
        } else {
          try session.keep(H5Screate(H5S_SCALAR), H5Sclose, "no scalar dataspace")
        }
      let attribute = try session.keep(
        H5Acreate2(object, name, stored, space, hdf5_default(), hdf5_default()), H5Aclose,
        "cannot make attribute '\(name)'")
      try session.require(H5Awrite(attribute, native, values), "cannot write attribute '\(name)'")
    }
  }
}
