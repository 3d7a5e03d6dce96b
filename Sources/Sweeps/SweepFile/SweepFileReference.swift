// SPDX-License-Identifier: GPL-3.0-or-later

/// The table of keys as text for a terminal and as Markdown for the manual.
public enum SweepFileReference {
  /// Every key with what is legal, its default and its meaning, a paragraph for each section.
  public static var text: String {
    SweepSection.allCases.map { section in
      let keys = SweepKey.keys(of: section).map { key in
        "  \(key.name): \(key.legalValues)\n      \(key.whenAbsent). \(key.sentence)\n"
      }
      return heading(section) + "\n" + keys.joined()
    }.joined(separator: "\n")
  }

  /// The rows of the manual's table for one section, with its head.
  public static func markdown(_ section: SweepSection) -> String {
    let rows = SweepKey.keys(of: section).map { key in
      "| `\(key.name)` | \(key.legalValues) | \(key.defaultValue) | \(key.sentence) |\n"
    }
    return "| Key | Legal values | Default | Meaning |\n| --- | --- | --- | --- |\n" + rows.joined()
  }

  private static func heading(_ section: SweepSection) -> String {
    switch section {
    case .top: "at the left margin"
    case .samplers: "samplers (a list)"
    case .theory, .lattice, .measure, .configurations, .checkpoint, .monitor: section.rawValue
    }
  }
}

extension SweepKey {
  /// What is legal, and for which cases the key exists.
  fileprivate var legalValues: String {
    if applicability.isEmpty { return kind.description }
    let conditions = applicability.map { condition in
      let isOwn = SweepKey.keys(of: section).contains {
        $0.name == condition.selector && !$0.applicability.isEmpty
      }
      return (isOwn ? "\(condition.selector) only " : "only ")
        + condition.values.joined(separator: ", ")
    }
    return "\(kind.description) (\(conditions.joined(separator: "; ")))"
  }

  fileprivate var defaultValue: String {
    switch presence {
    case .required: "required"
    case .fixed(let text): text
    case .otherwise(let words): section == .lattice ? "required unless \(words)" : words
    }
  }

  fileprivate var whenAbsent: String {
    defaultValue.hasPrefix("required") ? defaultValue : "default: \(defaultValue)"
  }

  fileprivate var sentence: String {
    meaning.prefix(1).uppercased() + meaning.dropFirst() + "." + (isVariable ? "" : " Not varied.")
  }
}
