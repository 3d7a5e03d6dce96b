// SPDX-License-Identifier: GPL-3.0-or-later

/// Rows of words set in columns, the first row as a head.
enum TextTable {
  static func render(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    func line(_ row: [String]) -> String {
      var text = row.enumerated().map { column, word in
        word + String(repeating: " ", count: widths[column] - word.count)
      }.joined(separator: "  ")
      while text.hasSuffix(" ") { text.removeLast() }
      return text
    }
    guard let head = rows.first else { return "" }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([line(head), line(rule)] + rows.dropFirst().map(line)).joined(separator: "\n")
  }
}
