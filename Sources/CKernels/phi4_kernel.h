// SPDX-License-Identifier: GPL-3.0-or-later
// The φ⁴ kernels of one level: included once for each, with NAME(x) giving the level's names. A file
// without include guard.
//
// One pass over the lattice PRODUCES slab a + 1 (copies it in, drifts it, or makes its Langevin step) and
// then CONSUMES slab a (kicks it, sums its energy, writes its gradient), so that φ and p are touched
// once, while in cache.

#define INLINE static inline __attribute__((always_inline))

// What a pass does to produce a slab, and what to consume it: known to the compiler in every copy.
#ifndef DF_PASS
#define DF_PASS
enum { COPY = 1, DRIFT = 2, LANGEVIN = 3 };
// FIRST reads the caller's momenta and LAST writes the caller's fields; both add up p². RATIO adds up the
// terms of log B/F, from the old gradient that GRADIENT overwrites.
enum { NOTHING = 0, KICK = 1, ENERGY = 2, GRADIENT = 4, FIRST = 8, LAST = 16, RATIO = 32 };
// Rows are summed in pieces of so many sites, so that no accumulator grows with the length.
enum { PIECE = 1024 };
#endif

// A step's coefficients in all lanes; with k the kick, p += k J Σ_{±μ} φ_{x±μ} − φ (2 k c2 + 4 k c4 φ²).
typedef struct {
  df_v8 drift, hopping, linear, cubic;     // drift, k J, 2 k c2, 4 k c4
  df_v8 half_hopping, quadratic, quartic;  // J/2, c2, c4
  df_v8 noise, half_noise;                 // √(2h), √(h/2) of a Langevin step of size h = drift
} NAME(coefficients);

// A pass: its coefficients, the caller's fields, and what it sums.
typedef struct {
  NAME(coefficients) k;
  const double *phi_in, *momentum_in;
  double *phi_out, *momentum_out, *gradient;
  const double *noise;
  df_sum8 energy, squares, ratio;  // S, Σp², log B/F
} NAME(task);

// One row as a pass sees it.
typedef struct {
  const double *phi, *momentum_in;
  double *momentum_out, *phi_out, *gradient;
  const double *noise;
  const double *beside[6];  // the neighbour rows, that of the slab ahead last
  double *ahead_phi, *ahead_momentum;
} NAME(row);

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

// φ += drift p, and returns it.
INLINE df_v8 NAME(drift)(double *phi, const double *momentum, df_v8 drift) {
  const df_v8 value = NAME(load)(phi) + drift * NAME(load)(momentum);
  NAME(store)(phi, value);
  return value;
}

// φ' = φ − h g + √(2h) η of the `count` sites at x, into the padded row and the caller's field.
INLINE void NAME(langevin)(const NAME(coefficients) *k, const NAME(row) *row, double *padded, long x,
                           long count) {
  const df_v8 value = NAME(load_part)(row->phi + x, count) -
                      k->drift * NAME(load_part)(row->gradient + x, count) +
                      k->noise * NAME(load_part)(row->noise + x, count);
  NAME(store)(padded + x, value);
  NAME(store_part)(row->phi_out + x, value, count);
}

// Σ_{±μ} φ_{x±μ} of eight sites, from the vectors before and after in the row and the neighbour rows.
// Drifts the last of these before, if asked to.
INLINE df_v8 NAME(neighbours)(const NAME(row) *row, df_v8 before, df_v8 here, df_v8 after, long x,
                              int sides, int drifts, df_v8 drift) {
  df_v8 around = __builtin_shufflevector(before, here, 7, 8, 9, 10, 11, 12, 13, 14) +
                 __builtin_shufflevector(here, after, 1, 2, 3, 4, 5, 6, 7, 8);
  for (int side = 0; side < sides - drifts; side++) around += NAME(load)(row->beside[side] + x);
  if (drifts) around += NAME(drift)(row->ahead_phi + x, row->ahead_momentum + x, drift);
  return around;
}

