// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// Whether this system hands out pseudo-terminals; a bare chroot does not.
private let hasTerminals: Bool = {
  var (master, slave): (Int32, Int32) = (-1, -1)
  guard openpty(&master, &slave, nil, nil, nil) == 0 else { return false }
  close(slave)
  close(master)
  return true
}()

/// What a run shows: lines where it is piped, a bar on a terminal.
@Suite struct TerminalTests {
  private func isPlain(_ text: String) -> Bool {
    !text.unicodeScalars.contains { $0 != "\n" && $0.value < 32 }
  }

  @Test func pipesGetPlainLines() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.tiny, to: "tiny.yaml")
    let run = try Tool.run(["run", "tiny.yaml"], in: scratch)
    #expect(run.code == 0)
    #expect(isPlain(run.errors))
    #expect(run.errors.hasPrefix("[1/4] lambda=4 hmc: started\n[1/4] lambda=4 hmc: done in "))
    for command in [["table", "out"], ["inspect", "out"], ["verify", "out"], ["--help"]] {
      #expect(isPlain(try Tool.run(command, in: scratch).output))
    }
  }

  /// Runs the long sweep on a pseudo-terminal and stops it as Ctrl-C would; returns what was shown.
  private func show(columns: UInt16) throws -> String {
    let scratch = try Scratch()
    try scratch.write(SweepText.long, to: "long.yaml")
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    var (master, slave): (Int32, Int32) = (-1, -1)
    let isOpen = openpty(&master, &slave, nil, nil, &size) == 0
    try #require(isOpen)

    let process = Process()
    process.executableURL = URL(fileURLWithPath: Tool.path)
    process.arguments = ["run", "long.yaml"]
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
    try process.run()
    try waitForFile("out/run-000-hmc/seg-000004.h5", in: scratch)
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)

    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    // All is in the terminal by now: a read that finds no more would wait for ever.
    var waiting: Int32 = 0
    while ioctl(master, UInt(FIONREAD), &waiting) == 0, waiting > 0 {
      let count = read(master, &buffer, buffer.count)
      if count <= 0 { break }
      bytes += buffer.prefix(count)
    }
    close(slave)
    close(master)
    return String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n")
  }

  @Test(.enabled(if: hasTerminals)) func aTerminalGetsABar() throws {
    let shown = try show(columns: 120)
    let bars = shown.components(separatedBy: "\r\u{1B}[K").dropFirst()
    #expect(bars.count >= 2)
    let bar = /\[1\/2\] hmc [█░]{24} \d+\/7500 (thermalising|sampling), \d+ updates\/s, .+ left/
    #expect(bars.contains { $0.prefixMatch(of: bar) != nil }, "\(shown)")
    #expect(shown.contains("'driftfield resume out' goes on"))
  }

  @Test(.enabled(if: hasTerminals), arguments: [40, 60, 80]) func theBarFitsTheTerminal(
    _ columns: Int
  ) throws {
    let shown = try show(columns: UInt16(columns))
    let lines = shown.components(separatedBy: "\n").flatMap {
      $0.components(separatedBy: "\r\u{1B}[K")
    }
    let bars = lines.filter { $0.contains("/7500") }
    #expect(!bars.isEmpty)
    #expect(bars.allSatisfy { $0.count < columns }, "\(bars)")
  }
}
