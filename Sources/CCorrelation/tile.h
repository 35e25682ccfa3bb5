// Aᵀ R for numbers of one kind, compiled for one set of instructions. Included once for each, with
//   NAME(part)    what its functions are called
//   SCALAR        double or float
//   BYTES         the size of a vector register
//   WIDTH         how many vectors of residuals are taken at once: 6 · WIDTH sums stay in registers, beside
//                 WIDTH residuals and one entry of A
//   FUSED         whether a product is added with one rounding
//   TARGET        the attribute that allows the instructions

#define VECTOR NAME(vector)
#define LANES (BYTES / sizeof(SCALAR))
typedef SCALAR VECTOR __attribute__((vector_size(BYTES), aligned(sizeof(SCALAR))));

// Adds a run of rows of at most six columns times `width` vectors of residuals to their sums.
static inline __attribute__((always_inline)) TARGET void NAME(tile)(
    size_t rows, size_t columns, const SCALAR *a, size_t leading_dimension, const SCALAR *residuals,
    size_t lanes, SCALAR *sums, bool first, const int width) {
  // A tile with fewer columns computes its last one again in place of those missing.
  const SCALAR *column[COLUMNS];
  for (size_t j = 0; j < COLUMNS; j++) {
    column[j] = a + (j < columns ? j : columns - 1) * leading_dimension;
  }
  VECTOR sum[COLUMNS][WIDTH] = {0};
  for (size_t i = 0; i < rows; i++) {
    // A line of each column, a kilobyte ahead: processors follow fewer streams than there are columns.
    if (i % (64 / sizeof(SCALAR)) == 0) {
      for (int j = 0; j < COLUMNS; j++) __builtin_prefetch(column[j] + i + 1024 / sizeof(SCALAR));
    }
    VECTOR residual[WIDTH];
    UNROLL for (int v = 0; v < width; v++) {
      residual[v] = *(const VECTOR *)(residuals + i * lanes + v * LANES);
    }
    UNROLL for (int j = 0; j < COLUMNS; j++) {
      const VECTOR entry = (VECTOR){0} + column[j][i];
      UNROLL for (int v = 0; v < width; v++) {
        sum[j][v] = FUSED ? __builtin_elementwise_fma(entry, residual[v], sum[j][v])
                          : entry * residual[v] + sum[j][v];
      }
    }
  }
  for (size_t j = 0; j < columns && j < COLUMNS; j++) {
    for (int v = 0; v < width; v++) {
      VECTOR *const total = (VECTOR *)(sums + j * lanes + v * LANES);
      *total = first ? sum[j][v] : *total + sum[j][v];
    }
  }
}

// All rows, a run at a time, so that the residuals of a run stay in the cache for all columns.
static TARGET void NAME(correlate)(
    size_t rows, size_t columns, const SCALAR *a, size_t leading_dimension, const SCALAR *residuals,
    size_t lanes, SCALAR *sums) {
  for (size_t i = 0; i < rows; i += RUN) {
    const size_t run = rows - i < RUN ? rows - i : RUN;
    for (size_t j = 0; j < columns; j += COLUMNS) {
      const SCALAR *const entries = a + i + j * leading_dimension;
      for (size_t p = 0; p < lanes;) {
        const size_t left = (lanes - p) / LANES;
        // The width is a constant in each of these, and its loops are unrolled.
#define TAKE(w)                                                                                    \
  NAME(tile)(run, columns - j, entries, leading_dimension, residuals + i * lanes + p, lanes,       \
             sums + j * lanes + p, i == 0, w);                                                     \
  p += w * LANES
        if (left >= WIDTH) {
          TAKE(WIDTH);
#if WIDTH > 2
        } else if (left == 3) {
          TAKE(3);
        } else if (left == 2) {
          TAKE(2);
#endif
        } else {
          TAKE(1);
        }
#undef TAKE
      }
    }
  }
}

#undef VECTOR
#undef LANES
#undef NAME
#undef SCALAR
#undef BYTES
#undef WIDTH
#undef FUSED
#undef TARGET
