// The k entries of largest magnitude, in ascending order of index, ties to the lowest index.
//
// A radix select: the bits of |x|, read as an integer, order like |x|. Each level counts how many
// entries fall in each of 2048 bins of the next 11 bits, and keeps the bin with the k-th largest.
// Only integers are added, so every run on every device gives the same answer. NaN ranks above
// infinity, and -0 equals +0. The lowest bits, where rounding lives, are rounded away before
// magnitudes are compared, so that rounding breaks no ties.
//
// Built with -DREAL=float -DKEY=uint -DKEY_BITS=31 -DIGNORED_BITS=<bits rounded away>, or with
// double, ulong and 63, and -DWG=<items in a work-group, a power of two up to 2048>. At least three
// levels must be left.
//
// Every barrier is reached by all items of a group; loops round barriers have bounds that are the
// same for all items.

#define DIGIT_BITS 11
#define BINS (1u << DIGIT_BITS)
#define LEVELS ((KEY_BITS - IGNORED_BITS + DIGIT_BITS - 1) / DIGIT_BITS)
// Neighbouring entries that one item takes at a time when entries are emitted in order.
#define RUN 4

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define LARGEST_KEY (((KEY)1 << KEY_BITS) - 1)
#define ROUNDING (((KEY)1 << IGNORED_BITS) >> 1)
// Rounding the largest NaN would carry out of the key.
#define KEY_OF(x) \
  (min((JOIN(as_, KEY)(x) & LARGEST_KEY) + ROUNDING, LARGEST_KEY) >> IGNORED_BITS)

// What is known about the threshold: entries whose key >> shift exceeds `prefix` are selected, and
// `need` of those whose key >> shift equals it. Settled when these are all of them, or shift is 0.
typedef struct {
  KEY prefix;
  uint shift;
  uint need;
  uint settled;
} Search;

typedef struct {
  uint bins[BINS];
  uint sums[WG];
  uint found[3];
} Shared;

static inline Search start(const uint k) {
  const Search search = {0, KEY_BITS - IGNORED_BITS, k, 0};
  return search;
}

static inline uint shiftOf(const uint level) {
  const uint bits = KEY_BITS - IGNORED_BITS;
  return bits > DIGIT_BITS * (level + 1) ? bits - DIGIT_BITS * (level + 1) : 0;
}

// The sum of `value` over the items before this one, and over all of them.
static inline uint sumBefore(const uint value, __local Shared* shared, uint* total) {
  const uint item = get_local_id(0);
  shared->sums[item] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint reach = 1; reach < WG; reach <<= 1) {
    const uint earlier = item >= reach ? shared->sums[item - reach] : 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    shared->sums[item] += earlier;
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const uint through = shared->sums[item];
  *total = shared->sums[WG - 1];
  barrier(CLK_LOCAL_MEM_FENCE);
  return through - value;
}

// Counts into shared->bins the digits of the entries in [first, last) that the search still holds.
static inline void tally(const Search search, const uint level, const uint first, const uint last,
                         __global const REAL* z, __local Shared* shared) {
  const uint item = get_local_id(0), shift = shiftOf(level);
  for (uint b = item; b < BINS; b += WG) shared->bins[b] = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  // Equal digits in a row are added at once: vectors of zeros would queue at one bin.
  uint digit = 0, repeats = 0;
  for (uint i = first + item; i < last && !search.settled; i += WG) {
    const KEY key = KEY_OF(z[i]);
    if (key >> search.shift != search.prefix) continue;
    const uint next = (uint)(key >> shift) & (BINS - 1);
    if (next != digit) {
      if (repeats > 0) atomic_add(&shared->bins[digit], repeats);
      digit = next;
      repeats = 0;
    }
    repeats++;
  }
  if (repeats > 0) atomic_add(&shared->bins[digit], repeats);
  barrier(CLK_LOCAL_MEM_FENCE);
}

