// Correlations with many residuals, as a product of two matrices: A is read once for all of them.
//
// A work-group multiplies TILE_COLUMNS columns by BLOCK residuals. It goes down the rows, DEPTH of
// them at a time: these rows of the columns and of the residuals come to local memory, the columns
// turned so that those of one row are neighbours. Each item has OWN_COLUMNS x OWN_RESIDUALS sums in
// registers, nearly all there are, and fetches the rows that follow while it works on those at hand.
//
// For each row an item reads OWN_COLUMNS + OWN_RESIDUALS numbers of local memory, and multiplies
// OWN_COLUMNS * OWN_RESIDUALS times. A unit hands out 128 bytes of local memory a cycle, what many items
// read counted for each of them, and does at most 64 products in double and 128 in single precision
// meanwhile (NVIDIA's sm_90): to read takes as long as to multiply in double precision, and three quarters
// of it in single.
//
// Where there are too few columns to keep a device busy, several groups share the rows of a tile:
// slices, whose sums are added up in their order. Only the grouped shape has these kernels.

#ifndef WIDE_SHAPE

// The residuals that share one reading of A.
#define BLOCK 32
#define OWN_RESIDUALS 8
// Items that have the same columns, each with other residuals.
#define SHARERS (BLOCK / OWN_RESIDUALS)
#define LANES (GROUP / SHARERS)
// Numbers in 16 bytes, of which an item has OWN_VECTORS a row.
#if KEY_BITS == 31
#define NEIGHBOURS 4
#else
#define NEIGHBOURS 2
#endif
#define NEARBY VECTOR(REAL, NEIGHBOURS)
#define OWN_VECTORS 4
#define OWN_COLUMNS (OWN_VECTORS * NEIGHBOURS)
#define TILE_COLUMNS (LANES * OWN_COLUMNS)
#define DEPTH 8
// From one row of a tile to the next: one vector more than the columns, so that items that write different
// rows of one column do not meet in one bank of local memory.
#define TILE_ROW (TILE_COLUMNS + NEIGHBOURS)
// Vectors that an item brings: of four rows of a column, and of neighbouring residuals in a row.
#define FETCHES (TILE_COLUMNS * DEPTH / 4 / GROUP)
#define BLOCK_VECTORS (DEPTH * BLOCK / NEIGHBOURS)
#define BLOCK_FETCHES ((BLOCK_VECTORS + GROUP - 1) / GROUP)

