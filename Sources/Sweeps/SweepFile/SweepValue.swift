// SPDX-License-Identifier: GPL-3.0-or-later

/// A legal value of a key, with the place where it was written.
struct SweepValue {
  enum Content: Hashable {
    case text(String)
    case flag(Bool)
    case integer(Int)
    case real(Double)
    case integers([Int])
    case reals([Double])
    case texts([String])

    // The kind in the table of keys fixes the case, so another one is a programmer's error.
    var text: String {
      guard case .text(let value) = self else { preconditionFailure("\(self) is not text") }
      return value
    }
    var flag: Bool {
      guard case .flag(let value) = self else { preconditionFailure("\(self) is no flag") }
      return value
    }
    var integer: Int {
      guard case .integer(let value) = self else { preconditionFailure("\(self) is no integer") }
      return value
    }
    var real: Double {
      guard case .real(let value) = self else { preconditionFailure("\(self) is no real number") }
      return value
    }
    var integers: [Int] {
      guard case .integers(let value) = self else { preconditionFailure("\(self) is no list") }
      return value
    }
    var reals: [Double] {
      guard case .reals(let values) = self else { preconditionFailure("\(self) is no list") }
      return values
    }
    var texts: [String] {
      guard case .texts(let value) = self else { preconditionFailure("\(self) is no list") }
      return value
    }

    /// How labels show the value; different values of one key have different labels.
    var label: String {
      switch self {
      case .text(let value): value
      case .flag(let value): String(value)
      case .integer(let value): String(value)
      case .real(let value): NumberText.text(value)
      case .integers(let values): values.map(String.init).joined(separator: "x")
      case .reals(let values): values.map(NumberText.text).joined(separator: ",")
      case .texts(let values): values.joined(separator: ",")
      }
    }
  }

  var content: Content
  var mark: SourceMark
}
