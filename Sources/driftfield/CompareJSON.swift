// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Sweeps

/// A comparison as JSON, in full precision. Numbers that are not finite are texts.
enum CompareJSON {
  static func text(_ comparison: Comparison, leftOut: [String]) throws -> String {
    try JSONText.encode(Root(comparison, leftOut: leftOut))
  }

  private struct Root: Encodable {
    var agreement: Bool
    var comparisons: Int
    var verdict: [String]
    var notes: [String]
    var leftOut: [String]
    var couplings: [Coupling]

    init(_ comparison: Comparison, leftOut: [String]) {
      agreement = comparison.isInAgreement
      comparisons = comparison.differences.count
      (verdict, notes, self.leftOut) = (comparison.verdict, comparison.notes, leftOut)
      couplings = comparison.couplings.map { Coupling($0, comparison) }
    }
  }

  private struct Coupling: Encodable {
    var shape: [Int]
    /// J, c2 and c4.
    var coefficients: [String: Double]
    var baseline: String?
    var exactLogZ: Number?
    var samplers: [Sampler]

    init(_ coupling: CouplingComparison, _ comparison: Comparison) {
      let first = coupling.results[0]
      shape = first.lattice.extents
      coefficients = [
        "J": first.coefficients.hopping, "c2": first.coefficients.quadratic,
        "c4": first.coefficients.quartic,
      ]
      baseline = coupling.hasBaseline ? coupling.names[0] : nil
      exactLogZ = coupling.exactLogNormalizer.map { Number($0) }
      samplers = coupling.results.indices.map { Sampler($0, coupling, comparison) }
    }
  }

  private struct Sampler: Encodable {
    var name: String
    var method: String
    var run: String
    var path: String
    var stop: Int?
    var weighted: Bool
    var quantities: [String: Quantity]
    var logZ: Quantity?
    var logZBennett: Quantity?
    var effectiveSamples: Number?
    var samples: Int?
    var tauInt: Number?
    /// The observable of the effective samples and of tau_int.
    var observable: String?
    /// Of the weights alone, as a fraction of the walkers.
    var kishFraction: Number?
    var gradientEvaluations: Double?
    var driftEvaluations: Double?
    var seconds: Double?
    /// Of the drift, the search for its path included.
    var trainingSeconds: Double?
    /// What the steps of a transport do to these numbers.
    var bias: [String: Number]?
    var measurementSeconds: Double?
    var effectiveSamplesPerSecond: Double?
    var chiSquare: Double?
    var degreesOfFreedom: Int?
    var probability: Double?
    var disagrees: Bool?
    var warnings: [String]

    init(_ index: Int, _ coupling: CouplingComparison, _ comparison: Comparison) {
      let result = coupling.results[index]
      let difference = coupling.difference(of: index)
      name = coupling.names[index]
      (method, run, path, stop) = (result.method, result.label, result.path, result.stop)
      weighted = result.isWeighted
      quantities = [:]
      for quantity in result.quantities {
        quantities[quantity.name] = Quantity(
          quantity, difference?.difference(quantity.name),
          coupling.costAtEqualError(of: index, quantity.name))
      }
      logZ = result.logNormalizer.map {
        Quantity($0, difference?.difference(Comparison.logNormalizer), nil)
      }
      logZBennett = result.bennett.map {
        Quantity($0, difference?.difference(Comparison.bennettLogNormalizer), nil)
      }
      effectiveSamples = result.effectiveSize.map { Number($0.samples) }
      samples = result.effectiveSize?.count
      tauInt = result.effectiveSize?.tau.map { Number($0) }
      observable = result.effectiveSize?.observable
      kishFraction = result.effectiveSize?.kishFraction.map { Number($0) }
      gradientEvaluations = result.cost?.gradientEvaluations
      driftEvaluations = result.cost?.driftEvaluations
      seconds = result.cost?.seconds
      trainingSeconds = result.cost?.trainingSeconds
      if !result.biases.isEmpty {
        bias = Dictionary(
          result.biases.map { ($0.name, Number($0.bias)) }, uniquingKeysWith: { $1 })
      }
      measurementSeconds = result.cost?.measurementSeconds
      effectiveSamplesPerSecond = result.samplesPerSecond
      chiSquare = difference?.overall?.chiSquare
      degreesOfFreedom = difference?.overall?.degreesOfFreedom
      probability = difference?.overall?.probability
      disagrees = difference.map(comparison.disagrees)
      warnings = result.warnings
    }
  }

  private struct Number: Encodable {
    var value: Double
    var error: Double

    init(_ number: Uncertain) { (value, error) = (number.value, number.error) }
  }

  private struct Quantity: Encodable {
    var value: Double
    var error: Double
    var jackknifeError: Double?
    var reliable: Bool
    var difference: Double?
    var differenceError: Double?
    var pull: Double?
    var probability: Double?
    /// Against the baseline at equal error.
    var costSeconds: Double?
    var costGradients: Double?

    init(
      _ quantity: ComparedQuantity, _ difference: QuantityDifference?,
      _ cost: (seconds: Double, gradientEvaluations: Double)?
    ) {
      (value, error) = (quantity.value, quantity.error)
      jackknifeError = quantity.jackknifeError
      reliable = quantity.isTrustworthy
      self.difference = difference?.difference
      differenceError = difference?.error
      pull = difference?.pull
      probability = difference?.probability
      costSeconds = cost?.seconds
      costGradients = cost?.gradientEvaluations
    }
  }
}

/// How all commands write JSON.
enum JSONText {
  static func encode(
    _ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .convertToSnakeCase
  ) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = keys
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
