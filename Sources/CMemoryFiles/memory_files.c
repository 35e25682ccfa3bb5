#define _GNU_SOURCE
#include "memory_files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

int mf_anonymous_file(void) {
  return memfd_create("decoded", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int mf_seal(int file) {
  return fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

void mf_end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }
