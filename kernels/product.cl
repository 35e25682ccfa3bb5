// Products with a panel of A: neighbouring columns, `stride` numbers apart. Columns and vectors are
// padded with zeros to a multiple of 32 numbers, so that they are read as whole vectors.
//
// Every product has two shapes, of which one is compiled. Grouped, for GPUs: the items of a work-group
// share some columns, and add up what they found through local memory. Wide, for processors
// (-DWIDE_SHAPE): a work-group is one item, which goes through columns of its own in vectors of 64
// bytes.
//
// The atoms are stored as REAL or less precisely, and then 2^exponent times too small; sums are of
// REAL all the same. Halves are only loaded, which needs no extension.
//
// Built with -DREAL=float -DKEY=uint -DKEY_BITS=31 or with double, ulong and 63, -DSTORED=half,
// float or double and its -DSTORED_BITS, -DWIDE_LANES=<numbers in 64 bytes> and -DGROUP=<items in a
// grouped work-group, a power of two from 32>. Every sum has a fixed order, whatever the number of
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

#define CONVERT VECTOR(convert_, REAL)
#ifdef WIDE_SHAPE
// Some neighbouring numbers of an atom, as REAL: like reading a vector at v[i].
#if STORED_BITS == 16
#define LOAD(v, i) VECTOR(CONVERT, WIDE_LANES)(VECTOR(vloada_half, WIDE_LANES)(i, v))
#else
#define LOAD(v, i) \
  VECTOR(CONVERT, WIDE_LANES)(((__global const VECTOR(STORED, WIDE_LANES)*)(v))[i])
#endif
#else
// Four neighbouring numbers of an atom as they are stored, and as REAL. Halves are loaded as bits:
// some compilers make four loads of a vload_half4 from global memory.
#if STORED_BITS == 16
typedef ushort4 Stored4;
static inline QUAD opened(const Stored4 bits) {
  ushort own[4];
  vstore4(bits, 0, own);
  return VECTOR(CONVERT, 4)(vload_half4(0, (const half*)own));
}
#else
typedef VECTOR(STORED, 4) Stored4;
static inline QUAD opened(const Stored4 x) { return VECTOR(CONVERT, 4)(x); }
#endif
#endif
#if STORED_BITS < KEY_BITS
#define UNSCALED(sum) ldexp(sum, exponent)
#else
#define UNSCALED(sum) (sum)
#endif

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

// What becomes of a correlation before it is stored: an offset is added, and columns with a bit in
// `zeros` get zero. Watched, each work-group leaves the largest magnitude that it stored for residual
// p at peaks[p * slots + slot + group], as bits, where NaN ranks above infinity.
#define WATCHED 1u
#define OFFSET 2u
#define MAGNITUDE(x) (VECTOR(as_, KEY)(x) & (((KEY)1 << KEY_BITS) - 1))
#define EPILOGUE \
  const int exponent, const uint flags, __global const REAL* offset, \
  __global const uint* zeros, const uint slot, const uint slots, __global KEY* peaks
#define EPILOGUE_NAMES exponent, flags, offset, zeros, slot, slots, peaks

TEMPLATE REAL finished(const REAL sum, const uint j, const uint flags,
                       __global const REAL* offset, __global const uint* zeros) {
  const REAL value = flags & OFFSET ? sum + offset[j] : sum;
  return flags & WATCHED && zeros[j / 32] >> j % 32 & 1 ? 0 : value;
}

#ifdef WIDE_SHAPE

// z_p[first + j] <- a_j' r_p, for all columns of the panel and the first `count` residuals, `width`
// columns at once. Where fewer residuals are left, the last of them comes again, with its result.
TEMPLATE void correlateWide(const uint count, const uint width, const uint first,
                            const uint columns, const uint stride, const uint chunk,
                            __global const STORED* a, EIGHT(__global const REAL, r),
                            EIGHT(__global REAL, z), EPILOGUE) {
  __global const WIDE* r[MOST] = ARRAY(__global const WIDE, r);
  __global REAL* z[MOST] = ARRAY(__global REAL, z);
  const uint begin = get_group_id(0) * chunk, end = min(begin + chunk, columns);
  KEY largest[MOST] = {0};
  for (uint j = begin; j < end; j += width) {
    __global const STORED* column[COLUMNS];
    WIDE sums[COLUMNS][MOST] = {{0}};
    #pragma unroll
    for (uint c = 0; c < width; c++) {
      // Past the end, the last column again: its results are dropped.
      column[c] = a + (ulong)min(j + c, end - 1) * stride;
    }
    for (uint i = 0; i < stride / WIDE_LANES; i++) {
      WIDE x[COLUMNS];
      #pragma unroll
      for (uint c = 0; c < width; c++) x[c] = LOAD(column[c], i);
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
        if (j + c >= end) continue;
        const uint place = first + j + c;
        const REAL sum = UNSCALED(SUM_WIDE(sums[c][p]));
        const REAL value = finished(sum, place, flags, offset, zeros);
        z[p][place] = value;
        largest[p] = max(largest[p], MAGNITUDE(value));
      }
    }
  }
  #pragma unroll
  for (uint p = 0; p < count && flags & WATCHED; p++) {
    peaks[p * slots + slot + get_group_id(0)] = largest[p];
  }
}