// The search after `level`, whose histogram lies in shared->bins.
static inline Search narrow(Search search, const uint level, __local Shared* shared) {
  uint bin = BINS - 1 - get_local_id(0) * (BINS / WG);
  uint own = 0;
  for (uint b = 0; b < BINS / WG; b++) own += shared->bins[bin - b];
  uint total;
  uint above = sumBefore(own, shared, &total);
  // True for one item, or for none once the search is settled.
  if (above < search.need && search.need <= above + own) {
    while (above + shared->bins[bin] < search.need) above += shared->bins[bin--];
    shared->found[0] = bin;
    shared->found[1] = search.need - above;
    shared->found[2] = shared->bins[bin];
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  if (!search.settled) {
    const uint shift = shiftOf(level);
    // At the last level the digit repeats some bits of the prefix: OR leaves them as they are.
    search.prefix = (search.prefix << (search.shift - shift)) | shared->found[0];
    search.shift = shift;
    search.need = shared->found[1];
    search.settled = shared->found[1] == shared->found[2];
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  return search;
}

// How an entry stands to the threshold, as a count: above in the low half, equal in the high half.
#define ABOVE 1u
#define EQUAL 0x10000u
static inline uint standing(const Search search, const REAL x) {
  const KEY prefix = KEY_OF(x) >> search.shift;
  return prefix > search.prefix ? ABOVE : prefix == search.prefix ? EQUAL : 0;
}

// Writes the selected entries of [first, last) in order: k values, then k indices. `above` and
// `equal` count the entries before `first`.
static inline void emit(const Search search, uint above, uint equal, const uint first, const uint last,
                        const uint k, __global const REAL* z, __global REAL* selected,
                        __local Shared* shared) {
  __global uint* indices = (__global uint*)(selected + k);
  for (uint tile = first; tile < last; tile += WG * RUN) {
    const uint begin = tile + get_local_id(0) * RUN, end = min(begin + RUN, last);
    uint counts = 0, total;
    for (uint i = begin; i < end; i++) counts += standing(search, z[i]);
    const uint before = sumBefore(counts, shared, &total);
    uint aboveHere = above + (before & 0xffff), equalHere = equal + (before >> 16);
    for (uint i = begin; i < end; i++) {
      const uint rank = standing(search, z[i]);
      if (rank == ABOVE || (rank == EQUAL && equalHere < search.need)) {
        const uint place = aboveHere + min(equalHere, search.need);
        selected[place] = z[i];
        indices[place] = i;
      }
      aboveHere += rank == ABOVE;
      equalHere += rank == EQUAL;
    }
    above += total & 0xffff;
    equal += total >> 16;
  }
}

// The whole selection by one work-group, in one launch.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void selectSmall(const uint n, const uint k, __global const REAL* z, __global REAL* selected) {
  __local Shared shared;
  Search search = start(k);
  for (uint level = 0; level < LEVELS; level++) {
    tally(search, level, 0, n, z, &shared);
    search = narrow(search, level, &shared);
  }
  emit(search, 0, 0, 0, n, k, z, selected, &shared);
}

// The search after `level`, from the histogram that all groups filled at that level. Every group
// computes it anew, because groups see each other's work only after a kernel has ended.
static inline Search after(const uint level, __global const uint* histograms,
                           __global const Search* searches, __local Shared* shared) {
  __global const uint* histogram = histograms + level * BINS;
  for (uint b = get_local_id(0); b < BINS; b += WG) shared->bins[b] = histogram[b];
  barrier(CLK_LOCAL_MEM_FENCE);
  return narrow(searches[level], level, shared);
}

// One level by many work-groups, each with its own `chunk` of entries: launched LEVELS times.
//
// Every level has a histogram. While one is read and one filled, the next is cleared: the last level
// clears that of the first for the selection that follows. The last level also leaves behind what
// each group needs to know of those before it, whatever the threshold turns out to be: how many
// entries of each chunk stand above and at the search so far (`counts`, the latter once it is
// settled), and how many of those in question have each digit or a larger one (`tails`).
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void histogramLevel(const uint level, const uint n, const uint chunk, const uint k,
                    __global const REAL* z, __global uint* histograms, __global Search* searches,
                    __global uint2* counts, __global uint* tails) {
  __local Shared shared;
  __global uint* cleared = histograms + (level + 1) % LEVELS * BINS;
  for (uint b = get_global_id(0); b < BINS; b += get_global_size(0)) cleared[b] = 0;

  Search search = start(k);
  if (level > 0) search = after(level - 1, histograms, searches, &shared);
  if (get_global_id(0) == 0) searches[level] = search;

  const uint group = get_group_id(0), item = get_local_id(0);
  const uint first = group * chunk, last = min(first + chunk, n);
  tally(search, level, first, last, z, &shared);
  __global uint* histogram = histograms + level * BINS;
  for (uint b = item; b < BINS; b += WG) {
    if (shared.bins[b] > 0) atomic_add(&histogram[b], shared.bins[b]);
  }
  // The same for all items.
  if (level + 1 < LEVELS) return;

  uint above = 0, equal = 0, totalAbove, totalEqual;
  for (uint i = first + item; i < last; i += WG) {
    const uint rank = standing(search, z[i]);
    above += rank == ABOVE;
    equal += rank == EQUAL;
  }
  sumBefore(above, &shared, &totalAbove);
  sumBefore(equal, &shared, &totalEqual);
  if (item == 0) counts[group] = (uint2)(totalAbove, search.settled ? totalEqual : 0);
  // Each item has some neighbouring bins, the first item the largest.
  uint bin = BINS - 1 - item * (BINS / WG), own = 0, total;
  for (uint b = 0; b < BINS / WG; b++) own += shared.bins[bin - b];
  uint tail = sumBefore(own, &shared, &total);
  for (uint b = 0; b < BINS / WG; b++, bin--) {
    tail += shared.bins[bin];
    tails[group * BINS + bin] = tail;
  }
}

// How many entries of a group's chunk stand above and at the threshold.
static inline uint2 standings(const uint group, const Search search, const uint wasSettled,
                              __global const uint2* counts, __global const uint* tails) {
  uint2 found = counts[group];
  if (!wasSettled) {
    const uint digit = (uint)search.prefix & (BINS - 1);
    const uint above = digit + 1 < BINS ? tails[group * BINS + digit + 1] : 0;
    found.x += above;
    found.y = tails[group * BINS + digit] - above;
  }
  return found;
}

// Emits the selected entries of each chunk at the places that the counts of earlier chunks give.
__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void emitChunks(const uint n, const uint chunk, const uint k, __global const REAL* z,
                __global const uint* histograms, __global const Search* searches,
                __global const uint2* counts, __global const uint* tails,
                __global REAL* selected) {
  __local Shared shared;
  const uint group = get_group_id(0), wasSettled = searches[LEVELS - 1].settled;
  const Search search = after(LEVELS - 1, histograms, searches, &shared);
  const uint2 here = standings(group, search, wasSettled, counts, tails);
  // The same for all items of the group, and most groups leave here.
  if (here.x == 0 && here.y == 0) return;

  uint2 before = (uint2)(0, 0);
  for (uint g = get_local_id(0); g < group; g += WG) {
    before += standings(g, search, wasSettled, counts, tails);
  }
  uint above, equal;
  sumBefore(before.x, &shared, &above);
  sumBefore(before.y, &shared, &equal);
  const uint first = group * chunk;
  emit(search, above, equal, first, min(first + chunk, n), k, z, selected, &shared);
}
