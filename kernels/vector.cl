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

// v <- v + alpha u.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void add(const uint count, const REAL alpha, __global const REAL* u, __global REAL* v) {
  const uint i = get_global_id(0);
  if (i < count) v[i] = v[i] + alpha * u[i];
}
