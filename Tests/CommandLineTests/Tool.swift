// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The built command-line tool, run as a user would.
struct Tool {
  /// What a finished process has said.
  struct Result {
    /// The exit code, or minus the number of the signal that ended it.
    let code: Int32
    let output: String
    let errors: String
  }

  /// The tool beside the test bundle.
  static let path: String = {
    let here =
      [CommandLine.arguments[0]] + CommandLine.arguments.filter { $0.contains(".xctest") }
      + [Bundle.main.bundlePath, Bundle.main.executablePath ?? ""]
    let folders = here.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
    let found = folders.map { $0 + "/driftfield" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { preconditionFailure("no driftfield beside the tests: \(folders)") }
    return found
  }()

  /// Runs the tool in a folder until it ends.
  @discardableResult
  static func run(_ arguments: [String], in scratch: Scratch) throws -> Result {
    try RunningTool(arguments, in: scratch).finish()
  }

  /// Runs a shell command with the tool as `$0`, which may set limits first.
  static func shell(_ command: String, in scratch: Scratch) throws -> Result {
    try RunningTool(program: "/bin/bash", ["-c", command, path], in: scratch).finish()
  }
}

/// The tool at work. What it says goes to files, so that no pipe can fill up.
final class RunningTool {
  let process = Process()
  private let output: URL
  private let errors: URL

  convenience init(_ arguments: [String], in scratch: Scratch) throws {
    try self.init(program: Tool.path, arguments, in: scratch)
  }

  init(program: String, _ arguments: [String], in scratch: Scratch) throws {
    let name = UUID().uuidString
    output = URL(fileURLWithPath: scratch.notes + "/\(name).out")
    errors = URL(fileURLWithPath: scratch.notes + "/\(name).err")
    for file in [output, errors] { try Data().write(to: file) }
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  func finish() throws -> Tool.Result {
    process.waitUntilExit()
    let status = process.terminationStatus
    return Tool.Result(
      code: process.terminationReason == .exit ? status : -status,
      output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }
}

/// A folder that is removed with this object, and one beside it for notes of the tests.
final class Scratch {
  let path: String
  let notes: String

  init() throws {
    let base = NSTemporaryDirectory() + "/driftfield-tests-\(UUID().uuidString)"
    path = base + "/work"
    notes = base + "/notes"
    for folder in [path, notes] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
  }

  deinit {
    do {
      try FileManager.default.removeItem(
        at: URL(fileURLWithPath: path).deletingLastPathComponent())
    } catch {
      print("not removed: \(path): \(error)")
    }
  }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
  }

  func copy(_ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: self(name), toPath: self(other))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }

  /// What is in the folder: bytes and time of change of each file, by its relative path.
  func snapshot(of name: String = ".") throws -> [String: FileState] {
    var states: [String: FileState] = [:]
    let manager = FileManager.default
    for file in try manager.subpathsOfDirectory(atPath: self(name)) {
      let place = self("\(name)/\(file)")
      let attributes = try manager.attributesOfItem(atPath: place)
      let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
      states[file] = FileState(
        bytes: isFolder ? nil : try Data(contentsOf: URL(fileURLWithPath: place)),
        changed: attributes[.modificationDate] as? Date)
    }
    return states
  }
}

struct FileState: Equatable {
  /// Nil for a folder.
  var bytes: Data?
  var changed: Date?
}
