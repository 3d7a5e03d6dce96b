// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams

/// Heat-bath updates of φ⁴ theory: each site in turn is drawn anew from its density at fixed
/// neighbours, exp(bφ − c2 φ² − c4 φ⁴) with b = J Σ_{±μ} φ_{x±μ}.
///
/// It is drawn by rejection: with 2a (c2 + 2 c4 a) = 1 that density is
/// exp(−(φ − ab)²/(2a)) exp(−c4 (φ² − a)²) up to a constant, a normal density times a probability.
struct HeatBath: MarkovKernel {
  let action: Phi4
  private let variance: Double
  private let neighbours: [Int32]
  private var colours: [[Int32]]

  init(action: Phi4) {
    let c = action.coefficients
    precondition(c.quartic > 0, "rejection is for the quartic term")
    self.action = action
    let root = (c.quadratic * c.quadratic + 4 * c.quartic).squareRoot()
    variance = (root - c.quadratic) / (4 * c.quartic)
    neighbours = action.lattice.neighbourTable()
    colours = Checkerboard(action.lattice).colours
  }

  var forceEvaluations: Int { 1 }

  var diagnostics: [Table] {
    let proposals = Variable(
      name: "proposals", units: "1", longName: "proposals for each site, mean over the sweep")
    return [Table(name: "heat_bath", variables: [proposals])]
  }

  /// The colours in the opposite order: each site obeys detailed balance, those of a colour commute.
  var timeReversal: HeatBath {
    var result = self
    result.colours.reverse()
    return result
  }

  func update(_ chains: inout Configurations, in context: UpdateContext) -> UpdateInfo {
    let (count, volume) = (chains.count, action.lattice.volume)
    var proposals = Array(repeating: 0.0, count: count)
    proposals.withUnsafeMutableBufferPointer { proposals in
      chains.withMutableRows { rows in
        let (proposals, rows) = (SharedRows(proposals.baseAddress!), SharedRows(rows))
        context.workers.forEach(count) { range in
          for chain in range {
            var generator = context.streams.generator(
              purpose: .proposal, walker: context.firstWalker + chain, step: context.number)
            let made = sweep(rows.pointer + chain * volume, &generator)
            proposals.pointer[chain] = Double(made) / Double(volume)
          }
        }
      }
    }
    return UpdateInfo(acceptance: proposals.map { 1 / $0 }, values: [[proposals]])
  }

  /// One sweep of one chain; returns the number of proposals.
  private func sweep(
    _ field: UnsafeMutablePointer<Double>, _ generator: inout StreamGenerator
  ) -> Int {
    let degree = 2 * action.lattice.dimensions
    let (hopping, quartic) = (action.coefficients.hopping, action.coefficients.quartic)
    let width = variance.squareRoot()
    var proposals = 0
    for site in colours.joined() {
      let first = Int(site) * degree
      let sum = (first..<first + degree).reduce(0) { $0 + field[Int(neighbours[$1])] }
      var value: Double
      var defect: Double
      repeat {
        // A Box-Muller normal; its partner is not used.
        let radius = (-2 * log(generator.nextUniform())).squareRoot()
        let normal = radius * cos(2 * Double.pi * generator.nextUniform())
        value = variance * hopping * sum + width * normal
        defect = value * value - variance
        proposals += 1
      } while generator.nextUniform() >= exp(-quartic * defect * defect)
      field[Int(site)] = value
    }
    return proposals
  }
}
