/// Aᵀ R for a group of residuals: each column of A is read once for all of them.
#ifndef CORRELATION_H
#define CORRELATION_H

#include <stdbool.h>
#include <stddef.h>

/// The most residuals in a group.
enum { correlation_group = 32 };

/// What the products are compiled for. Portable is what every processor of the architecture has.
enum correlation_instructions { correlation_portable, correlation_avx2, correlation_avx512 };

/// Whether this processor has them.
bool correlation_supports(enum correlation_instructions instructions);

/// The fastest that this processor has.
enum correlation_instructions correlation_best(void);

/// For example `AVX-512`.
const char *correlation_name(enum correlation_instructions instructions);

/// sums[j · lanes + p] ← Σᵢ a[i + j · leading_dimension] · residuals[i · lanes + p].
///
/// 2 · rows · columns · lanes flops. Reads A once, from where it lies. Each sum takes its terms in the order of
/// the rows, 256 rows at a time, and adds a product with one rounding where the instructions can (all but SSE2):
/// its bits depend neither on the other residuals and columns nor on the instructions.
/// |error| ≤ (257 + ⌈rows / 256⌉) u Σᵢ |a| |residual|, but for products that underflow.
///
/// - instructions: supported ones.
/// - lanes: 32 at most; a multiple of 8, in single precision of 16.
void correlate_double(enum correlation_instructions instructions, size_t rows, size_t columns,
                      const double *a, size_t leading_dimension, const double *residuals,
                      size_t lanes, double *sums);
void correlate_float(enum correlation_instructions instructions, size_t rows, size_t columns,
                     const float *a, size_t leading_dimension, const float *residuals, size_t lanes,
                     float *sums);

#endif
