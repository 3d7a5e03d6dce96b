// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// A local update followed by cluster updates: both leave the target invariant, so does the pair.
/// Its step size and acceptance are those of the local update.
public struct CompositeKernel: TunableKernel {
  public var local: any TunableKernel
  public let cluster: WolffCluster

  public init(_ local: any TunableKernel, _ cluster: WolffCluster) {
    self.local = local
    self.cluster = cluster
  }

  public var diagnostics: [Table] { local.diagnostics + cluster.diagnostics }

  public var stepSize: Double {
    get { local.stepSize }
    set { local.stepSize = newValue }
  }

  public var targetAcceptance: Double { local.targetAcceptance }

  public func update(_ chains: inout Configurations, in context: UpdateContext) -> UpdateInfo {
    var info = local.update(&chains, in: context)
    info.values += cluster.update(&chains, in: context).values
    return info
  }
}
