// Vectors that stay on the device. One work-item an entry.
//
// Built with -DREAL=float or double and -DWG=<items in a work-group, a power of two>.

// Products and sums round separately, so that every device gives the same bits.
#pragma OPENCL FP_CONTRACT OFF

// v <- 0. The fill command of OpenCL 1.2 is known to fail on large buffers.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void zero(const uint count, __global REAL* v) {
  const uint i = get_global_id(0);
  if (i < count) v[i] = 0;
}

// z_S <- 0, for the `count` indices in S.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void zeroAt(const uint count, __global const uint* indices, __global REAL* z) {
  const uint i = get_global_id(0);
  if (i < count) z[indices[i]] = 0;
}

// v_p[i] <- source[p * length + i] for the first `count` of 8 vectors: numbers that came together.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void spread(const uint length, const uint count, const uint first, __global const REAL* source,
            __global REAL* v0, __global REAL* v1, __global REAL* v2, __global REAL* v3,
            __global REAL* v4, __global REAL* v5, __global REAL* v6, __global REAL* v7) {
  const uint i = get_global_id(0);
  if (i >= length) return;
#define PART(p) if (p < count) v##p[i] = source[(ulong)(first + p) * length + i];
  PART(0) PART(1) PART(2) PART(3) PART(4) PART(5) PART(6) PART(7)
#undef PART
}

// v <- v + alpha u.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void add(const uint count, const REAL alpha, __global const REAL* u, __global REAL* v) {
  const uint i = get_global_id(0);
  if (i < count) v[i] = v[i] + alpha * u[i];
}

// z <- the sum of c_p v_p over the first `count` of 8 vectors, in order; added to what z holds where
// it `accumulates`.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void combine(const uint length, const uint count, const uint accumulates,
             const REAL c0, const REAL c1, const REAL c2, const REAL c3,
             const REAL c4, const REAL c5, const REAL c6, const REAL c7,
             __global const REAL* v0, __global const REAL* v1,
             __global const REAL* v2, __global const REAL* v3,
             __global const REAL* v4, __global const REAL* v5,
             __global const REAL* v6, __global const REAL* v7, __global REAL* z) {
  const uint i = get_global_id(0);
  if (i >= length) return;
  REAL sum = accumulates ? z[i] : 0;
#define TERM(p) if (p < count) sum = sum + c##p * v##p[i];
  TERM(0) TERM(1) TERM(2) TERM(3) TERM(4) TERM(5) TERM(6) TERM(7)
#undef TERM
  z[i] = sum;
}
