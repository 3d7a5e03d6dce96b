// SPDX-License-Identifier: GPL-3.0-or-later
#include "phi4.h"
#include "dispatch.h"
#include "phi4_plan.h"
#include <stdint.h>

// No contraction to fused multiply-adds: every level and processor gives the same bits.
#pragma clang fp contract(off)
// Vectors are only ever passed to inlined functions: there is no calling convention to depend on.
#pragma clang diagnostic ignored "-Wpsabi"

#define NAME(x) x##_baseline
#include "vectors.h"
#include "phi4_kernel.h"
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define NAME(x) x##_avx2
#include "vectors.h"
#include "phi4_kernel.h"
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))), apply_to = function)
#define NAME(x) x##_avx512
#include "vectors.h"
#include "phi4_kernel.h"
#undef NAME
#pragma clang attribute pop
#endif

static const df_phi4_kernels kernels[] = {
    {energy_baseline, gradient_baseline, trajectory_baseline, langevin_step_baseline},
#if defined(__x86_64__)
    {energy_avx2, gradient_avx2, trajectory_avx2, langevin_step_avx2},
    {energy_avx512, gradient_avx512, trajectory_avx512, langevin_step_avx512},
#endif
};

// Sizes and strides; all but the pointers.
static df_phi4_plan shape(const df_phi4 *action) {
  const int last = action->dimensions - 1;
  df_phi4_plan plan = {.length = action->extents[last], .slabs = 1, .rows = 1};
  plan.last = (plan.length - 1) / 8 * 8;
  plan.mask = df_mask(plan.length - plan.last);
  plan.sides = 2 * last;
  if (last > 0) plan.slabs = action->extents[0];
  for (int axis = 1; axis < last; axis++) plan.rows *= action->extents[axis];
  // Rows or slabs a multiple of 4096 bytes apart would share the same few cache sets.
  plan.row_stride = plan.last + 8;
  if (plan.row_stride % 512 == 0) plan.row_stride += 8;
  plan.slab_stride = plan.rows * plan.row_stride;
  if (plan.slab_stride % 512 == 0) plan.slab_stride += 8;
  plan.hopping = action->hopping;
  plan.c2 = action->c2;
  plan.c4 = action->c4;
  return plan;
}

static size_t field_size(const df_phi4_plan *plan) {
  return (size_t)(plan->slabs * plan->slab_stride);
}

static size_t table_size(const df_phi4_plan *plan) {
  const int inside = plan->sides > 2 ? plan->sides - 2 : 0;
  return (size_t)(plan->rows * inside) * sizeof(int);
}

size_t df_phi4_workspace_bytes(const df_phi4 *action) {
  const df_phi4_plan plan = shape(action);
  return 64 + 2 * field_size(&plan) * sizeof(double) + table_size(&plan);
}

// Neighbour rows in the same slab, along the axes between the first and the last.
static void fill_table(const df_phi4 *action, const df_phi4_plan *plan, int *table) {
  const int last = action->dimensions - 1;
  for (long row = 0; row < plan->rows; row++) {
    long stride = 1, rest = row;
    for (int axis = last - 1; axis >= 1; axis--) {
      const long extent = action->extents[axis], x = rest % extent;
      const long up = row + (x + 1 == extent ? 1 - extent : 1) * stride;
      const long down = row + (x == 0 ? extent - 1 : -1) * stride;
      *table++ = (int)(up * plan->row_stride);
      *table++ = (int)(down * plan->row_stride);
      rest /= extent;
      stride *= extent;
    }
  }
}

static df_phi4_plan prepare(const df_phi4 *action, void *workspace) {
  df_phi4_plan plan = shape(action);
  plan.phi = (double *)(((uintptr_t)workspace + 63) / 64 * 64);
  plan.momentum = plan.phi + field_size(&plan);
  int *table = (int *)(plan.momentum + field_size(&plan));
  plan.inside = table;
  fill_table(action, &plan, table);
  return plan;
}

double df_phi4_energy(const df_phi4 *action, const double *phi, void *workspace) {
  const df_phi4_plan plan = prepare(action, workspace);
  return kernels[df_kernel_level()].energy(&plan, phi);
}

double df_phi4_gradient(const df_phi4 *action, const double *phi, double *gradient,
                        void *workspace) {
  const df_phi4_plan plan = prepare(action, workspace);
  return kernels[df_kernel_level()].gradient(&plan, phi, gradient);
}

void df_phi4_trajectory(const df_phi4 *action, double *phi, double *momentum, int n,
                        const double *kicks, const double *drifts, void *workspace,
                        double energies[4]) {
  const df_phi4_plan plan = prepare(action, workspace);
  kernels[df_kernel_level()].trajectory(&plan, phi, momentum, n, kicks, drifts, energies);
}

void df_phi4_langevin_step(const df_phi4 *action, double *phi, double *gradient,
                           const double *noise, double step, void *workspace, double results[2]) {
  const df_phi4_plan plan = prepare(action, workspace);
  kernels[df_kernel_level()].langevin_step(&plan, phi, gradient, noise, step, results);
}
