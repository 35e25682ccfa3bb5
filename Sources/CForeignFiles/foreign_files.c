#include "foreign_files.h"

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
