// SPDX-License-Identifier: GPL-3.0-or-later
// The φ⁴ kernels of one level: included once for each, with NAME(x) giving the level's names. A file
// without include guard.
//
// One pass over the lattice PRODUCES slab a + 1 (copies it in, or drifts it) and then CONSUMES slab a
// (kicks it, sums its energy, writes its gradient), so that φ and p are touched once, while in cache.

#define INLINE static inline __attribute__((always_inline))

// What a pass does to produce a slab, and what to consume it: known to the compiler in every copy.
#ifndef DF_PASS
#define DF_PASS
enum { COPY_FIELD = 1, COPY_BOTH = 2, DRIFT = 3 };
enum { NOTHING = 0, KICK = 1, ENERGY = 2, GRADIENT = 4 };
#endif

// A step's coefficients in all lanes; with k the kick, p += k J Σ_{±μ} φ_{x±μ} − φ (2 k c2 + 4 k c4 φ²).
typedef struct {
  df_v8 drift, hopping, linear, cubic;     // drift, k J, 2 k c2, 4 k c4
  df_v8 half_hopping, quadratic, quartic;  // J/2, c2, c4
} NAME(coefficients);

// Where a pass gets its fields from, and what it sums.
typedef struct {
  NAME(coefficients) k;
  const double *phi, *momentum;  // to copy in
  double *gradient;              // to write
  df_sum8 energy, squares;       // S, Σp²
} NAME(task);

INLINE NAME(coefficients) NAME(coefficients_of)(const df_phi4_plan *plan, double drift, double kick) {
  return (NAME(coefficients)){
      NAME(splat)(drift),
      NAME(splat)(kick * plan->hopping),
      NAME(splat)(2 * kick * plan->c2),
      NAME(splat)(4 * kick * plan->c4),
      NAME(splat)(plan->hopping / 2),
      NAME(splat)(plan->c2),
      NAME(splat)(plan->c4)};
}

INLINE void NAME(set_halo)(double *row, long length) {
  row[-1] = row[length - 1];
  row[length] = row[0];
}

// φ += drift p, and returns it.
INLINE df_v8 NAME(drift)(double *phi, const double *momentum, df_v8 drift) {
  const df_v8 value = NAME(load)(phi) + drift * NAME(load)(momentum);
  NAME(store)(phi, value);
  return value;
}

// Consumes eight sites, of which `mask` are in the lattice.
//     S = Σ_x φ_x [φ_x (c2 + c4 φ_x²) − (J/2) Σ_{±μ} φ_{x±μ}]
INLINE void NAME(consume_vector)(const NAME(coefficients) *k, int what, df_v8 here, df_v8 around,
                                 double *momentum, double *gradient, int whole, df_m8 mask,
                                 long count, df_v8 *energy) {
  const df_v8 square = here * here;
  if (what & (KICK | GRADIENT)) {
    const df_v8 force = k->hopping * around - here * (k->linear + k->cubic * square);
    if (what & KICK) {
      const df_v8 kicked = NAME(load)(momentum) + force;
      NAME(store)(momentum, whole ? kicked : NAME(masked)(kicked, mask));
    } else if (whole) {
      NAME(store)(gradient, force);
    } else {
      NAME(store_part)(gradient, force, count);
    }
  }
  if (what & ENERGY) {
    const df_v8 value =
        here * (here * (k->quadratic + k->quartic * square) - k->half_hopping * around);
    *energy += whole ? value : NAME(masked)(value, mask);
  }
}

// One row as a pass sees it.
typedef struct {
  const double *phi;
  double *momentum, *gradient;
  const double *beside[6];  // the neighbour rows, that of the slab ahead last
  double *ahead_phi, *ahead_momentum;
} NAME(row);

// Σ_{±μ} φ_{x±μ} of eight sites, from the vectors before and after in the row and the neighbour rows.
// Drifts the last of these before, if asked to.
INLINE df_v8 NAME(neighbours)(const NAME(row) *row, df_v8 before, df_v8 here, df_v8 after, long x,
                              int sides, int drifts, df_v8 drift) {
  // As integers: then AVX-512 does it in one instruction that needs no table.
  const df_m8 centre = (df_m8)here;
  const df_m8 left = __builtin_shufflevector((df_m8)before, centre, 7, 8, 9, 10, 11, 12, 13, 14);
  const df_m8 right = __builtin_shufflevector(centre, (df_m8)after, 1, 2, 3, 4, 5, 6, 7, 8);
  df_v8 around = (df_v8)left + (df_v8)right;
  for (int side = 0; side < sides - drifts; side++) around += NAME(load)(row->beside[side] + x);
  if (drifts) around += NAME(drift)(row->ahead_phi + x, row->ahead_momentum + x, drift);
  return around;
}

// Long rows are summed in pieces, so that no accumulator grows with the length.
#define PIECE 1024

INLINE void NAME(consume_row)(const df_phi4_plan *plan, NAME(task) *task, const NAME(row) *row,
                              int sides, int drifts, int what) {
  const NAME(coefficients) k = task->k;
  const long last = plan->last;
  const df_v8 first = NAME(splat)(row->phi[0]);
  df_v8 before = NAME(splat)(row->phi[plan->length - 1]), here = NAME(load)(row->phi), energy = {0};
  long x = 0;
  while (x < last) {
    const long stop = (what & ENERGY) && x + PIECE < last ? x + PIECE : last;
#pragma clang loop unroll_count(2)
    for (; x < stop; x += 8) {
      const df_v8 after = NAME(load)(row->phi + x + 8);
      const df_v8 around = NAME(neighbours)(row, before, here, after, x, sides, drifts, k.drift);
      NAME(consume_vector)(&k, what, here, around, row->momentum + x, row->gradient + x, 1,
                           plan->mask, 8, &energy);
      before = here;
      here = after;
    }
    if ((what & ENERGY) && x < last) {
      NAME(accumulate)(&task->energy, energy);
      energy = (df_v8){0};
    }
  }
  // Site 0 follows the last site.
  const df_v8 wrapped = NAME(masked)(here, plan->mask) + NAME(masked)(first, ~plan->mask);
  const df_v8 around = NAME(neighbours)(row, before, wrapped, first, x, sides, drifts, k.drift);
  NAME(consume_vector)(&k, what, here, around, row->momentum + x, row->gradient + x, 0, plan->mask,
                       plan->length - last, &energy);
  if (what & ENERGY) NAME(accumulate)(&task->energy, energy);
}

INLINE void NAME(drift_row)(const df_phi4_plan *plan, NAME(task) *task, double *phi,
                            const double *momentum) {
  const df_v8 drift = task->k.drift;
  for (long x = 0; x <= plan->last; x += 8) NAME(drift)(phi + x, momentum + x, drift);
}

// Copies one row from or to the caller's layout, adding up its squares if asked.
INLINE void NAME(copy_row)(const df_phi4_plan *plan, double *to, const double *from, int inward,
                           df_sum8 *squares) {
  const long last = plan->last, count = plan->length - last;
  for (long x = 0; x <= last;) {
    df_v8 sum = {0};
    const long stop = squares && x + PIECE < last ? x + PIECE : last;
    for (; x < stop; x += 8) {
      const df_v8 value = NAME(load)(from + x);
      NAME(store)(to + x, value);
      sum += value * value;
    }
    if (x == last) {
      const df_v8 value = NAME(load_part)(from + x, count);
      if (inward) NAME(store)(to + x, value);
      else NAME(store_part)(to + x, value, count);
      sum += value * value;
      x += 8;
    }
    if (squares) NAME(accumulate)(squares, sum);
  }
}

INLINE void NAME(produce_row)(const df_phi4_plan *plan, NAME(task) *task, int how, long slab,
                              long row) {
  const long at = slab * plan->slab_stride + row * plan->row_stride;
  const long site = (slab * plan->rows + row) * plan->length;
  if (how == DRIFT) NAME(drift_row)(plan, task, plan->phi + at, plan->momentum + at);
  if (how != DRIFT) NAME(copy_row)(plan, plan->phi + at, task->phi + site, 1, 0);
  if (how == COPY_BOTH)
    NAME(copy_row)(plan, plan->momentum + at, task->momentum + site, 1, &task->squares);
}

INLINE void NAME(pass)(const df_phi4_plan *plan, NAME(task) *task, int sides, int how, int what) {
  const long last = plan->slabs - 1;
  const int inside = sides > 2 ? sides - 2 : 0;
  for (long row = 0; row < plan->rows; row++) NAME(produce_row)(plan, task, how, last, row);
  if (last > 0)
    for (long row = 0; row < plan->rows; row++) NAME(produce_row)(plan, task, how, 0, row);
  for (long slab = 0; slab <= last; slab++) {
    double *const phi = plan->phi + slab * plan->slab_stride;
    double *const momentum = plan->momentum + slab * plan->slab_stride;
    double *const before = plan->phi + (slab == 0 ? last : slab - 1) * plan->slab_stride;
    double *const after = plan->phi + (slab == last ? 0 : slab + 1) * plan->slab_stride;
    for (long index = 0; index < plan->rows; index++) {
      const long at = index * plan->row_stride;
      NAME(row) row = {.phi = phi + at, .momentum = momentum + at};
      if (what & GRADIENT) row.gradient = task->gradient + (slab * plan->rows + index) * plan->length;
      for (int side = 0; side < inside; side++)
        row.beside[side] = phi + plan->inside[index * inside + side];
      if (sides > 0) {
        row.beside[inside] = before + at;
        row.beside[inside + 1] = after + at;
      }
      const int ahead = sides > 0 && slab + 1 < last;
      if (ahead && how == DRIFT && what != NOTHING) {
        row.ahead_phi = after + at;
        row.ahead_momentum = momentum + plan->slab_stride + at;
        NAME(consume_row)(plan, task, &row, sides, 1, what);
      } else {
        if (ahead) NAME(produce_row)(plan, task, how, slab + 1, index);
        if (what != NOTHING) NAME(consume_row)(plan, task, &row, sides, 0, what);
      }
    }
  }
}

