// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `Documentation/Extending.md` shows the very code that is compiled and tested here.
@Suite struct DocumentTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(path).standardized, encoding: .utf8)
  }

  @Test func everyCodeBlockIsInTheseFiles() throws {
    let document = try Self.text("../../Documentation/Extending.md")
    let blocks = document.components(separatedBy: "```swift\n").dropFirst()
      .compactMap { $0.components(separatedBy: "\n```").first }
    #expect(blocks.count >= 6)
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    let sources = names.filter { $0.hasSuffix(".swift") && $0 != "DocumentTests.swift" }
    let files = try (sources + ["Program/Package.swift"]).map { "\n" + (try Self.text($0)) }
    for block in blocks {
      #expect(files.contains { $0.contains("\n\(block)\n") }, "not in any file:\n\(block)")
    }
  }

  /// The manifest of the program names products and modules that there are.
  @Test func theProgramImportsWhatTheProductHas() throws {
    let manifest = try Self.text("../../Package.swift")
    let product = try #require(
      manifest.firstMatch(of: #/\.library\(\s*name: "Driftfield",\s*targets: \[([^\]]*)\]/#))
    let imports = try ["Tricritical", "Phi6", "DomainWalls", "HeatBath"]
      .map { try Self.text("\($0).swift") }.joined()
      .matches(of: #/(?m)^import (\w+)$/#).map { String($0.1) }
    for module in Set(imports).subtracting(["Foundation"]) {
      #expect(product.1.contains("\"\(module)\""), "\(module)")
    }
  }
}
