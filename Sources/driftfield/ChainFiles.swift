// SPDX-License-Identifier: GPL-3.0-or-later
import NumPyFiles

/// Arrays of configurations on disk: a file for each chain, (n, L1, L2, ...), or one file of all chains,
/// (chains, n, L1, L2, ...).
struct ChainFiles {
  private let files: [ArrayFile]
  private let volume: Int
  /// Chains, and configurations of each.
  let count: Int
  let length: Int

  /// Throws if a file is no array, or its shape does not fit the lattice or the other files.
  init(_ paths: [String], extents: [Int]) throws {
    files = try paths.map { try ArrayFile($0) }
    volume = extents.reduce(1, *)
    let first = files[0].header.shape
    let wanted = extents.map(String.init).joined(separator: ", ")
    for file in files where Array(file.header.shape.suffix(extents.count)) != extents {
      throw NumPyError(
        "\(file.path): has the shape (\(Self.text(file.header.shape))), which does not end in the "
          + "lattice (\(wanted)) of --extents")
    }
    switch first.count - extents.count {
    case 1: (count, length) = (files.count, first[0])
    case 2 where files.count == 1: (count, length) = (first[0], first[1])
    default:
      throw NumPyError(
        "\(files[0].path): has the shape (\(Self.text(first))); it must be (n, \(wanted)), a chain a "
          + "file, or (chains, n, \(wanted)) in a single file")
    }
    for file in files where file.header.shape != first {
      throw NumPyError(
        "\(file.path): has the shape (\(Self.text(file.header.shape))), \(files[0].path) has "
          + "(\(Self.text(first))): chains must be of one length")
    }
    if count == 0 || length == 0 {
      throw NumPyError("\(files[0].path): holds no configuration")
    }
  }

  var areSinglePrecision: Bool {
    files.allSatisfy { $0.header.type.kind == .float && $0.header.type.size == 4 }
  }

  /// φ of a chain at a position, both from 0.
  func configuration(chain: Int, position: Int) throws -> [Double] {
    let isOne = files.count == 1
    let start = ((isOne ? chain * length : 0) + position) * volume
    return try files[isOne ? 0 : chain].values(start..<start + volume)
  }

  /// A text that tells the configurations of all chains from others. Throws if two chains are the same:
  /// together they would count as twice as many.
  func fingerprint() throws -> String {
    var seen: [UInt64: Int] = [:]
    let hashes = try (0..<count).map { chain -> UInt64 in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for position in 0..<length {
        for value in try configuration(chain: chain, position: position) {
          hash = (hash ^ value.bitPattern) &* 0x0000_0100_0000_01b3
          hash ^= hash >> 29
        }
      }
      if let other = seen.updateValue(chain, forKey: hash) {
        let (first, second) =
          files.count == 1
          ? ("\(files[0].path): chain \(other)", "chain \(chain)")
          : (files[other].path, files[chain].path)
        throw NumPyError("\(first) and \(second) are the same chain; name each once")
      }
      return hash
    }
    return hashes.map { String($0, radix: 16) }.joined(separator: " ")
  }

  private static func text(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: ", ")
  }
}
