#ifndef ALLOCATION_COUNTING_H
#define ALLOCATION_COUNTING_H

#include <stdint.h>

/// How many times this thread has asked for memory since it began.
uint64_t allocationsOfThisThread(void);

#endif