// The passes, for 0, 2, 4 and 6 neighbour rows.
#define PASSES(how, what)                                                                         \
  static __attribute__((noinline)) void NAME(how##_##what)(const df_phi4_plan *plan,              \
                                                           NAME(task) *task) {                    \
    switch (plan->sides) {                                                                        \
    case 0: NAME(pass)(plan, task, 0, how, what); break;                                          \
    case 2: NAME(pass)(plan, task, 2, how, what); break;                                          \
    case 4: NAME(pass)(plan, task, 4, how, what); break;                                          \
    default: NAME(pass)(plan, task, 6, how, what); break;                                         \
    }                                                                                             \
  }

PASSES(COPY_FIELD, ENERGY)
PASSES(COPY_BOTH, ENERGY)
PASSES(DRIFT, NOTHING)
PASSES(DRIFT, KICK)
PASSES(DRIFT, ENERGY)
#define KICK_ENERGY (KICK | ENERGY)
#define GRADIENT_ENERGY (GRADIENT | ENERGY)
PASSES(COPY_FIELD, GRADIENT_ENERGY)
PASSES(COPY_BOTH, KICK_ENERGY)
PASSES(DRIFT, KICK_ENERGY)
#undef KICK_ENERGY
#undef GRADIENT_ENERGY

static double NAME(energy)(const df_phi4_plan *plan, const double *phi) {
  NAME(task) task = {.k = NAME(coefficients_of)(plan, 0, 0), .phi = phi};
  NAME(COPY_FIELD_ENERGY)(plan, &task);
  return df_total(&task.energy);
}

static double NAME(gradient)(const df_phi4_plan *plan, const double *phi, double *gradient) {
  // The gradient is the force of a kick of −1.
  NAME(task) task = {.k = NAME(coefficients_of)(plan, 0, -1), .phi = phi, .gradient = gradient};
  NAME(COPY_FIELD_GRADIENT_ENERGY)(plan, &task);
  return df_total(&task.energy);
}

static void NAME(trajectory)(const df_phi4_plan *plan, double *phi, double *momentum, int n,
                             const double *kicks, const double *drifts, double energies[4]) {
  NAME(task) task = {
      .k = NAME(coefficients_of)(plan, 0, kicks[0]), .phi = phi, .momentum = momentum};
  if (kicks[0] != 0) NAME(COPY_BOTH_KICK_ENERGY)(plan, &task);
  else NAME(COPY_BOTH_ENERGY)(plan, &task);
  energies[0] = df_total(&task.energy);
  energies[1] = df_total(&task.squares) / 2;
  for (int i = 0; i < n; i++) {
    task.k = NAME(coefficients_of)(plan, drifts[i], kicks[i + 1]);
    if (i + 1 < n) {
      if (kicks[i + 1] != 0) NAME(DRIFT_KICK)(plan, &task);
      else NAME(DRIFT_NOTHING)(plan, &task);
    } else {
      task.energy = (df_sum8){{0}, {0}};
      if (kicks[i + 1] != 0) NAME(DRIFT_KICK_ENERGY)(plan, &task);
      else NAME(DRIFT_ENERGY)(plan, &task);
    }
  }
  df_sum8 squares = {{0}, {0}};
  for (long slab = 0; slab < plan->slabs; slab++)
    for (long row = 0; row < plan->rows; row++) {
      const long at = slab * plan->slab_stride + row * plan->row_stride;
      const long site = (slab * plan->rows + row) * plan->length;
      NAME(copy_row)(plan, phi + site, plan->phi + at, 0, 0);
      NAME(copy_row)(plan, momentum + site, plan->momentum + at, 0, &squares);
    }
  energies[2] = df_total(&task.energy);
  energies[3] = df_total(&squares) / 2;
}

#undef PASSES
#undef PIECE
#undef INLINE
