// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// Operations that know of samples and channels.
extension Tape {
  /// factor x + shift, with one factor and one shift, [channels][pairs][1][2] each, for every channel of
  /// every sample.
  public func affine(
    _ x: TapeVariable, factor: TapeVariable? = nil, shift: TapeVariable? = nil
  ) -> TapeVariable {
    let (rows, sites) = (x.shape.channels * x.shape.pairs, x.shape.sites)
    for other in [factor, shift].compactMap({ $0 }) {
      precondition(other.count == 2 * rows && other.shape.sites == 1, "one for channel and sample")
    }
    return result(x.shape, of: [x] + [factor, shift].compactMap { $0 }) { y in
      for row in 0..<rows {
        df_pair_affine(
          sites, factor.map { $0.values + 2 * row }, x.values + 2 * row * sites,
          shift.map { $0.values + 2 * row }, y + 2 * row * sites, 0)
      }
    } pullback: { bar, cotangents in
      let target = x.isActive ? cotangents.target(x) : nil
      let factorBar = factor.flatMap { $0.isActive ? cotangents[$0] : nil }
      let shiftBar = shift.flatMap { $0.isActive ? cotangents[$0] : nil }
      for row in 0..<rows {
        let rowBar = bar + 2 * row * sites
        if let target {
          df_pair_affine(
            sites, factor.map { $0.values + 2 * row }, rowBar, nil,
            target.pointer + 2 * row * sites, target.accumulate)
        }
        if let factorBar {
          df_pair_dot(sites, rowBar, x.values + 2 * row * sites, factorBar + 2 * row)
        }
        if let shiftBar { df_pair_sum(sites, rowBar, shiftBar + 2 * row) }
      }
    }
  }

  /// factor x and its derivative; the factor may depend on the direction too, as one of time does.
  public func affine(_ x: Dual, factor: Dual, shift: Dual? = nil) -> Dual {
    let moved = x.tangent.map { affine($0, factor: factor.value, shift: shift?.tangent) }
    let turned = factor.tangent.map {
      affine(x.value, factor: $0, shift: moved == nil ? shift?.tangent : nil)
    }
    let tangent: TapeVariable?
    if let moved, let turned { tangent = add(moved, turned) } else { tangent = moved ?? turned }
    return Dual(affine(x.value, factor: factor.value, shift: shift?.value), tangent: tangent)
  }

  /// x + b, with one number b_c for each channel.
  public func bias(_ x: TapeVariable, _ b: TapeVariable) -> TapeVariable {
    let (channels, length) = (x.shape.channels, x.shape.pairs * x.shape.sites)
    precondition(b.count == channels, "one bias for each channel")
    return result(x.shape, of: [x, b]) { y in
      for channel in 0..<channels {
        let shift = [b.values[channel], b.values[channel]]
        df_pair_affine(
          length, nil, x.values + 2 * channel * length, shift, y + 2 * channel * length, 0)
      }
    } pullback: { bar, cotangents in
      if x.isActive { df_scale(2 * channels * length, 1, bar, cotangents[x], 1) }
      if b.isActive {
        for channel in 0..<channels {
          var sums = [0.0, 0.0]
          df_pair_sum(length, bar + 2 * channel * length, &sums)
          cotangents[b][channel] += sums[0] + sums[1]
        }
      }
    }
  }

  /// Σ_x of every channel of every sample, [channels][pairs][1][2].
  public func siteSum(_ x: TapeVariable) -> TapeVariable {
    let (rows, sites) = (x.shape.channels * x.shape.pairs, x.shape.sites)
    let shape = Shape.batch(channels: x.shape.channels, pairs: x.shape.pairs, sites: 1)
    return result(shape, of: [x]) { y in
      y.update(repeating: 0, count: 2 * rows)
      for row in 0..<rows { df_pair_sum(sites, x.values + 2 * row * sites, y + 2 * row) }
    } pullback: { bar, cotangents in
      let zero = [0.0, 0.0]
      for row in 0..<rows {
        let rowBar = cotangents[x] + 2 * row * sites
        df_pair_affine(sites, zero, rowBar, bar + 2 * row, rowBar, 1)
      }
    }
  }

  /// Σ_c Σ_x a b of every sample, [1][pairs][1][2].
  public func dot(_ a: TapeVariable, _ b: TapeVariable) -> TapeVariable {
    precondition(a.shape == b.shape, "an inner product is of equal shapes")
    let (channels, pairs, sites) = (a.shape.channels, a.shape.pairs, a.shape.sites)
    return result(.batch(channels: 1, pairs: pairs, sites: 1), of: [a, b]) { y in
      y.update(repeating: 0, count: 2 * pairs)
      for row in 0..<channels * pairs {
        let start = 2 * row * sites
        df_pair_dot(sites, a.values + start, b.values + start, y + 2 * (row % pairs))
      }
    } pullback: { bar, cotangents in
      for (x, other) in [(a, b), (b, a)] where x.isActive {
        let (target, accumulate) = cotangents.target(x)
        for row in 0..<channels * pairs {
          let start = 2 * row * sites
          df_pair_affine(
            sites, bar + 2 * (row % pairs), other.values + start, nil, target + start, accumulate)
        }
      }
    }
  }

  /// Channels `range` of a batch.
  public func channels(_ range: Range<Int>, of x: TapeVariable) -> TapeVariable {
    let length = 2 * x.shape.pairs * x.shape.sites
    return slice(
      x, range.lowerBound * length,
      .batch(channels: range.count, pairs: x.shape.pairs, sites: x.shape.sites))
  }

  /// Numbers `range` of a vector, such as one slice of all parameters.
  public func slice(_ x: TapeVariable, _ range: Range<Int>) -> TapeVariable {
    slice(x, range.lowerBound, .vector(range.count))
  }

  private func slice(_ x: TapeVariable, _ start: Int, _ shape: Shape) -> TapeVariable {
    precondition(start >= 0 && start + shape.count <= x.count, "a part lies inside the whole")
    let part = variable(x.values + start, shape, isActive: x.isActive)
    if part.isActive {
      note { cotangents in
        guard let bar = cotangents.existing(part) else { return }
        df_scale(shape.count, 1, bar, cotangents[x] + start, 1)
      }
    }
    return part
  }
}
