// SPDX-License-Identifier: GPL-3.0-or-later

/// A splitting of underdamped Langevin dynamics, as the list of its pieces with their fractions of the
/// step: kicks (B), drifts (A) and refreshes of the velocity by the exact Ornstein-Uhlenbeck process
/// (O). It reads the same backwards. Leimkuhler, Matthews, Appl. Math. Res. Express 2013, 34.
public struct LangevinSplitting: Sendable, Equatable {
  public enum Piece: Sendable, Equatable {
    case kick(Double)
    case drift(Double)
    case refresh(Double)
  }

  public let name: String
  public let pieces: [Piece]

  /// Half of the kicks come before the other half, with the force of the density that is left.
  public init(name: String, pieces: [Piece]) {
    precondition(pieces == pieces.reversed(), "a splitting reads the same backwards")
    precondition(
      pieces.filter(\.isKick).count % 2 == 0, "the kicks divide between both densities")
    self.name = name
    self.pieces = pieces
  }

  /// One force a step, and the most accurate averages of positions.
  public static let baoab = LangevinSplitting(
    name: "baoab",
    pieces: [.kick(0.5), .drift(0.5), .refresh(1), .drift(0.5), .kick(0.5)])

  /// Leapfrog between two half refreshes. Bussi, Parrinello, Phys. Rev. E 75 (2007) 056707.
  public static let obabo = LangevinSplitting(
    name: "obabo",
    pieces: [.refresh(0.5), .kick(0.5), .drift(1), .kick(0.5), .refresh(0.5)])

  /// Both forces at the midpoint.
  public static let aboba = LangevinSplitting(
    name: "aboba",
    pieces: [.drift(0.5), .kick(0.5), .refresh(1), .kick(0.5), .drift(0.5)])

  /// Position leapfrog between two half refreshes, both forces at the midpoint.
  public static let oabao = LangevinSplitting(
    name: "oabao",
    pieces: [
      .refresh(0.5), .drift(0.5), .kick(0.5), .kick(0.5), .drift(0.5), .refresh(0.5),
    ])

  public static let all = [baoab, obabo, aboba, oabao]
}

extension LangevinSplitting.Piece {
  var isKick: Bool {
    if case .kick = self { return true }
    return false
  }

  var isRefresh: Bool {
    if case .refresh = self { return true }
    return false
  }
}