// The vectors of a block, eight at a time, and those of one such quarter. Told by its bits: of a comparison with each
// number the compiler makes a switch over two bits, which Oclgrind does not cut off.
#define VECTORS(type, v) EIGHT(type, v##a), EIGHT(type, v##b), EIGHT(type, v##c), EIGHT(type, v##d)
#define QUARTERS (BLOCK / MOST)
#define QUARTER(type, v, quarter) \
  type* v[MOST]; \
  { \
    type* a[MOST] = ARRAY(type, v##a); \
    type* b[MOST] = ARRAY(type, v##b); \
    type* c[MOST] = ARRAY(type, v##c); \
    type* d[MOST] = ARRAY(type, v##d); \
    _Pragma("unroll") for (uint p = 0; p < MOST; p++) { \
      v[p] = quarter & 2 ? (quarter & 1 ? d[p] : c[p]) : (quarter & 1 ? b[p] : a[p]); \
    } \
  }

// packed[i * BLOCK + p] <- r_p[i]. A group takes some rows of a quarter of the residuals.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void packResiduals(const uint stride, VECTORS(__global const REAL, r), __global REAL* packed) {
  const uint quarter = get_group_id(0) % QUARTERS;
  QUARTER(__global const REAL, r, quarter)
  const uint i = get_group_id(0) / QUARTERS * GROUP + get_local_id(0);
  if (i >= stride) return;
  #pragma unroll
  for (uint p = 0; p < MOST; p++) packed[(ulong)i * BLOCK + quarter * MOST + p] = r[p][i];
}

// partials[(slice * BLOCK + p) * width + j] <- what the rows of a slice add to a_j' r_p, for `width`
// columns, a multiple of a tile, from column `begin` of the panel. A group a tile and slice.
//
// Intel's compiler shares the registers of a thread among the items of a sub-group. Of sub-groups of the
// smallest size, -DSUB_GROUP, the items have enough; of those it takes by itself it spills.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
#ifdef SUB_GROUP
__attribute__((intel_reqd_sub_group_size(SUB_GROUP)))
#endif
void correlateTile(const uint begin, const uint columns, const uint stride, const uint width,
                   const uint slices, __global const STORED* a, __global const REAL* packed,
                   __global REAL* partials) {
  __local NEARBY atoms[DEPTH * TILE_ROW / NEIGHBOURS];
  __local NEARBY residuals[BLOCK_VECTORS];
  const uint item = get_local_id(0), lane = item % LANES, sharer = item / LANES;
  const uint steps = stride / DEPTH;
  // Groups that run at once share columns rather than rows, and so a part of memory.
  const uint tile = get_group_id(0) / slices, slice = get_group_id(0) % slices;
  const uint top = (uint)((ulong)steps * slice / slices) * DEPTH;
  const uint bottom = (uint)((ulong)steps * (slice + 1) / slices) * DEPTH;

  // What this item brings: rows 4 * (item % (DEPTH / 4)) and on, of every GROUP / (DEPTH / 4)-th
  // column. Past the end, the last column again: its results are not looked at. Places in a panel, in vectors:
  // pointers would take twice the registers, and panels have no more than 2^32 vectors.
  const uint rows = item % (DEPTH / 4);
  uint sources[FETCHES];
  Stored4 fetched[FETCHES];
  NEARBY block[BLOCK_FETCHES];
  #pragma unroll
  for (uint f = 0; f < FETCHES; f++) {
    const uint j = begin + tile * TILE_COLUMNS + (item + f * GROUP) / (DEPTH / 4);
    sources[f] = min(j, columns - 1) * (stride / 4) + rows;
  }
#define FETCH(i) \
  { \
    _Pragma("unroll") for (uint f = 0; f < FETCHES; f++) { \
      fetched[f] = ((__global const Stored4*)a)[sources[f] + (i) / 4]; \
    } \
    _Pragma("unroll") for (uint f = 0; f < BLOCK_FETCHES; f++) { \
      const uint v = item + f * GROUP; \
      if (v < BLOCK_VECTORS) { \
        block[f] = ((__global const NEARBY*)(packed + (ulong)(i) * BLOCK))[v]; \
      } \
    } \
  }
  REAL sums[OWN_COLUMNS][OWN_RESIDUALS] = {{0}};
  if (top < bottom) FETCH(top)
  for (uint i = top; i < bottom; i += DEPTH) {
    #pragma unroll
    for (uint f = 0; f < FETCHES; f++) {
      const QUAD x = opened(fetched[f]);
      __local REAL* target = (__local REAL*)atoms + 4 * rows * TILE_ROW
        + (item + f * GROUP) / (DEPTH / 4);
      target[0] = x.s0;
      target[TILE_ROW] = x.s1;
      target[2 * TILE_ROW] = x.s2;
      target[3 * TILE_ROW] = x.s3;
    }
    #pragma unroll
    for (uint f = 0; f < BLOCK_FETCHES; f++) {
      if (item + f * GROUP < BLOCK_VECTORS) residuals[item + f * GROUP] = block[f];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (i + DEPTH < bottom) FETCH(i + DEPTH)
    // Of all rows at once NVIDIA's assembler spills in double precision (sm_80), of four AMD's compiler (gfx1100).
#ifdef __AMDGCN__
    #pragma unroll
#else
    #pragma unroll 4
#endif
    for (uint d = 0; d < DEPTH; d++) {
      REAL y[OWN_RESIDUALS];
      #pragma unroll
      for (uint v = 0; v < OWN_RESIDUALS / NEIGHBOURS; v++) {
        const uint place = (d * BLOCK + sharer * OWN_RESIDUALS) / NEIGHBOURS + v;
        VECTOR(vstore, NEIGHBOURS)(residuals[place], v, y);
      }
      #pragma unroll
      for (uint v = 0; v < OWN_VECTORS; v++) {
        const uint place = d * (TILE_ROW / NEIGHBOURS) + v * LANES + lane;
        REAL x[NEIGHBOURS];
        VECTOR(vstore, NEIGHBOURS)(atoms[place], 0, x);
        #pragma unroll
        for (uint c = 0; c < NEIGHBOURS; c++) {
          #pragma unroll
          for (uint p = 0; p < OWN_RESIDUALS; p++) sums[v * NEIGHBOURS + c][p] += x[c] * y[p];
        }
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }

  #pragma unroll
  for (uint p = 0; p < OWN_RESIDUALS; p++) {
    __global REAL* target = partials + tile * TILE_COLUMNS
      + (ulong)(slice * BLOCK + sharer * OWN_RESIDUALS + p) * width;
    #pragma unroll
    for (uint c = 0; c < OWN_COLUMNS; c++) {
      target[(c / NEIGHBOURS * LANES + lane) * NEIGHBOURS + c % NEIGHBOURS] = sums[c][p];
    }
  }
}

// z_p[first + j] <- the sum over the slices of a_j' r_p, for the residuals of the first `quarters`. A
// group takes GROUP columns of one quarter, an item one of them.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void finishTiles(const uint first, const uint columns, const uint width, const uint slices,
                 const uint quarters, __global const REAL* partials, VECTORS(__global REAL, z),
                 EPILOGUE) {
  __local KEY largest[MOST * GROUP];
  const uint item = get_local_id(0), quarter = get_group_id(0) % quarters;
  const uint group = get_group_id(0) / quarters, j = group * GROUP + item;
  QUARTER(__global REAL, z, quarter)
  KEY own[MOST] = {0};
  if (j < columns) {
    #pragma unroll
    for (uint p = 0; p < MOST; p++) {
      REAL sum = 0;
      for (uint slice = 0; slice < slices; slice++) {
        sum += partials[(ulong)(slice * BLOCK + quarter * MOST + p) * width + j];
      }
      const REAL value = finished(UNSCALED(sum), first + j, flags, offset, zeros);
      z[p][first + j] = value;
      own[p] = MAGNITUDE(value);
    }
  }
  // The same for all items.
  if (!(flags & WATCHED)) return;
  #pragma unroll
  for (uint p = 0; p < MOST; p++) largest[p * GROUP + item] = own[p];
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint reach = GROUP / 2; reach > 0; reach >>= 1) {
    if (item < reach) {
      #pragma unroll
      for (uint p = 0; p < MOST; p++) {
        const uint own = p * GROUP + item;
        largest[own] = max(largest[own], largest[own + reach]);
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (item < MOST) peaks[(quarter * MOST + item) * slots + slot + group] = largest[item * GROUP];
}

#endif
