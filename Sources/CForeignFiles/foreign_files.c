#define _GNU_SOURCE
#include "foreign_files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

int ff_anonymous_file(void) {
  return memfd_create("decoded", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int ff_seal(int file) {
  return fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

void ff_end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

/* What libmatio logs; its own function would end the process after an error. */
static void ignore(int level, char *message) {
  (void)level;
  (void)message;
}

/* Of the library behind libmatio, whose headers are not needed for more. */
extern int H5Eset_auto2(long estack, void *function, void *data) __attribute__((weak));

void ff_silence_libraries(void) {
  Mat_LogInitFunc("sea", ignore);
  if (H5Eset_auto2) H5Eset_auto2(0, 0, 0);
}
