// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

@Suite struct UnusablePathTests {
  private let sample = SampleEnsemble()

  @Test func refusesAFolderWithContent() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch("empty"), withIntermediateDirectories: false)
    _ = try HDF5EnsembleWriter(creating: scratch("empty"), layout: sample.layout)
    let error = #expect(throws: StorageError.self) {
      try HDF5EnsembleWriter(creating: scratch.path, layout: sample.layout)
    }
    #expect(error?.file == scratch.path)
    #expect(error?.description.contains("empty") == true)
  }

  @Test func refusesAFolderThatCannotBeMade() throws {
    let scratch = try Scratch()
    try Data([1]).write(to: URL(fileURLWithPath: scratch("file")))
    let under = #expect(throws: StorageError.self) {
      try HDF5EnsembleWriter(creating: scratch("file/run"), layout: sample.layout)
    }
    #expect(under?.description.contains("Not a directory") == true)
    #expect(under?.file.contains("file") == true)
    let same = #expect(throws: StorageError.self) {
      try HDF5EnsembleWriter(creating: scratch("file"), layout: sample.layout)
    }
    #expect(same?.description.contains("no folder") == true)
  }

  @Test(arguments: [
    ("a", "."), ("ab", "."), ("a/", "."), ("/a", "/"), ("/", "/"), ("a/b", "a"), ("a/b/", "a"),
    ("a//b", "a"), ("/a/b/c", "/a/b"), ("./a", "."), ("../a", ".."),
  ])
  func knowsTheFolderOfAPath(path: String, parent: String) {
    #expect(DurableFiles.parent(of: path) == parent)
  }

  @Test func refusesToResumeNothing() throws {
    let scratch = try Scratch()
    let error = #expect(throws: StorageError.self) {
      try HDF5EnsembleWriter(resuming: scratch("nowhere"), layout: sample.layout)
    }
    #expect(error?.description.contains("No such file") == true)
  }

  @Test func refusesFilesThatAreNoEnsemble() throws {
    let scratch = try Scratch()
    #expect(throws: StorageError.self) { try HDF5EnsembleReader(scratch("nowhere")) }
    try Data("not HDF5".utf8).write(to: URL(fileURLWithPath: scratch("text.h5")))
    let error = #expect(throws: StorageError.self) { try HDF5EnsembleReader(scratch("text.h5")) }
    #expect(error?.file == scratch("text.h5"))
    #expect(error?.description.contains("signature") == true)
    #expect(throws: StorageError.self) { try verifyPacked(scratch("text.h5")) }
    #expect(RunFolder.openHandles == 0)
  }
}
