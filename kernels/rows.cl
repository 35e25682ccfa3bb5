// Rows of a matrix whose columns are vectors, eight at a time: their norms, to select rows by, and the entries of
// those selected. Behind vector.cl, whose contraction of products and sums is off here too, and selection.cl.
//
// Squares must stay in the range: where the largest entry is far from one, all are brought near one by a power of
// two. In double precision results are those of the host to the bit. In single precision squares take the place of
// norms: they order alike, and a device may round roots as it likes.

#if KEY_BITS == 63
#define FRACTION_BITS 52
#define EXPONENT_BIAS 1023
#define ROOT(x) sqrt(x)
// As Precision.exponentsNearOne.
#define NEAR_ONE 256
#else
#define FRACTION_BITS 23
#define EXPONENT_BIAS 127
#define ROOT(x) (x)
#define NEAR_ONE 0
#endif
// Exponents as numbers above zero, which stands for zeros alone; infinity and NaN have the largest.
#define EXPONENT_ZERO 2048
#define NO_EXPONENT 4095

#define PLANES(type) \
  type v0, type v1, type v2, type v3, type v4, type v5, type v6, type v7
#define EACH_PLANE(body) body(0) body(1) body(2) body(3) body(4) body(5) body(6) body(7)

static inline uint exponentOf(const KEY magnitude) {
  const int biased = (int)(magnitude >> FRACTION_BITS);
  if (magnitude == 0) return 0;
  if (biased == 2 * EXPONENT_BIAS + 1) return NO_EXPONENT;
  // Below the normal range the leading bit says it.
  const int exponent = biased > 0
    ? biased - EXPONENT_BIAS
    : KEY_BITS - (int)clz(magnitude) + 1 - EXPONENT_BIAS - FRACTION_BITS;
  return (uint)(exponent + EXPONENT_ZERO);
}

// peak <- the exponent of the largest magnitude of the first `count` of 8 vectors, unless it holds a larger one.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void peakExponent(const uint n, const uint count, PLANES(__global const REAL*),
                  __global uint* peak) {
  __local uint own;
  const uint i = get_global_id(0), item = get_local_id(0);
  if (item == 0) own = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  KEY largest = 0;
  if (i < n) {
#define MEET(p) if (p < count) largest = max(largest, (KEY)(JOIN(as_, KEY)(v##p[i]) & LARGEST_KEY));
    EACH_PLANE(MEET)
#undef MEET
  }
  atomic_max(&own, exponentOf(largest));
  barrier(CLK_LOCAL_MEM_FENCE);
  if (item == 0) atomic_max(peak, own);
}

static inline REAL powerOfTwo(const int exponent) {
  return JOIN(as_, REAL)((KEY)(exponent + EXPONENT_BIAS) << FRACTION_BITS);
}

// norms <- the sums of squares of the rows of the first `count` of 8 vectors, added to what is there where it
// `accumulates`; their roots where these are the last.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void addSquares(const uint n, const uint count, const uint accumulates, const uint isLast,
                PLANES(__global const REAL*), __global const uint* peak, __global REAL* norms) {
  const uint i = get_global_id(0);
  if (i >= n) return;
  const uint code = *peak;
  int exponent = code == 0 || code == NO_EXPONENT ? 0 : (int)code - EXPONENT_ZERO;
  if (abs(exponent) <= NEAR_ONE) exponent = 0;
  // In two factors: one may lie outside the range.
  const int part = -exponent / 2;
  const REAL one = powerOfTwo(part), other = powerOfTwo(-exponent - part);
  REAL sum = accumulates ? norms[i] : 0;
#define TERM(p) if (p < count) { const REAL x = v##p[i] * one * other; sum = sum + x * x; }
  EACH_PLANE(TERM)
#undef TERM
  norms[i] = isLast ? ROOT(sum) : sum;
}

// The entries of the first `count` of 8 vectors in the k rows that were selected, vector after vector, behind
// `place` numbers.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void gatherRows(const uint k, const uint place, const uint count, PLANES(__global const REAL*),
                __global REAL* selected) {
  const uint i = get_global_id(0);
  if (i >= k) return;
  const uint row = ((__global const uint*)(selected + k))[i];
#define ENTRY(p) if (p < count) selected[place + p * k + i] = v##p[row];
  EACH_PLANE(ENTRY)
#undef ENTRY
}
