// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The folder of one run: segments `seg-000000.h5`, ... that never change, and `run.h5`, the index
/// of virtual datasets over all of them.
public struct RunFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// Handles that are open in the HDF5 library while nobody uses it: none, whatever happened before.
  package static var openHandles: Int { HDF5Session.openHandles() }

  /// All numbers of a variable as any other program sees them, through the index.
  package func valuesThroughIndex(of variable: String, in table: String) throws -> [Double] {
    try HDF5Session.exclusively(index) { session in
      try session.readReals(table + "/" + variable, in: session.open(index))
    }
  }

  /// Whether the index is there and marks the run as complete. It is written after the last segment,
  /// so then it shows all of them.
  public var isIndexComplete: Bool {
    do {
      return try StoredEnsemble.contents(of: index).isComplete
    } catch {
      return false
    }
  }

  func file(_ name: String) -> String { path + "/" + name }
  var index: String { file(StorageLayout.indexFile) }
  func segment(_ number: Int) -> String { file(StorageLayout.segmentFile(number)) }

  /// The names in the folder, sorted.
  func names() throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      var status = stat()
      if stat(path, &status) != 0 { throw StorageError.system(path, "cannot be listed") }
      if status.st_mode & S_IFMT != S_IFDIR {
        throw StorageError(file: path, action: "cannot be listed", reasons: ["it is no folder"])
      }
      throw StorageError(file: path, action: "cannot be listed", reasons: ["\(error)"])
    }
  }

  /// The numbers of the segments that are there.
  func segmentNumbers() throws -> [Int] {
    try names().compactMap(StorageLayout.segmentNumber).sorted()
  }

  /// The number of segments; throws where one before the last is missing.
  func segmentCount() throws -> Int {
    let numbers = try segmentNumbers()
    for (expected, number) in numbers.enumerated() where expected != number {
      throw StorageError(
        file: segment(expected), action: "is missing",
        reasons: ["the folder goes on with \(StorageLayout.segmentFile(number))"])
    }
    return numbers.count
  }

  /// Files that a killed writer left unfinished.
  func temporaries() throws -> [String] { try names().filter(StorageLayout.isTemporary) }

  /// Makes the folder, and those above it; throws if it has any content.
  func create() throws {
    var status = stat()
    if stat(path, &status) == 0 {
      let content = try names()
      if let first = content.first {
        throw StorageError(
          file: path, action: "cannot take a new run",
          reasons: ["it already holds \(content.count) files, such as \(first)"])
      }
      return
    }
    try makeFolder(path)
  }

  private func makeFolder(_ path: String) throws {
    if mkdir(path, 0o755) != 0 {
      let code = errno
      let parent = DurableFiles.parent(of: path)
      guard code == ENOENT, parent != path else {
        if code == EEXIST { return }
        throw StorageError.system(path, "cannot be made", code)
      }
      try makeFolder(parent)
      if mkdir(path, 0o755) != 0 { throw StorageError.system(path, "cannot be made") }
    }
    try DurableFiles.synchronize(DurableFiles.parent(of: path))
  }
}
