// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5

/// How files and groups are made and opened.
extension HDF5Session {
  /// Opens a file, without locks: segments never change once they have their name, and whatever is
  /// written has a temporary one.
  func open(_ path: String, toWrite: Bool = false) throws -> hid_t {
    let access = try fileAccess(upTo: toWrite ? H5F_LIBVER_V18 : H5F_LIBVER_V110)
    let flags = toWrite ? hdf5_read_and_write() : hdf5_read_only()
    return try keep(H5Fopen(path, flags, access), H5Fclose, "cannot be opened")
  }

  /// Makes a file in memory, fills it by `body` and hands out its bytes.
  ///
  /// A disk that is full then fails in a plain `write`, and never inside the library, which could
  /// not let go of a file that it cannot write.
  static func image<Result>(
    of path: String, upTo version: H5F_libver_t = H5F_LIBVER_V18,
    filledBy body: (HDF5Session, hid_t) throws -> Void,
    _ use: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try exclusively(path) { session in
      let access = try session.fileAccess(upTo: version)
      try session.require(hdf5_in_memory(access, 1 << 16), "no files in memory")
      let file = try session.keep(
        H5Fcreate(path, hdf5_truncate(), session.fileCreation(), access), H5Fclose,
        "cannot be created in memory")
      try session.scope { try body($0, file) }
      try session.require(H5Fflush(file, H5F_SCOPE_GLOBAL), "cannot be put together")
      let size = try session.require(H5Fget_file_image(file, nil, 0), "has no size")
      guard let memory = hdf5_memory_of_file(file) else {
        throw StorageError.library(path, "has no memory")
      }
      return try use(UnsafeRawBufferPointer(start: memory, count: size))
    }
  }

  /// Makes a group, and those above it, with its members and attributes in order of creation.
  func makeGroup(_ path: String, in file: hid_t) throws -> hid_t {
    let creation = try keep(H5Pcreate(hdf5_group_create()), H5Pclose, "no property list")
    try trackOrder(creation)
    let link = try keep(H5Pcreate(hdf5_link_create()), H5Pclose, "no property list")
    try require(H5Pset_create_intermediate_group(link, 1), "cannot make groups above '\(path)'")
    return try keep(
      H5Gcreate2(file, path, link, creation, hdf5_default()), H5Gclose,
      "cannot make group /\(path)")
  }

  func openGroup(_ path: String, in file: hid_t) throws -> hid_t {
    let name = path.isEmpty ? "/" : path
    return try keep(
      H5Gopen2(file, name, hdf5_default()), H5Gclose, "cannot open group /\(path)")
  }

  private func fileAccess(upTo version: H5F_libver_t) throws -> hid_t {
    let access = try keep(H5Pcreate(hdf5_file_access()), H5Pclose, "no property list")
    try require(H5Pset_fclose_degree(access, H5F_CLOSE_WEAK), "cannot set how files close")
    try require(
      H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, version), "cannot set format versions")
    try require(hdf5_without_file_locks(access), "cannot set file locks")
    return access
  }

  private func fileCreation() throws -> hid_t {
    let creation = try keep(H5Pcreate(hdf5_file_create()), H5Pclose, "no property list")
    try trackOrder(creation)
    return creation
  }

  private func trackOrder(_ creation: hid_t) throws {
    try require(
      H5Pset_link_creation_order(creation, hdf5_creation_order()), "cannot track the order")
    try require(
      H5Pset_attr_creation_order(creation, hdf5_creation_order()), "cannot track the order")
    try require(hdf5_without_time_stamps(creation), "cannot leave out time stamps")
  }
}
