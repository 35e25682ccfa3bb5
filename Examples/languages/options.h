/* For glue that is given one list of options: those of the problem, and those of the solve. */
#include <string.h>

#include "sparse_recovery.h"

typedef struct {
  sr_options *problem, *solve;
} options_pair;

static options_pair options_create(void) {
  options_pair pair = {sr_options_create(), sr_options_create()};
  return pair;
}

static void options_destroy(options_pair pair) {
  sr_options_destroy(pair.problem);
  sr_options_destroy(pair.solve);
}

static int32_t options_set(options_pair pair, const char *name, const char *value) {
  const char *known;
  for (int64_t i = 0; (known = sr_option_name("problem", i)); i++)
    if (!strcmp(known, name)) return sr_options_set(pair.problem, name, value);
  return sr_options_set(pair.solve, name, value);
}
