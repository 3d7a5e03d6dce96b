// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// Where the ensembles of a sweep are kept, each under a path. Sweeps know this protocol alone, not a
/// file format.
public protocol EnsembleStore: Sendable {
  /// Whether something durable is kept at the path.
  func exists(at path: String) -> Bool

  /// A new ensemble. Throws if one exists or if the path cannot be written.
  func create(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter

  /// An existing ensemble to go on with. Throws if its layout differs.
  func resume(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter

  /// An existing ensemble to read.
  func open(at path: String) throws -> any EnsembleReader

  /// Removes an ensemble, and nothing that is not its own.
  func remove(at path: String) throws
}
