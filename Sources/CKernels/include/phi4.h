// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <stddef.h>

/// The φ⁴ action on a periodic lattice,
///     S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² + c4 φ_x⁴ ],
/// every bond once (an extent of 2 counts each wrapped bond twice).
/// Configurations are contiguous, the last axis fastest.
typedef struct {
  int dimensions;    ///< 1 to 4
  int extents[4];    ///< each ≥ 2; the last one used is the contiguous axis
  double hopping;    ///< J
  double c2, c4;
} df_phi4;

/// Bytes of scratch one thread needs for the calls below; its alignment and contents do not matter.
size_t df_phi4_workspace_bytes(const df_phi4 *action);

/// S(φ) of one configuration.
double df_phi4_energy(const df_phi4 *action, const double *phi, void *workspace);

/// gradient_x = ∂S/∂φ_x = −J Σ_{±μ} φ_{x±μ} + 2 c2 φ_x + 4 c4 φ_x³; returns S(φ).
double df_phi4_gradient(const df_phi4 *action, const double *phi, double *gradient, void *workspace);

/// One molecular-dynamics trajectory of one configuration with unit-mass momenta, in place:
///     p −= kicks[0] ∇S(φ);   for i = 0 … n−1:  φ += drifts[i] p,  p −= kicks[i+1] ∇S(φ).
/// A kick of zero is skipped. `energies` receives S and Σp²/2 before, then S and Σp²/2 after.
void df_phi4_trajectory(const df_phi4 *action, double *phi, double *momentum, int n,
                        const double *kicks, const double *drifts, void *workspace,
                        double energies[4]);

/// One unadjusted Langevin step of size h > 0 of one configuration, in place, from any action S_old to
/// `action`, which is S_new:
///     φ' = φ − h g + √(2h) η.
/// `gradient` holds g = ∂S_old/∂φ at φ on entry and g' = ∂S_new/∂φ at φ' on return, `noise` holds
/// standard normals η. `results` receives S_new(φ') and the log ratio of the transition densities
///     log B(φ|φ') − log F(φ'|φ) = √(h/2) Σ η·(g + g') − (h/4) Σ (g + g')²,
/// where F is the density of this step and B that of the step back, with g' in the place of g:
/// B comes from φ with the noise η̃ = √(h/2) (g + g') − η, and log B/F = ½ Σ (η² − η̃²).
void df_phi4_langevin_step(const df_phi4 *action, double *phi, double *gradient,
                           const double *noise, double step, void *workspace, double results[2]);
