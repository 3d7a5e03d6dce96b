// SPDX-License-Identifier: GPL-3.0-or-later
// The measuring kernels of one level: included once for each, with NAME(x) giving the level's names. A
// file without include guard.

#define INLINE static inline __attribute__((always_inline))

// Adds φ, φ², φ⁴ and, for each of `axes` axes, φ_x φ_{x+μ} of eight sites.
INLINE void NAME(add_powers)(df_v8 *sums, df_v8 here, const df_v8 *ahead, int axes) {
  const df_v8 square = here * here;
  sums[0] += here;
  sums[1] += square;
  sums[2] += square * square;
  for (int axis = 0; axis < axes; axis++) sums[3 + axis] += here * ahead[axis];
}

// One row; `ahead` holds the next rows along the other axes (axes − 1 of them).
INLINE void NAME(row_sums)(const double *row, const double *const *ahead, long length, int axes,
                           df_sum8 *totals) {
  const long last = (length - 1) / 8 * 8, count = length - last;
  for (long x = 0; x <= last;) {
    df_v8 sums[7] = {{0}}, next[4];
    const long stop = x + 1024 < last ? x + 1024 : last;
    for (; x < stop; x += 8) {
      for (int axis = 0; axis + 1 < axes; axis++) next[axis] = NAME(load)(ahead[axis] + x);
      next[axes - 1] = NAME(load)(row + x + 1);
      NAME(add_powers)(sums, NAME(load)(row + x), next, axes);
    }
    if (x == last) {
      // Zeros after the last site; site 0 is its neighbour.
      for (int axis = 0; axis + 1 < axes; axis++)
        next[axis] = NAME(load_part)(ahead[axis] + x, count);
      next[axes - 1] = NAME(load_part)(row + x + 1, count - 1);
      next[axes - 1][count - 1] = row[0];
      NAME(add_powers)(sums, NAME(load_part)(row + x, count), next, axes);
      x += 8;
    }
    for (int i = 0; i < 3 + axes; i++) NAME(accumulate)(&totals[i], sums[i]);
  }
}

INLINE void NAME(all_rows)(const int *extents, const double *phi, int axes, df_sum8 *totals) {
  const long length = extents[axes - 1];
  long rows = 1, strides[3] = {0}, at[3] = {0};
  for (int axis = axes - 2; axis >= 0; axis--) {
    strides[axis] = rows * length;
    rows *= extents[axis];
  }
  for (long row = 0; row < rows; row++) {
    const double *const here = phi + row * length, *ahead[3];
    for (int axis = 0; axis + 1 < axes; axis++) {
      const int wraps = at[axis] + 1 == extents[axis];
      ahead[axis] = here + (wraps ? 1 - (long)extents[axis] : 1) * strides[axis];
    }
    NAME(row_sums)(here, ahead, length, axes, totals);
    for (int axis = axes - 2; axis >= 0 && ++at[axis] == extents[axis]; axis--) at[axis] = 0;
  }
}

static void NAME(field_sums)(int dimensions, const int *extents, const double *phi,
                             df_sum8 *totals) {
  switch (dimensions) {
  case 1: NAME(all_rows)(extents, phi, 1, totals); break;
  case 2: NAME(all_rows)(extents, phi, 2, totals); break;
  case 3: NAME(all_rows)(extents, phi, 3, totals); break;
  default: NAME(all_rows)(extents, phi, 4, totals); break;
  }
}

// Adds a row to the slice sums of the last axis, site by site; returns its sum.
static double NAME(add_row)(const double *row, long length, double *sites) {
  const long last = (length - 1) / 8 * 8, count = length - last;
  df_v8 sum = {0};
  for (long x = 0; x < last; x += 8) {
    const df_v8 value = NAME(load)(row + x);
    NAME(store)(sites + x, NAME(load)(sites + x) + value);
    sum += value;
  }
  for (long x = last; x < length; x++) sites[x] += row[x];
  sum += NAME(load_part)(row + last, count);
  const df_sum8 lanes = {sum, {0}};
  return df_total(&lanes);
}

static void NAME(slice_sums)(int dimensions, const int *extents, const double *phi, double *out) {
  const long length = extents[dimensions - 1];
  long rows = 1, starts[4], at[4] = {0}, end = 0;
  for (int axis = 0; axis < dimensions; axis++) {
    starts[axis] = end;
    end += extents[axis];
    if (axis + 1 < dimensions) rows *= extents[axis];
  }
  for (long i = 0; i < end; i++) out[i] = 0;
  for (long row = 0; row < rows; row++) {
    const double sum = NAME(add_row)(phi + row * length, length, out + starts[dimensions - 1]);
    for (int axis = 0; axis + 1 < dimensions; axis++) out[starts[axis] + at[axis]] += sum;
    for (int axis = dimensions - 2; axis >= 0 && ++at[axis] == extents[axis]; axis--) at[axis] = 0;
  }
}

#undef INLINE