// Consumes the `count` sites at x, which is 8 but where the row `ends`. `sums` are those of S and p²,
//     S = Σ_x φ_x [φ_x (c2 + c4 φ_x²) − (J/2) Σ_{±μ} φ_{x±μ}],
// or of S and log B/F = Σ_x t_x (η_x − t_x/2), t = √(h/2) (g + g').
INLINE void NAME(consume_vector)(const NAME(coefficients) *k, int what, const NAME(row) *row, long x,
                                 int ends, long count, df_m8 mask, df_v8 here, df_v8 around,
                                 df_v8 sums[2]) {
  const df_v8 square = here * here;
  df_v8 force = {0};
  if (what & (KICK | GRADIENT))
    force = k->hopping * around - here * (k->linear + k->cubic * square);
  if (what & RATIO) {
    const df_v8 t = k->half_noise * (NAME(load_part)(row->gradient + x, count) + force);
    const df_v8 value = t * (NAME(load_part)(row->noise + x, count) - 0.5 * t);
    sums[1] += ends ? NAME(masked)(value, mask) : value;
  }
  if (what & GRADIENT) NAME(store_part)(row->gradient + x, force, count);
  if (what & (KICK | FIRST | LAST)) {
    df_v8 momentum = what & FIRST ? NAME(load_part)(row->momentum_in + x, count)
                                  : NAME(load)(row->momentum_in + x);
    if (what & FIRST) sums[1] += momentum * momentum;
    if (what & KICK) momentum += force;
    if ((what & KICK) && ends) momentum = NAME(masked)(momentum, mask);
    if (what & LAST) {
      sums[1] += momentum * momentum;
      NAME(store_part)(row->momentum_out + x, momentum, count);
      NAME(store_part)(row->phi_out + x, here, count);
    } else {
      NAME(store)(row->momentum_out + x, momentum);
    }
  }
  if (what & ENERGY) {
    const df_v8 value =
        here * (here * (k->quadratic + k->quartic * square) - k->half_hopping * around);
    sums[0] += ends ? NAME(masked)(value, mask) : value;
  }
}

INLINE void NAME(add_sums)(NAME(task) *task, int what, df_v8 sums[2]) {
  if (what & ENERGY) NAME(accumulate)(&task->energy, sums[0]);
  if (what & (FIRST | LAST)) NAME(accumulate)(&task->squares, sums[1]);
  if (what & RATIO) NAME(accumulate)(&task->ratio, sums[1]);
  sums[0] = sums[1] = (df_v8){0};
}

INLINE void NAME(consume_row)(const df_phi4_plan *plan, NAME(task) *task, const NAME(row) *row,
                              int sides, int drifts, int what) {
  const NAME(coefficients) k = task->k;
  const df_m8 mask = plan->mask;
  const long last = plan->last;
  const int adds = what & (ENERGY | FIRST | LAST);
  const df_v8 first = NAME(splat)(row->phi[0]);
  df_v8 before = NAME(splat)(row->phi[plan->length - 1]), here = NAME(load)(row->phi);
  df_v8 sums[2] = {{0}, {0}};
  long x = 0;
  while (x < last) {
    const long stop = adds && x + PIECE < last ? x + PIECE : last;
    for (; x < stop; x += 8) {
      const df_v8 after = NAME(load)(row->phi + x + 8);
      const df_v8 around = NAME(neighbours)(row, before, here, after, x, sides, drifts, k.drift);
      NAME(consume_vector)(&k, what, row, x, 0, 8, mask, here, around, sums);
      before = here;
      here = after;
    }
    if (adds && x < last) NAME(add_sums)(task, what, sums);
  }
  // Site 0 follows the last site.
  const df_v8 wrapped = NAME(masked)(here, mask) + NAME(masked)(first, ~mask);
  const df_v8 around = NAME(neighbours)(row, before, wrapped, first, x, sides, drifts, k.drift);
  NAME(consume_vector)(&k, what, row, x, 1, plan->length - last, mask, here, around, sums);
  NAME(add_sums)(task, what, sums);
}

INLINE void NAME(produce_row)(const df_phi4_plan *plan, NAME(task) *task, int how, long slab,
                              long row) {
  const long at = slab * plan->slab_stride + row * plan->row_stride, last = plan->last;
  double *const phi = plan->phi + at;
  if (how == DRIFT) {
    const double *const momentum = plan->momentum + at;
    for (long x = 0; x <= last; x += 8) NAME(drift)(phi + x, momentum + x, task->k.drift);
    return;
  }
  const long site = (slab * plan->rows + row) * plan->length;
  if (how == LANGEVIN) {
    const NAME(row) moved = {.phi = task->phi_in + site, .phi_out = task->phi_out + site,
                             .gradient = task->gradient + site, .noise = task->noise + site};
    for (long x = 0; x < last; x += 8) NAME(langevin)(&task->k, &moved, phi, x, 8);
    NAME(langevin)(&task->k, &moved, phi, last, plan->length - last);
  } else {
    const double *const source = task->phi_in + site;
    for (long x = 0; x < last; x += 8) NAME(store)(phi + x, NAME(load)(source + x));
    NAME(store)(phi + last, NAME(load_part)(source + last, plan->length - last));
  }
}

