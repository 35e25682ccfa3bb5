// Products with a panel of A: neighbouring columns, `stride` numbers apart. Columns and vectors are
// padded with zeros to a multiple of 32 numbers, so that they are read as whole vectors.
//
// Every product has two shapes. Grouped, for GPUs: the items of a work-group share some columns,
// and add up what they found in a tree. Wide, for processors: a work-group is one item, which goes
// through columns of its own in vectors of 64 bytes.
//
// Built with -DREAL=float or double, -DWIDE_LANES=<numbers in 64 bytes> and -DGROUP=<items in a
// grouped work-group, a power of two>. Every sum has a fixed order, whatever the number of
// work-groups.
//
// Every barrier is reached by all items of a group; loops round barriers have bounds that are the
// same for all items.

// Here a device may round product and sum at once: its sums are its own anyway.
#pragma OPENCL FP_CONTRACT ON

#define VECTOR_(type, lanes) type##lanes
#define VECTOR(type, lanes) VECTOR_(type, lanes)
#define QUAD VECTOR(REAL, 4)
#define WIDE VECTOR(REAL, WIDE_LANES)

#define SUM4(v) (((v).s0 + (v).s2) + ((v).s1 + (v).s3))
#define SUM8(v) SUM4((v).lo + (v).hi)
#define SUM16(v) SUM8((v).lo + (v).hi)
#define SUM_WIDE VECTOR(SUM, WIDE_LANES)

// Neighbouring columns that are worked on at once.
#define COLUMNS 4
// The most residuals that share one pass over A.
#define MOST 8

#define EIGHT(type, name) \
  type *name##0, type *name##1, type *name##2, type *name##3, \
  type *name##4, type *name##5, type *name##6, type *name##7
