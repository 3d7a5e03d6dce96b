// SPDX-License-Identifier: GPL-3.0-or-later

/// What a random number is for: the part of its address that keeps two uses in the same step of the
/// same walker independent.
///
/// The raw value goes into the Philox counter. It is fixed for ever, so that a seed keeps meaning the
/// same numbers: never change or reuse one, only add. One purpose serves one use in a step; normals,
/// uniforms and integers of one address are made of the same bits and must not be mixed.
public enum Purpose: UInt8, Sendable, CaseIterable {
  /// Initial fields and exact samples of a starting density.
  case initialField = 1
  /// Momenta of Hamiltonian dynamics.
  case momentum = 2
  /// Acceptance decisions.
  case acceptance = 3
  /// Proposed moves.
  case proposal = 4
  /// Seeds and bonds of cluster updates.
  case cluster = 5
  /// Whatever only equilibration uses.
  case thermalisation = 6
  /// Random lengths of trajectories and steps.
  case jitter = 7
  /// Keys of named streams; used by `RandomStreams.derived` alone.
  case derivedKey = 8
  /// Resampling of measured data: bootstrap, probe vectors.
  case analysis = 9
  /// The noise of Langevin dynamics.
  case noise = 10
  /// Exchanges between replicas.
  case exchange = 11
  /// Resampling of weighted walkers.
  case resampling = 12
  /// Minibatches, times and initial parameters of training.
  case training = 13
}