INLINE void NAME(pass)(const df_phi4_plan *shared_plan, NAME(task) *shared_task, int sides, int how,
                       int what) {
  // Copies that no store to a field can change, as far as the compiler can tell.
  const df_phi4_plan local_plan = *shared_plan, *const plan = &local_plan;
  NAME(task) local_task = *shared_task, *const task = &local_task;
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
      const long site = (slab * plan->rows + index) * plan->length;
      NAME(row) row = {.phi = phi + at, .momentum_in = momentum + at, .momentum_out = momentum + at};
      if (what & FIRST) row.momentum_in = task->momentum_in + site;
      if (what & LAST) {
        row.momentum_out = task->momentum_out + site;
        row.phi_out = task->phi_out + site;
      }
      if (what & GRADIENT) row.gradient = task->gradient + site;
      if (what & RATIO) row.noise = task->noise + site;
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
  shared_task->energy = task->energy;
  shared_task->squares = task->squares;
  shared_task->ratio = task->ratio;
}

// The passes, for 0, 2, 4 and 6 neighbour rows.
#define PASS(name, how, what)                                                                     \
  static __attribute__((noinline)) void NAME(name)(const df_phi4_plan *plan, NAME(task) *task) {  \
    switch (plan->sides) {                                                                        \
    case 0: NAME(pass)(plan, task, 0, how, what); break;                                          \
    case 2: NAME(pass)(plan, task, 2, how, what); break;                                          \
    case 4: NAME(pass)(plan, task, 4, how, what); break;                                          \
    default: NAME(pass)(plan, task, 6, how, what); break;                                         \
    }                                                                                             \
  }

PASS(sum_energy, COPY, ENERGY)
PASS(write_gradient, COPY, GRADIENT | ENERGY)
PASS(begin, COPY, FIRST | ENERGY)
PASS(begin_with_kick, COPY, FIRST | ENERGY | KICK)
PASS(drift_only, DRIFT, NOTHING)
PASS(drift_and_kick, DRIFT, KICK)
PASS(end, DRIFT, LAST | ENERGY)
PASS(end_with_kick, DRIFT, LAST | ENERGY | KICK)
PASS(move, LANGEVIN, GRADIENT | ENERGY | RATIO)
#undef PASS

static double NAME(energy)(const df_phi4_plan *plan, const double *phi) {
  NAME(task) task = {.k = NAME(coefficients_of)(plan, 0, 0), .phi_in = phi};
  NAME(sum_energy)(plan, &task);
  return df_total(&task.energy);
}

static double NAME(gradient)(const df_phi4_plan *plan, const double *phi, double *gradient) {
  // The gradient is the force of a kick of −1.
  NAME(task) task = {
      .k = NAME(coefficients_of)(plan, 0, -1), .phi_in = phi, .gradient = gradient};
  NAME(write_gradient)(plan, &task);
  return df_total(&task.energy);
}

static void NAME(trajectory)(const df_phi4_plan *plan, double *phi, double *momentum, int n,
                             const double *kicks, const double *drifts, double energies[4]) {
  NAME(task) task = {.k = NAME(coefficients_of)(plan, 0, kicks[0]), .phi_in = phi,
                     .momentum_in = momentum, .phi_out = phi, .momentum_out = momentum};
  if (kicks[0] != 0) NAME(begin_with_kick)(plan, &task);
  else NAME(begin)(plan, &task);
  energies[0] = df_total(&task.energy);
  energies[1] = df_total(&task.squares) / 2;
  for (int i = 0; i + 1 < n; i++) {
    task.k = NAME(coefficients_of)(plan, drifts[i], kicks[i + 1]);
    if (kicks[i + 1] != 0) NAME(drift_and_kick)(plan, &task);
    else NAME(drift_only)(plan, &task);
  }
  // Without any step the last pass still writes the fields: a drift and a kick of nothing.
  const double drift = n > 0 ? drifts[n - 1] : 0, kick = n > 0 ? kicks[n] : 0;
  task.k = NAME(coefficients_of)(plan, drift, kick);
  task.energy = task.squares = (df_sum8){{0}, {0}};
  if (kick != 0) NAME(end_with_kick)(plan, &task);
  else NAME(end)(plan, &task);
  energies[2] = df_total(&task.energy);
  energies[3] = df_total(&task.squares) / 2;
}

static void NAME(langevin_step)(const df_phi4_plan *plan, double *phi, double *gradient,
                                const double *noise, double step, double results[2]) {
  const double half_noise = __builtin_elementwise_sqrt(step / 2);
  NAME(task) task = {.k = NAME(coefficients_of)(plan, step, -1), .phi_in = phi, .phi_out = phi,
                     .gradient = gradient, .noise = noise};
  task.k.noise = NAME(splat)(2 * half_noise);
  task.k.half_noise = NAME(splat)(half_noise);
  NAME(move)(plan, &task);
  results[0] = df_total(&task.energy);
  results[1] = df_total(&task.ratio);
}

#undef INLINE
