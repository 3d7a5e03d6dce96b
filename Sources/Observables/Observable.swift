// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// A quantity that is measured on each configuration by itself; averages, errors and everything
/// derived from averages come later.
public protocol Observable: Sendable {
  /// What is measured, in the order of `measure`.
  var variables: [Variable] { get }

  /// For each variable the values of all members, one member after the other (member, axes...).
  func measure(_ batch: Configurations, workers: Workers) -> [[Double]]
}
