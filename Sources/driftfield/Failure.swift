// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// What went wrong, in a line for the user.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }

  /// The failure of a call to the operating system that has just set `errno`.
  static func system(_ path: String, _ what: String, _ code: Int32 = errno) -> Failure {
    Failure("\(path): \(what): \(String(cString: strerror(code)))")
  }

  /// The innermost reason of a Foundation error.
  static func reason(_ error: any Error) -> String {
    let cocoa = error as NSError
    if let posix = cocoa.userInfo[NSUnderlyingErrorKey] as? POSIXError {
      return String(cString: strerror(posix.code.rawValue))
    }
    return cocoa.localizedDescription
  }
}
