// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// Leapfrog trajectories of a number of chains, one after the other, on one lattice.
struct LeapfrogCase {
  let extents: [Int]
  let chains: Int
  let steps: Int

  var name: String {
    extents.map(String.init).joined(separator: "x") + (chains > 1 ? ", \(chains) chains" : "")
  }

  var volume: Int { extents.reduce(1, *) }

  /// Drift and kick of one site, of all sites and chains in all steps.
  var updates: Double { Double(volume * chains * steps) }

  /// Bytes of φ and p of one chain.
  var bytes: Int { 16 * volume }

  /// Multiplications and additions of one site update: 5 and 2 D + 3.
  var operations: Double { Double(8 + 2 * extents.count) }

  /// The time of one trajectory of all chains; all four energies are computed.
  func time(seconds: Double) -> Timing {
    var action = df_phi4()
    action.dimensions = Int32(extents.count)
    (action.hopping, action.c2, action.c4) = (1, 0.9, 0.1)
    withUnsafeMutableBytes(of: &action.extents) { bytes in
      let numbers = bytes.bindMemory(to: Int32.self)
      for (axis, extent) in extents.enumerated() { numbers[axis] = Int32(extent) }
    }
    let size = 0.02
    var kicks = [Double](repeating: size, count: steps + 1)
    (kicks[0], kicks[steps]) = (size / 2, size / 2)
    let drifts = [Double](repeating: size, count: steps)
    var phi = (0..<volume * chains).map { Double($0 * 37 % 101) / 101 - 0.5 }
    var momentum = (0..<volume * chains).map { Double($0 * 53 % 103) / 103 - 0.5 }
    var energies = [Double](repeating: 0, count: 4)
    let workspace = UnsafeMutableRawPointer.allocate(
      byteCount: df_phi4_workspace_bytes(&action), alignment: 64)
    defer { workspace.deallocate() }
    return phi.withUnsafeMutableBufferPointer { phi in
      momentum.withUnsafeMutableBufferPointer { momentum in
        Timing.of(seconds: seconds) {
          for chain in 0..<chains {
            df_phi4_trajectory(
              &action, phi.baseAddress! + chain * volume, momentum.baseAddress! + chain * volume,
              Int32(steps), kicks, drifts, workspace, &energies)
          }
        }
      }
    }
  }
}
