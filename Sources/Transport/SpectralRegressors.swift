// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Ensembles
import Foundation
import Lattices

extension SpectralDrift {
  /// What each weight contributes to ∇·b − ∇U·b of every member, whose gradients are given: one row of
  /// as many numbers as there are weights for each, one after the other.
  package func regressors(
    of batch: Configurations, gradients: Configurations, workers: Workers = Workers(1)
  ) -> [Double] {
    SpectralRegressors(features: features, basis: basis, plan: plan).rows(
      batch, gradients: gradients, workers: workers)
  }
}

/// What each weight of a spectral drift contributes to ∇·b − ∇U·b, which is linear in the weights:
///
///     A_fj = (divergence of B_j * h_f) − V^-1 Σ_p B_j(p) Re(ĝ*(p) ĥ_f(p)),   g = ∇U.
///
/// One forward transform for each feature, and sums of cross spectra over orbits of momenta.
struct SpectralRegressors: Sendable {
  let features: [SpectralFeature]
  let basis: KernelBasis
  private let plan: SpectralPlan
  /// B_j(o)/V, row after row.
  private let functions: [[Double]]
  private let orbit: [Int32]
  /// For each feature and each j what `SpectralFeature.traces` says of B_j.
  private let traces: [[(Double, Double)]]
  /// B_j(0).
  private let atZero: [Double]

  init(features: [SpectralFeature], basis: KernelBasis, plan: SpectralPlan) {
    self.features = features
    self.basis = basis
    self.plan = plan
    let lattice = basis.lattice
    let volume = Double(lattice.volume)
    functions = basis.values.map { $0.map { $0 / volume } }
    orbit = basis.orbits.orbit.map { Int32($0) }
    atZero = basis.values.map { $0[basis.orbits.orbit[0]] }
    let kernels = basis.values.map { function in basis.orbits.orbit.map { function[$0] } }
    traces = features.map { feature in
      feature.hasKernel ? kernels.map { feature.traces(of: $0, on: lattice) } : []
    }
  }

  /// The number of weights.
  var count: Int { SpectralDrift.weightCount(features, basis) }

  /// The rows of all members, one after the other.
  func rows(_ batch: Configurations, gradients: Configurations, workers: Workers) -> [Double] {
    let (members, volume, width) = (batch.count, batch.dimension, count)
    return [Double](unsafeUninitializedCapacity: members * width) { rows, initialized in
      let shared = SharedRows(rows.baseAddress!)
      batch.withRows { fields in
        gradients.withRows { gradients in
          let fields = SharedReadRows(fields)
          let gradients = SharedReadRows(gradients)
          workers.forEach(members, grain: 2) { range in
            let worker = Worker(self)
            for first in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
              // The last one of an odd number is its own partner.
              let second = first + 1 < range.upperBound ? first + 1 : first
              worker.fill(
                (fields.pointer + first * volume, fields.pointer + second * volume),
                (gradients.pointer + first * volume, gradients.pointer + second * volume),
                (shared.pointer + first * width, shared.pointer + second * width))
            }
          }
        }
      }
      initialized = members * width
    }
  }

  /// One thread's buffers.
  private final class Worker {
    private typealias Fields = (UnsafePointer<Double>, UnsafePointer<Double>)
    private let regressors: SpectralRegressors
    private let gradient: PairBuffer
    private let smooth: SmoothedFields
    private let feature: PairBuffer
    private var firstSpectrum: [Double]
    private var secondSpectrum: [Double]

    init(_ regressors: SpectralRegressors) {
      self.regressors = regressors
      let lattice = regressors.basis.lattice
      gradient = PairBuffer(lattice)
      smooth = SmoothedFields(regressors.plan)
      feature = PairBuffer(lattice)
      let zeros = [Double](repeating: 0, count: regressors.basis.orbits.count)
      firstSpectrum = zeros
      secondSpectrum = zeros
    }

    func fill(
      _ fields: (UnsafePointer<Double>, UnsafePointer<Double>),
      _ gradients: (UnsafePointer<Double>, UnsafePointer<Double>),
      _ rows: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>)
    ) {
      let plan = regressors.plan
      let volume = plan.lattice.volume
      _ = smooth.load(fields.0, fields.1)
      let modes = smooth.modes
      _ = df_pair_join(gradients.0, gradients.1, gradient.numbers, volume, .infinity)
      plan.transform.forward(gradient)
      var offsets: [Int] = []
      var next = 0
      for feature in regressors.features {
        offsets.append(next)
        next += feature.hasKernel ? regressors.basis.count : 1
      }
      let mean = smooth.means
      if !plan.fields.isEmpty || !plan.gates.isEmpty { cross(modes) }
      for number in plan.fields {
        write(offsets[number], number, rows, factors: (1, 1), slopes: (0, 0))
      }
      for (number, frequency) in plan.gates {
        write(
          offsets[number], number, rows,
          factors: (cos(frequency * mean.0), cos(frequency * mean.1)),
          slopes: (
            -frequency * sin(frequency * mean.0) * mean.0,
            -frequency * sin(frequency * mean.1) * mean.1
          ))
      }
      for (number, frequency) in plan.means {
        rows.0[offsets[number]] =
          frequency * cos(frequency * mean.0) - sin(frequency * mean.0) * gradient.numbers[0]
        rows.1[offsets[number]] =
          frequency * cos(frequency * mean.1) - sin(frequency * mean.1) * gradient.numbers[1]
      }
      for local in plan.locals {
        let sums = smooth.make(local, into: feature)
        plan.transform.forward(feature)
        cross(feature)
        writeLocal(offsets[local.number], local.number, rows, sums)
      }
    }

    /// Cross spectra of the gradients with a pair of fields, summed over orbits.
    private func cross(_ field: PairBuffer) {
      for orbit in firstSpectrum.indices {
        firstSpectrum[orbit] = 0
        secondSpectrum[orbit] = 0
      }
      df_pair_cross_spectra(
        gradient.numbers, field.numbers, regressors.plan.opposite, regressors.orbit,
        regressors.basis.lattice.volume, &firstSpectrum, &secondSpectrum)
    }

    private func product(_ function: [Double], _ spectrum: [Double]) -> Double {
      var sum = 0.0
      for orbit in function.indices { sum += function[orbit] * spectrum[orbit] }
      return sum
    }

    /// h = factor · φ, with ∂factor/∂φ contributing slope · Ŵ(0) to the divergence.
    private func write(
      _ offset: Int, _ number: Int,
      _ rows: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>),
      factors: (Double, Double), slopes: (Double, Double)
    ) {
      for (j, function) in regressors.functions.enumerated() {
        let trace = regressors.traces[number][j].0
        rows.0[offset + j] =
          factors.0 * (trace - product(function, firstSpectrum)) + slopes.0 * regressors.atZero[j]
        rows.1[offset + j] =
          factors.1 * (trace - product(function, secondSpectrum)) + slopes.1 * regressors.atZero[j]
      }
    }

    private func writeLocal(
      _ offset: Int, _ number: Int,
      _ rows: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>), _ sums: SIMD4<Double>
    ) {
      for (j, function) in regressors.functions.enumerated() {
        let trace = regressors.traces[number][j]
        rows.0[offset + j] =
          trace.0 * sums[0] + trace.1 * sums[2] - product(function, firstSpectrum)
        rows.1[offset + j] =
          trace.0 * sums[1] + trace.1 * sums[3] - product(function, secondSpectrum)
      }
    }
  }
}
