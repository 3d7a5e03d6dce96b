// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// A local update followed by cluster updates: both leave the target invariant, so does the pair.
/// Its step size and acceptance are those of the local update.
public struct CompositeKernel: TunableKernel {
  public var local: any TunableKernel
  public let cluster: WolffCluster
  private var clusterIsFirst = false

  public init(_ local: any TunableKernel, _ cluster: WolffCluster) {
    self.local = local
    self.cluster = cluster
  }

  public var forceEvaluations: Int { local.forceEvaluations }

  public var diagnostics: [Table] { local.diagnostics + cluster.diagnostics }

  public var stepSize: Double {
    get { local.stepSize }
    set { local.stepSize = newValue }
  }

  public var targetAcceptance: Double { local.targetAcceptance }

  public func update(_ chains: inout Configurations, in context: UpdateContext) -> UpdateInfo {
    let first = clusterIsFirst ? cluster.update(&chains, in: context).values : nil
    var info = local.update(&chains, in: context)
    info.values += first ?? cluster.update(&chains, in: context).values
    // What the local update knows of the energies is not that of the pair.
    info.energies = nil
    return info
  }

  public var timeReversal: CompositeKernel {
    var result = self
    result.local = local.timeReversal
    result.clusterIsFirst.toggle()
    return result
  }
}
