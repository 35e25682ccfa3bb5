#include "correlation.h"

// Six columns of 32 residuals in double precision are 24 registers of AVX-512: with four of residuals and one entry of A,
// 29 of 32, and enough independent sums to hide the latency of each. Elsewhere 12 of 16, with three more.
#define COLUMNS 6
// Residuals of a run: 64 KB in double precision, in the second cache; a longer run adds rounding.
#define RUN 256
#define UNROLL _Pragma("clang loop unroll(full)")

#if defined(__x86_64__)

#define NAME(part) avx512_double_##part
#define SCALAR double
#define BYTES 64
#define WIDTH 4
#define FUSED true
#define TARGET __attribute__((target("avx512f")))
#include "tile.h"

#define NAME(part) avx512_float_##part
#define SCALAR float
#define BYTES 64
#define WIDTH 2
#define FUSED true
#define TARGET __attribute__((target("avx512f")))
#include "tile.h"

#define NAME(part) avx2_double_##part
#define SCALAR double
#define BYTES 32
#define WIDTH 2
#define FUSED true
#define TARGET __attribute__((target("avx2,fma")))
#include "tile.h"

#define NAME(part) avx2_float_##part
#define SCALAR float
#define BYTES 32
#define WIDTH 2
#define FUSED true
#define TARGET __attribute__((target("avx2,fma")))
#include "tile.h"

#endif

// What every processor of an architecture has. SSE2 rounds a product before it is added.
#if defined(__aarch64__)
#define PORTABLE_NAME "NEON"
#define PORTABLE_FUSED true
#define PORTABLE_WIDTH 4
#else
#define PORTABLE_NAME "SSE2"
#define PORTABLE_FUSED false
#define PORTABLE_WIDTH 2
#endif

#define NAME(part) portable_double_##part
#define SCALAR double
#define BYTES 16
#define WIDTH PORTABLE_WIDTH
#define FUSED PORTABLE_FUSED
#define TARGET
#include "tile.h"

#define NAME(part) portable_float_##part
#define SCALAR float
#define BYTES 16
#define WIDTH PORTABLE_WIDTH
#define FUSED PORTABLE_FUSED
#define TARGET
#include "tile.h"

bool correlation_supports(enum correlation_instructions instructions) {
  switch (instructions) {
    case correlation_portable: return true;
#if defined(__x86_64__)
    case correlation_avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case correlation_avx512: return __builtin_cpu_supports("avx512f");
#endif
    default: return false;
  }
}

enum correlation_instructions correlation_best(void) {
  if (correlation_supports(correlation_avx512)) return correlation_avx512;
  return correlation_supports(correlation_avx2) ? correlation_avx2 : correlation_portable;
}

const char *correlation_name(enum correlation_instructions instructions) {
  switch (instructions) {
    case correlation_avx512: return "AVX-512";
    case correlation_avx2: return "AVX2";
    default: return PORTABLE_NAME;
  }
}

#if defined(__x86_64__)
#define CHOSEN(kind)                                                                               \
  (instructions == correlation_avx512 ? avx512_##kind##_correlate                                  \
   : instructions == correlation_avx2 ? avx2_##kind##_correlate                                    \
                                      : portable_##kind##_correlate)
#else
#define CHOSEN(kind) portable_##kind##_correlate
#endif

void correlate_double(enum correlation_instructions instructions, size_t rows, size_t columns,
                      const double *a, size_t leading_dimension, const double *residuals,
                      size_t lanes, double *sums) {
  CHOSEN(double)(rows, columns, a, leading_dimension, residuals, lanes, sums);
}

void correlate_float(enum correlation_instructions instructions, size_t rows, size_t columns,
                     const float *a, size_t leading_dimension, const float *residuals, size_t lanes,
                     float *sums) {
  CHOSEN(float)(rows, columns, a, leading_dimension, residuals, lanes, sums);
}