// Several residuals keep the arithmetic busy with four columns; one is limited by memory, which a
// processor reads fastest in a single run.
#define CORRELATE(count, width) \
  __kernel __attribute__((reqd_work_group_size(1, 1, 1))) \
  void correlateWide##count(const uint first, const uint columns, const uint stride, \
                            const uint chunk, __global const STORED* a, \
                            EIGHT(__global const REAL, r), EIGHT(__global REAL, z), EPILOGUE) { \
    correlateWide(count, width, first, columns, stride, chunk, a, NAMES(r), NAMES(z), \
                  EPILOGUE_NAMES); \
  }

CORRELATE(1, 1)
CORRELATE(2, COLUMNS)
CORRELATE(4, COLUMNS)
CORRELATE(8, COLUMNS)

#else

// own[p][c] += what four rows from 4 i add to a_c' r_p.
TEMPLATE void addRows(const uint count, const uint i, __global const STORED* const* column,
                      __global const QUAD* const* r, REAL (*own)[COLUMNS]) {
  QUAD x[COLUMNS];
  #pragma unroll
  for (uint c = 0; c < COLUMNS; c++) x[c] = opened(((__global const Stored4*)column[c])[i]);
  // With bounds that are constants, the sums stay in registers.
  #pragma unroll
  for (uint p = 0; p < MOST; p++) {
    if (p >= count) continue;
    const QUAD y = r[p][i];
    #pragma unroll
    for (uint c = 0; c < COLUMNS; c++) {
      own[p][c] += x[c].s0 * y.s0;
      own[p][c] += x[c].s1 * y.s1;
      own[p][c] += x[c].s2 * y.s2;
      own[p][c] += x[c].s3 * y.s3;
    }
  }
}

// The sums that are added up at a time; those of one residual lie in one round.
#define ROUND 8
#define AT_ONCE(count) (COLUMNS * (count) < ROUND ? COLUMNS * (count) : ROUND)

// The same by the items of a group, each with some rows. What they found is added up in rounds: an
// item adds what a few items found for one sum, and then one item adds these. `sums` has room for
// AT_ONCE(count) numbers of every item and as many more, `parts` for one of every item and `largest`
// for COLUMNS * count.
TEMPLATE void correlateGrouped(const uint count, const uint first, const uint columns,
                               const uint stride, __global const STORED* a,
                               EIGHT(__global const REAL, r), EIGHT(__global REAL, z), EPILOGUE,
                               __local REAL* sums, __local REAL* parts, __local KEY* largest) {
  __global const QUAD* r[MOST] = ARRAY(__global const QUAD, r);
  __global REAL* z[MOST] = ARRAY(__global REAL, z);
  const uint item = get_local_id(0), atOnce = AT_ONCE(count), shares = GROUP / atOnce;
  for (uint s = item; s < COLUMNS * count; s += GROUP) largest[s] = 0;
  for (uint j = get_group_id(0) * COLUMNS; j < columns; j += get_num_groups(0) * COLUMNS) {
    __global const STORED* column[COLUMNS];
    REAL own[MOST][COLUMNS] = {{0}};
    #pragma unroll
    for (uint c = 0; c < COLUMNS; c++) {
      column[c] = a + (ulong)min(j + c, columns - 1) * stride;
    }
    if (count == 1) {
      // Twice as many loads on their way.
      #pragma unroll 2
      for (uint i = item; i < stride / 4; i += GROUP) addRows(count, i, column, r, own);
    } else {
      for (uint i = item; i < stride / 4; i += GROUP) addRows(count, i, column, r, own);
    }

    #pragma unroll
    for (uint start = 0; start < MOST; start += ROUND / COLUMNS) {
      if (start >= count) continue;
      #pragma unroll
      for (uint s = 0; s < ROUND; s++) {
        if (s < atOnce) sums[s * (GROUP + 1) + item] = own[start + s / COLUMNS][s % COLUMNS];
      }
      barrier(CLK_LOCAL_MEM_FENCE);
      REAL part = 0;
      for (uint i = item % shares; i < GROUP; i += shares) {
        part += sums[item / shares * (GROUP + 1) + i];
      }
      parts[item] = part;
      barrier(CLK_LOCAL_MEM_FENCE);
      #pragma unroll
      for (uint p = start; p < start + ROUND / COLUMNS; p++) {
        const uint s = (p - start) * COLUMNS + item % COLUMNS, place = j + item % COLUMNS;
        if (p >= count || item / COLUMNS != p - start || place >= columns) continue;
        REAL sum = 0;
        for (uint i = 0; i < shares; i++) sum += parts[s * shares + i];
        const REAL value = finished(UNSCALED(sum), first + place, flags, offset, zeros);
        z[p][first + place] = value;
        largest[p * COLUMNS + item % COLUMNS] =
          max(largest[p * COLUMNS + item % COLUMNS], MAGNITUDE(value));
      }
    }
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint p = item; p < count && flags & WATCHED; p += GROUP) {
    KEY peak = 0;
    for (uint c = 0; c < COLUMNS; c++) peak = max(peak, largest[p * COLUMNS + c]);
    peaks[p * slots + slot + get_group_id(0)] = peak;
  }
}

