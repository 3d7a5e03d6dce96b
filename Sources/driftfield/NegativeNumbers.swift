// SPDX-License-Identifier: GPL-3.0-or-later

/// Negative numbers among arguments, which would be taken for options: `--m2 -4 -3` is read as
/// `--m2=-4 --m2=-3`.
enum NegativeNumbers {
  static func attached(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var option: String?
    for argument in arguments {
      if let option, argument.hasPrefix("-"), Double(argument) != nil {
        // The option itself stood there without a value.
        if result.last == option { result.removeLast() }
        result.append("\(option)=\(argument)")
        continue
      }
      if argument.hasPrefix("--") {
        option = argument.contains("=") ? nil : argument
      } else if Double(argument) == nil {
        option = nil
      }
      result.append(argument)
    }
    return result
  }
}
