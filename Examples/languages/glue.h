/* For glue between a language with matrices and the library: one list of options, A, and a column for each
   observation; k columns, or a path from k[0] to k[1]. */
#include <stdio.h>
#include <string.h>

#include "sparse_recovery.h"

typedef struct {
  sr_options *of_problem, *of_solve;
  sr_problem *problem;
  sr_results *results;
  char message[512]; /* what was refused; empty where nothing was */
} glue;

static glue glue_begin(void) {
  glue g = {sr_options_create(), sr_options_create(), NULL, NULL, ""};
  return g;
}

/* Keeps what a call has refused. Returns whether all is well so far. */
static int glue_check(glue *g, int32_t status) {
  if (status && !*g->message) snprintf(g->message, sizeof g->message, "%s", sr_last_error());
  return !*g->message;
}

static int glue_set(glue *g, const char *name, const char *value) {
  const char *known;
  for (int64_t i = 0; (known = sr_option_name("problem", i)); i++)
    if (!strcmp(known, name)) return glue_check(g, sr_options_set(g->of_problem, name, value));
  return glue_check(g, sr_options_set(g->of_solve, name, value));
}

/* Solves. A path of several observations is one with one support for all of them. */
static int glue_run(glue *g, const double *a, int64_t m, int64_t n, const double *y, int64_t rows, int64_t count,
                    const double *k, int is_path) {
  if (is_path && count > 1) glue_set(g, "joint", "true");
  if (*g->message || !glue_check(g, sr_problem_create(a, SR_DOUBLE, m, n, m, g->of_problem, &g->problem)))
    return 0;
  if (!is_path)
    return glue_check(
        g, sr_solve(g->problem, y, rows, count, rows, (int64_t)k[0], g->of_solve, NULL, &g->results));
  return glue_check(g, sr_paths(g->problem, y, rows, count, rows, (int64_t)k[0], (int64_t)k[1], g->of_solve, NULL,
                                &g->results));
}

/* Writes the coefficients of all n columns for each solution, zeros where x was. */
static void glue_coefficients(glue *g, double *x, int64_t n) {
  sr_solution found = {sizeof found};
  for (int64_t place = 0; place < sr_results_count(g->results); place++, x += n) {
    if (!glue_check(g, sr_results_solution(g->results, place, &found))) return;
    for (int64_t i = 0; i < found.count; i++) x[found.support[i]] = found.coefficients[i];
  }
}

/* Which sparsity of a path was chosen, counted from one; 0 where there is no path. */
static int64_t glue_chosen(const glue *g, int64_t count) {
  int64_t place = sr_results_chosen(g->results);
  return place < 0 ? 0 : place / count + 1;
}

/* Ends all but the message. */
static void glue_end(glue *g) {
  sr_results_destroy(g->results);
  sr_problem_destroy(g->problem);
  sr_options_destroy(g->of_problem);
  sr_options_destroy(g->of_solve);
}
