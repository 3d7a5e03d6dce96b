// SPDX-License-Identifier: GPL-3.0-or-later
import Lattices
import Targets

/// A target that lives on a lattice: its energy is the action S(φ), one number for each site.
public protocol Action: Target {
  var lattice: Lattice { get }
}

extension Action {
  public var dimension: Int { lattice.volume }
}
