// SPDX-License-Identifier: GPL-3.0-or-later
// Included once for each level, with NAME(x) giving its names and LANES its vector width.

typedef double NAME(vector) __attribute__((vector_size(8 * LANES)));

// The compiler must neither fold nor drop what passes here.
#if defined(__x86_64__)
#define KEEP(value) __asm__ volatile("" : "+x"(value))
#else
#define KEEP(value) __asm__ volatile("" : "+w"(value))
#endif

static double NAME(arithmetic)(long rounds) {
  NAME(vector) c = (NAME(vector)){0} + 1.0;
  NAME(vector) m0 = c, m1 = c, m2 = c, m3 = c, m4 = c;
  NAME(vector) a0 = c, a1 = c, a2 = c, a3 = c, a4 = c, a5 = c, a6 = c;
  KEEP(c);
  for (long round = 0; round < rounds; round++) {
    m0 *= c; a0 += c; m1 *= c; a1 += c; a2 += c; m2 *= c;
    a3 += c; m3 *= c; a4 += c; a5 += c; m4 *= c; a6 += c;
    KEEP(m0); KEEP(m1); KEEP(m2); KEEP(m3); KEEP(m4);
    KEEP(a0); KEEP(a1); KEEP(a2); KEEP(a3); KEEP(a4); KEEP(a5); KEEP(a6);
  }
  return 12.0 * LANES * (double)rounds;
}

static void NAME(traffic)(double *a, double *b, long count, long rounds) {
  for (long round = 0; round < rounds; round++)
    for (long i = 0; i < count; i += LANES) {
      NAME(vector) *const pa = (NAME(vector) *)(a + i), *const pb = (NAME(vector) *)(b + i);
      NAME(vector) va = *pa, vb = *pb;
      KEEP(va);
      KEEP(vb);
      *pa = vb;
      *pb = va;
    }
}

#undef KEEP
#undef LANES
#undef NAME
