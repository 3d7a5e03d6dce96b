// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "phi4.h"
#include "vector_types.h"

// The lattice seen as slabs (all sites with the same first index) of rows (the contiguous axis). In
// the workspace each row has one halo site on either side and is padded to whole vectors:
//
//     row r:   φ[L−1] | φ[0] φ[1] … φ[L−1] | φ[0] | zeros
//                       ^ aligned to 64 bytes
//
// The left halo is the last padding number of the row before. Momenta have the same layout; their
// padding is zero, so that a drift leaves all padding of φ as it is.
typedef struct {
  long length;         // sites in a row
  long full, tail;     // whole vectors in a row, and the sites after them
  long slabs, rows;    // slabs, rows in each
  long row_stride, slab_stride;   // in doubles
  int sides;           // neighbour rows: 2 (D − 1)
  const int *inside;   // [rows][2 (D − 2)]: neighbour rows in the same slab, offsets from the slab
  double *phi, *momentum;
  df_m8 mask;          // the sites of the tail
  double hopping, c2, c4;
} df_phi4_plan;

// What one level offers; `sides` picks the copy with that many neighbour rows.
typedef struct {
  double (*energy)(const df_phi4_plan *plan, const double *phi);
  double (*gradient)(const df_phi4_plan *plan, const double *phi, double *gradient);
  void (*trajectory)(const df_phi4_plan *plan, double *phi, double *momentum, int n,
                     const double *kicks, const double *drifts, double energies[4]);
} df_phi4_kernels;
