/* What the Swift behind sparse_recovery.h takes from C. Not part of the interface. */
#ifndef SPARSE_RECOVERY_PRIVATE_H
#define SPARSE_RECOVERY_PRIVATE_H
#include "sparse_recovery.h"

/* Keeps the message of the calling thread, cut between characters where it is long. */
void sri_set_last_error(const char *message);

/* The fields of a watch that two threads use at once. Swift has no way to name an atomic field of a C
   structure. */
static inline int32_t sri_watch_stop(const sr_watch *watch) {
  return __atomic_load_n(&watch->stop, __ATOMIC_RELAXED);
}

static inline void sri_watch_note(sr_watch *watch, int64_t iteration, double best) {
  __atomic_store_n(&watch->iteration, iteration, __ATOMIC_RELAXED);
  __atomic_store(&watch->best, &best, __ATOMIC_RELAXED);
}
#endif
