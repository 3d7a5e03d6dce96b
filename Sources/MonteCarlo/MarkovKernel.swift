// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import RandomStreams

/// A Markov transition on a batch of independent chains that leaves its target invariant.
///
/// The state of the chains is their configurations and nothing else: every random number is addressed
/// by (seed, purpose, chain, update number), so the same batch and the same update number always give
/// the same bits.
public protocol MarkovKernel: Sendable {
  /// What each update reports: tables with one value for each chain, without the chains' number.
  var diagnostics: [Table] { get }

  /// One update of every chain, in place.
  func update(_ chains: inout Configurations, in context: UpdateContext) -> UpdateInfo

  /// Evaluations of the gradient in one update of one chain, or sweeps of local proposals.
  var forceEvaluations: Int { get }

  /// Whether updates come to know the energies of the chains, so that they report them.
  var knowsEnergies: Bool { get }

  /// The kernel K̃ that undoes this one K in equilibrium, ρ(φ) K(φ'|φ) = ρ(φ') K̃(φ|φ'): the kernel
  /// itself where it obeys detailed balance, which is what is assumed unless a kernel says otherwise.
  var timeReversal: Self { get }
}

extension MarkovKernel {
  public var knowsEnergies: Bool { false }

  public var timeReversal: Self { self }
}

/// What an update draws on: the streams, its number, and the threads that share the chains.
public struct UpdateContext: Sendable {
  public var streams: RandomStreams
  /// The number of the update, counted from 0 over thermalisation and production.
  public var number: Int
  public var workers: Workers
  /// The address of the first chain: chain i of the batch draws from walker `firstWalker` + i.
  public var firstWalker: Int

  public init(
    streams: RandomStreams, number: Int, workers: Workers = Workers(1), firstWalker: Int = 0
  ) {
    self.streams = streams
    self.number = number
    self.workers = workers
    self.firstWalker = firstWalker
  }
}

/// What only a reader of an update wants to know.
public struct UpdateInfo: Sendable, Equatable {
  /// For each chain, the probability with which its proposal was accepted, or the fraction of
  /// accepted proposals where there are many.
  public var acceptance: [Double]
  /// For each table of `diagnostics` and each of its variables, one number for each chain.
  public var values: [[[Double]]]
  /// The energies of the chains before and after, where the update came to know them.
  public var energies: Energies?

  /// U of every chain at both ends of an update.
  public struct Energies: Sendable, Equatable {
    public var before: [Double]
    public var after: [Double]

    public init(before: [Double], after: [Double]) {
      self.before = before
      self.after = after
    }
  }

  public init(acceptance: [Double], values: [[[Double]]], energies: Energies? = nil) {
    self.acceptance = acceptance
    self.values = values
    self.energies = energies
  }
}

/// A kernel with a step size that thermalisation may tune.
public protocol TunableKernel: MarkovKernel {
  /// The step size in lattice units.
  var stepSize: Double { get set }

  /// The mean acceptance that tuning aims at.
  var targetAcceptance: Double { get }
}
