// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "phi4.h"
#include "vector_types.h"

// The lattice seen as slabs (all sites with the same first index) of rows (the contiguous axis). In
// the workspace each row of φ and of p is padded with zeros to whole vectors, and starts at a
// multiple of 64 bytes. The padding stays zero: the momenta there are never kicked.
typedef struct {
  long length;                   // sites in a row
  long last;                     // where its last vector starts, and
  df_m8 mask;                    // the sites in that
  long slabs, rows;              // slabs, rows in each
  long row_stride, slab_stride;  // in doubles
  int sides;                     // neighbour rows: 2 (D − 1)
  const int *inside;             // [rows][2 (D − 2)]: neighbour rows in a slab, as offsets
  double *phi, *momentum;
  double hopping, c2, c4;
} df_phi4_plan;

// What one level offers.
typedef struct {
  double (*energy)(const df_phi4_plan *plan, const double *phi);
  double (*gradient)(const df_phi4_plan *plan, const double *phi, double *gradient);
  void (*trajectory)(const df_phi4_plan *plan, double *phi, double *momentum, int n,
                     const double *kicks, const double *drifts, double energies[4]);
  void (*langevin_step)(const df_phi4_plan *plan, double *phi, double *gradient, const double *noise,
                        double step, double results[2]);
} df_phi4_kernels;