#define CORRELATE(count) \
  __kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) \
  void correlateGrouped##count(const uint first, const uint columns, const uint stride, \
                               __global const STORED* a, EIGHT(__global const REAL, r), \
                               EIGHT(__global REAL, z), EPILOGUE) { \
    __local REAL sums[AT_ONCE(count) * (GROUP + 1)]; \
    __local REAL parts[GROUP]; \
    __local KEY largest[COLUMNS * count]; \
    correlateGrouped(count, first, columns, stride, a, NAMES(r), NAMES(z), EPILOGUE_NAMES, sums, \
                     parts, largest); \
  }

CORRELATE(1)
CORRELATE(4)
CORRELATE(8)

#endif

// found[place + p] <- the largest of `slots` numbers from peaks[first + p * slots] on. A work-group a
// residual.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void gatherPeaks(const uint first, const uint slots, const uint place, __global const KEY* peaks,
                 __global KEY* found) {
  __local KEY largest[GROUP];
  const uint item = get_local_id(0), p = get_group_id(0);
  KEY own = 0;
  for (uint slot = item; slot < slots; slot += GROUP) own = max(own, peaks[first + p * slots + slot]);
  largest[item] = own;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint reach = GROUP / 2; reach > 0; reach >>= 1) {
    if (item < reach) largest[item] = max(largest[item], largest[item + reach]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (item == 0) found[place + p] = largest[0];
}

// partials[chunk] <- the sum over one chunk of columns of a_j v[j], `width` of all columns, whatever
// panels they lie in: a panel that begins within a chunk goes on with its sum. A chunk is one
// work-group where it is wide, and several where grouped, each with some of the rows.
#ifdef WIDE_SHAPE
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void multiplyWide(const uint first, const uint columns, const uint stride, const uint width,
                  __global const STORED* a, __global const REAL* v, __global REAL* partials) {
  const uint chunk = first / width + get_group_id(0), count = stride / WIDE_LANES;
  const uint begin = max(chunk * width, first);
  const uint end = min((chunk + 1) * width, first + columns);
  __global WIDE* sums = (__global WIDE*)(partials + (ulong)chunk * stride);
  __global const STORED* column = a + (ulong)(begin - first) * stride;
  if (begin == chunk * width) {
    for (uint i = 0; i < count; i++) sums[i] = 0;
  }
  uint j = begin;
  // Four columns for each time that the sums are read and written.
  for (; j + 4 <= end; j += 4, column += 4 * (ulong)stride) {
    __global const REAL* x = v + j;
    for (uint i = 0; i < count; i++) {
      WIDE sum = sums[i] + LOAD(column, i) * x[0];
      sum += LOAD(column + (ulong)stride, i) * x[1];
      sum += LOAD(column + 2 * (ulong)stride, i) * x[2];
      sums[i] = sum + LOAD(column + 3 * (ulong)stride, i) * x[3];
    }
  }
  for (; j < end; j++, column += stride) {
    for (uint i = 0; i < count; i++) sums[i] += LOAD(column, i) * v[j];
  }
}

#else

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void multiplyGrouped(const uint first, const uint columns, const uint stride, const uint width,
                     __global const STORED* a, __global const REAL* v, __global REAL* partials) {
  const uint count = stride / 4, tiles = (count + GROUP - 1) / GROUP;
  const uint chunk = first / width + get_group_id(0) / tiles;
  const uint i = get_group_id(0) % tiles * GROUP + get_local_id(0);
  if (i >= count) return;
  const uint begin = max(chunk * width, first);
  const uint end = min((chunk + 1) * width, first + columns);
  __global QUAD* sums = (__global QUAD*)(partials + (ulong)chunk * stride);
  __global const STORED* column = a + (ulong)(begin - first) * stride;
  QUAD sum = begin == chunk * width ? (QUAD)(0) : sums[i];
  #pragma unroll 8
  for (uint j = begin; j < end; j++, column += stride) {
    sum += opened(((__global const Stored4*)column)[i]) * v[j];
  }
  sums[i] = sum;
}

#endif

// r <- the sum of all partials, in the order of the columns. One work-item an entry.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void addPartials(const int exponent, const uint rows, const uint stride, const uint chunks,
                 __global const REAL* partials, __global REAL* r) {
  const uint i = get_global_id(0);
  if (i >= rows) return;
  REAL sum = 0;
  #pragma unroll 8
  for (uint chunk = 0; chunk < chunks; chunk++) sum += partials[(ulong)chunk * stride + i];
  r[i] = UNSCALED(sum);
}
