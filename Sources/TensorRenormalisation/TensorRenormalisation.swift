// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import COpenBLAS
import Foundation

public struct TensorRenormalisation: Sendable {
  public let coefficients: Phi4Couplings.Coefficients
  public let extents: [Int]
  public init(coefficients: Phi4Couplings.Coefficients, extents: [Int]) {
    self.coefficients = coefficients
    self.extents = extents
  }
  public func probe(bondDimension: Int, shape: Double, swap: Bool) throws -> (Double, Double, Int) {
    openblas_set_num_threads(1)
    let site = try SiteTensor(coefficients, bondDimension: bondDimension)
    let (w, h) = swap ? (extents.min()!, extents.max()!) : (extents.max()!, extents.min()!)
    var torus = BlockTensors(site: site, extents: (w, h), bondDimension: bondDimension)
    // levels
    var ky = 1; while h >> ky > 1 { ky += 1 }   // parts = 2^ky, floor = 1
    var kx = 1; while w >> kx > 1 { kx += 1 }
    var first = (true, true)
    _ = first
    func parts(_ k: Int) -> Int { 1 << k }
    var ny = h >> ky == 1 && h == 1 << ky ? ky : ky + 1
    var nx = w >> kx == 1 && w == 1 << kx ? kx : kx + 1
    while ny > 1 || nx > 1 {
      let bw = Double(w) / Double(1 << nx), bh = Double(h) / Double(1 << ny)
      if ny == 1 && bw * 2 > shape * bh { break }
      if ny > 1 && (bh <= bw || nx == 1) { ny -= 1; try torus.joinRows(into: 1 << ny) }
      else { nx -= 1; try torus.joinColumns(into: 1 << nx) }
    }
    return (torus.closed(), torus.discarded, torus.largestLeg)
  }
}
