// SPDX-License-Identifier: GPL-3.0-or-later

/// A target that knows the trace of its Hessian.
public protocol LaplacianTarget: PointTarget {
  /// Overwrites `gradient` with ∇U and returns ΔU = Σ_i ∂²U/∂x_i².
  func laplacian(
    at position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>
  ) -> Double
}

/// ΔU = Σ_k r_k (ΔU_k − |∇U_k|²) + |∇U|², with ΔU_k = d/s_k².
extension GaussianMixture: LaplacianTarget {
  public func laplacian(
    at position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>
  ) -> Double {
    let dimension = dimension
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: componentCount) {
      let shares = $0.baseAddress!
      _ = responsibilities(at: position, into: shares)
      gradient.update(repeating: 0, count: dimension)
      var sum = 0.0
      locations.withRows { rows in
        for component in 0..<componentCount where shares[component] > negligibleShare {
          addGradient(of: component, times: shares[component], at: position, to: gradient)
          let square = squaredDistance(position, rows + component * dimension, count: dimension)
          let precision = 1 / (scales[component] * scales[component])
          sum += shares[component] * precision * (Double(dimension) - precision * square)
        }
      }
      for index in 0..<dimension { sum += gradient[index] * gradient[index] }
      return sum
    }
  }
}
