// SPDX-License-Identifier: GPL-3.0-or-later

/// A file that is not an array that can be read, or could not be written, in words with its name.
public struct NumPyError: Error, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
