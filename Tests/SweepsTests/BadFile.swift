// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

/// A change of the file `complete` with all messages it leads to, without the file's name.
struct BadFile: Sendable, CustomTestStringConvertible {
  var from: String
  var to: String
  var expected: [String]

  init(_ from: String, _ to: String, _ expected: String...) {
    self.from = from
    self.to = to
    self.expected = expected
  }

  /// Lines added at the end of the file, from line 13 on.
  init(adding lines: String, _ expected: String...) {
    from = "trajectories: 1000\n"
    to = from + lines + "\n"
    self.expected = expected
  }

  var testDescription: String { to }

  func check() throws {
    try #require(complete.contains(from))
    let text = complete.replacing(from, with: to, maxReplacements: 1)
    #expect(messages(text) == expected.map { "sweep.yaml:" + $0 })
  }
}
