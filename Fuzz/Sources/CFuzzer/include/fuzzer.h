// What libFuzzer and the address sanitizer offer beyond their entry points.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs the fuzzer with these arguments; `run` must return 0.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*run)(const uint8_t *data, size_t size));

/// Starts counting the bytes that are allocated, or says how many there were since.
void start_counting_bytes(void);
size_t count_of_bytes(void);