#define ARRAY(type, name) \
  {(type*)name##0, (type*)name##1, (type*)name##2, (type*)name##3, \
   (type*)name##4, (type*)name##5, (type*)name##6, (type*)name##7}
#define NAMES(name) name##0, name##1, name##2, name##3, name##4, name##5, name##6, name##7

// Compiled anew for every `count` and `width`, so that loops unroll and arrays become registers.
#define TEMPLATE static inline __attribute__((always_inline))

// z_p[first + j] <- a_j' r_p, for all columns of the panel and the first `count` residuals, `width`
// columns at once. Where fewer residuals are left, the last of them comes again, with its result.
TEMPLATE void correlateWide(const uint count, const uint width, const uint first,
                            const uint columns, const uint stride, const uint chunk,
                            __global const REAL* a, EIGHT(__global const REAL, r),
                            EIGHT(__global REAL, z)) {
  __global const WIDE* r[MOST] = ARRAY(__global const WIDE, r);
  __global REAL* z[MOST] = ARRAY(__global REAL, z);
  const uint begin = get_group_id(0) * chunk, end = min(begin + chunk, columns);
  for (uint j = begin; j < end; j += width) {
    __global const WIDE* column[COLUMNS];
    WIDE sums[COLUMNS][MOST] = {{0}};
    #pragma unroll
    for (uint c = 0; c < width; c++) {
      // Past the end, the last column again: its results are dropped.
      column[c] = (__global const WIDE*)(a + (ulong)min(j + c, end - 1) * stride);
    }
    for (uint i = 0; i < stride / WIDE_LANES; i++) {
      WIDE x[COLUMNS];
      #pragma unroll
      for (uint c = 0; c < width; c++) x[c] = column[c][i];
      #pragma unroll
      for (uint p = 0; p < count; p++) {
        const WIDE y = r[p][i];
        #pragma unroll
        for (uint c = 0; c < width; c++) sums[c][p] += x[c] * y;
      }
    }
    #pragma unroll
    for (uint p = 0; p < count; p++) {
      #pragma unroll
      for (uint c = 0; c < width; c++) {
        if (j + c < end) z[p][first + j + c] = SUM_WIDE(sums[c][p]);
      }
    }
  }
}

// The same. `sums` has room for COLUMNS * count numbers of every item.
TEMPLATE void correlateGrouped(const uint count, const uint first, const uint columns,
                               const uint stride, __global const REAL* a,
                               EIGHT(__global const REAL, r), EIGHT(__global REAL, z),
                               __local REAL* sums) {
  __global const QUAD* r[MOST] = ARRAY(__global const QUAD, r);
  __global REAL* z[MOST] = ARRAY(__global REAL, z);
  const uint item = get_local_id(0);
  for (uint j = get_group_id(0) * COLUMNS; j < columns; j += get_num_groups(0) * COLUMNS) {
    __global const QUAD* column[COLUMNS];
    REAL own[COLUMNS][MOST] = {{0}};
    #pragma unroll
    for (uint c = 0; c < COLUMNS; c++) {
      column[c] = (__global const QUAD*)(a + (ulong)min(j + c, columns - 1) * stride);
    }
    for (uint i = item; i < stride / 4; i += GROUP) {
      QUAD x[COLUMNS];
      #pragma unroll
      for (uint c = 0; c < COLUMNS; c++) x[c] = column[c][i];
      #pragma unroll
      for (uint p = 0; p < count; p++) {
        const QUAD y = r[p][i];
        #pragma unroll
        for (uint c = 0; c < COLUMNS; c++) {
          own[c][p] += x[c].s0 * y.s0;
          own[c][p] += x[c].s1 * y.s1;
          own[c][p] += x[c].s2 * y.s2;
          own[c][p] += x[c].s3 * y.s3;
        }
      }
    }

    #pragma unroll
    for (uint p = 0; p < count; p++) {
      #pragma unroll
      for (uint c = 0; c < COLUMNS; c++) sums[(p * COLUMNS + c) * GROUP + item] = own[c][p];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint reach = GROUP / 2; reach > 0; reach >>= 1) {
      if (item < reach) {
        for (uint s = 0; s < COLUMNS * count; s++) {
          sums[s * GROUP + item] += sums[s * GROUP + item + reach];
        }
      }
      barrier(CLK_LOCAL_MEM_FENCE);
    }
    #pragma unroll
    for (uint p = 0; p < count; p++) {
      for (uint c = item; c < COLUMNS; c += GROUP) {
        if (j + c < columns) z[p][first + j + c] = sums[(p * COLUMNS + c) * GROUP];
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}

// Several residuals keep the arithmetic busy with four columns; one is limited by memory, which a
// processor reads fastest in a single run.
#define CORRELATE(count, width) \
  __kernel __attribute__((reqd_work_group_size(1, 1, 1))) \
  void correlateWide##count(const uint first, const uint columns, const uint stride, \
                            const uint chunk, __global const REAL* a, \
                            EIGHT(__global const REAL, r), EIGHT(__global REAL, z)) { \
    correlateWide(count, width, first, columns, stride, chunk, a, NAMES(r), NAMES(z)); \
  } \
  __kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) \
  void correlateGrouped##count(const uint first, const uint columns, const uint stride, \
                               __global const REAL* a, EIGHT(__global const REAL, r), \
                               EIGHT(__global REAL, z)) { \
    __local REAL sums[COLUMNS * count * GROUP]; \
    correlateGrouped(count, first, columns, stride, a, NAMES(r), NAMES(z), sums); \
  }

CORRELATE(1, 1)
CORRELATE(2, COLUMNS)
CORRELATE(4, COLUMNS)
CORRELATE(8, COLUMNS)

// partials[chunk] <- the sum over one chunk of columns of a_j v[first + j]: `width` columns a
// chunk, the last one perhaps shorter. A chunk is one work-group here; below it is several, each
// with a tile of the rows.
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void multiplyWide(const uint first, const uint columns, const uint stride, const uint width,
                  __global const REAL* a, __global const REAL* v, __global REAL* partials) {
  const uint chunk = get_group_id(0), count = stride / WIDE_LANES;
  const uint begin = chunk * width, end = min(begin + width, columns);
  __global WIDE* sums = (__global WIDE*)(partials + (ulong)chunk * stride);
  __global const WIDE* column = (__global const WIDE*)(a + (ulong)begin * stride);
  for (uint i = 0; i < count; i++) sums[i] = 0;
  uint j = begin;
  // Four columns for each time that the sums are read and written.
  for (; j + 4 <= end; j += 4, column += 4 * (ulong)count) {
    __global const REAL* x = v + first + j;
    for (uint i = 0; i < count; i++) {
      WIDE sum = sums[i] + column[i] * x[0];
      sum += column[i + (ulong)count] * x[1];
      sum += column[i + 2 * (ulong)count] * x[2];
      sums[i] = sum + column[i + 3 * (ulong)count] * x[3];
    }
  }
  for (; j < end; j++, column += count) {
    for (uint i = 0; i < count; i++) sums[i] += column[i] * v[first + j];
  }
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void multiplyGrouped(const uint first, const uint columns, const uint stride, const uint width,
                     __global const REAL* a, __global const REAL* v, __global REAL* partials) {
  const uint count = stride / 4, tiles = (count + GROUP - 1) / GROUP;
  const uint chunk = get_group_id(0) / tiles;
  const uint i = get_group_id(0) % tiles * GROUP + get_local_id(0);
  if (i >= count) return;
  const uint begin = chunk * width, end = min(begin + width, columns);
  __global const QUAD* column = (__global const QUAD*)(a + (ulong)begin * stride) + i;
  QUAD sum = 0;
  #pragma unroll 8
  for (uint j = begin; j < end; j++, column += count) sum += *column * v[first + j];
  ((__global QUAD*)(partials + (ulong)chunk * stride))[i] = sum;
}

// r <- r + the sum of all partials, in the order of the columns; at the first panel, r counts as
// zero. One work-item an entry.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void addPartials(const uint isFirst, const uint rows, const uint stride, const uint chunks,
                 __global const REAL* partials, __global REAL* r) {
  const uint i = get_global_id(0);
  if (i >= rows) return;
  REAL sum = isFirst ? 0 : r[i];
  #pragma unroll 8
  for (uint chunk = 0; chunk < chunks; chunk++) sum += partials[(ulong)chunk * stride + i];
  r[i] = sum;
}
