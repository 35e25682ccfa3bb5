#include "sparse_recovery_private.h"

#include <string.h>

static _Thread_local char last_error[1024];

const char *sr_last_error(void) { return last_error; }

void sri_set_last_error(const char *message) {
  size_t length = strlen(message);
  if (length >= sizeof last_error) {
    length = sizeof last_error - 1;
    /* Not within a character of UTF-8, whose further bytes begin with the bits 10. */
    while (length > 0 && (message[length] & 0xC0) == 0x80) length--;
  }
  memcpy(last_error, message, length);
  last_error[length] = 0;
}
