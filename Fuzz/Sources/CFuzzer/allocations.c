#include "fuzzer.h"

int __sanitizer_install_malloc_and_free_hooks(
    void (*allocated)(const volatile void *, size_t), void (*freed)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *pointer);

// What is freed may have been allocated before counting began.
static ptrdiff_t held, most;
static int installed, counting;

static void add(const volatile void *pointer, size_t size) {
  if (!counting) return;
  held += (ptrdiff_t)size;
  if (held > most) most = held;
}

static void subtract(const volatile void *pointer) {
  if (counting) held -= (ptrdiff_t)__sanitizer_get_allocated_size(pointer);
}

void start_counting_bytes(void) {
  if (!installed) {
    __sanitizer_install_malloc_and_free_hooks(add, subtract);
    installed = 1;
  }
  held = most = 0;
  counting = 1;
}

size_t most_bytes_held(void) {
  counting = 0;
  return (size_t)most;
}
