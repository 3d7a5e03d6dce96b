// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Sweeps
import Testing

@Suite struct FileReadingTests {
  /// Writes bytes to a file of its own, and hands its name on.
  private func withFile(_ bytes: Data, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
    let file = folder.appending(path: "sweep.yaml")
    try bytes.write(to: file)
    try body(file.path)
  }

  private func message(_ fileName: String) -> String {
    do {
      _ = try SweepDefinition(readingFile: fileName)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func fileIsReadVerbatim() throws {
    try withFile(Data(everything.utf8)) { name in
      let sweep = try SweepDefinition(readingFile: name)
      #expect(sweep.text == everything)
      #expect(sweep.fileName == name)
      #expect(try sweep.runs == parse(everything).runs)
    }
  }

  @Test func missingFileAndFolderAreTold() throws {
    try withFile(Data()) { name in
      let folder = String(name.dropLast("/sweep.yaml".count))
      #expect(message(folder) == "\(folder): cannot be read: it is a folder")
      #expect(
        message(name + ".old") == "\(name).old: cannot be opened: No such file or directory")
      #expect(message(name).hasPrefix("\(name):1:1: the file is empty"))
    }
  }

  @Test func otherEncodingsAreRefusedWithTheLine() throws {
    let latin = Data("title: x\nseed: 1\n# ".utf8) + Data([0xE9]) + Data("t\u{e9}\n".utf8)
    try withFile(latin) { name in
      #expect(message(name) == "\(name):3:1: is not text in UTF-8")
    }
    let utf16 = try #require(complete.data(using: .utf16LittleEndian))
    try withFile(utf16) { name in
      #expect(message(name).contains("control characters are not allowed"))
    }
  }

  @Test func fileOfMoreThanAMegabyteIsRefused() throws {
    let padding = Data(repeating: UInt8(ascii: "#"), count: (1 << 20) - complete.utf8.count)
    try withFile(Data(complete.utf8) + padding) { name in
      #expect(message(name) == "")
    }
    try withFile(Data(complete.utf8) + padding + Data("#".utf8)) { name in
      #expect(
        message(name) == "\(name): is larger than 1048576 bytes; a sweep file is a short text")
    }
  }

  /// Whatever is in a file, it is read or refused with places that are in the file.
  @Test func damagedFilesAreReadOrRefused() throws {
    let seeds = [everything, complete + "grid:\n  measure.every: {from: 1, to: 3, step: 1}\n"]
    let pieces = [
      "&a ", "*a", "? ", "- ", ": ", "[", "]", "{", "}", "\"", "'", "|", ">", "!!x ", "<<: ", "\t",
      "\n", "---\n", "%", "@", "#", "0", "-1", "1e9", "\\", "\u{2028}", "\u{85}", "é", "seed: 1\n",
    ]
    var state: UInt64 = 20_240_817
    func next(_ bound: Int) -> Int {
      // A linear congruential generator (Knuth's MMIX constants) is random enough to break files.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var refused = 0
    for round in 0..<4000 {
      var scalars = Array(seeds[round % seeds.count].unicodeScalars)
      for _ in 0..<next(3) {
        let place = next(scalars.count)
        switch next(3) {
        case 0: scalars.removeSubrange(place..<min(scalars.count, place + 1 + next(20)))
        case 1: scalars.insert(contentsOf: pieces[next(pieces.count)].unicodeScalars, at: place)
        default: scalars.swapAt(place, next(scalars.count))
        }
      }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      do {
        let sweep = try parse(String(text))
        #expect(!sweep.runs.isEmpty)
      } catch let error as SweepFileError {
        refused += 1
        #expect(!error.problems.isEmpty)
        let places = error.problems.map { ($0.line, $0.column) }
        #expect(places.allSatisfy { $0.0 >= 1 && $0.0 <= scalars.count + 1 && $0.1 >= 1 })
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(error.problems.allSatisfy { !$0.message.contains("\n") })
      }
    }
    #expect((1000..<3900).contains(refused), "\(refused)")
  }
}
