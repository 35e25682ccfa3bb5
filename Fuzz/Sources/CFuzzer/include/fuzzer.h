// What libFuzzer and the address sanitizer offer beyond their entry points.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs the fuzzer with these arguments; `run` returns 0, or -1 to keep an input out of the corpus.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*run)(const uint8_t *data, size_t size));

/// Starts counting the bytes that are allocated and freed by this thread.
void start_counting_bytes(void);

/// Stops, and says how many bytes more were held at the worst moment than at the start.
size_t most_bytes_held(void);
