/* Solves a problem whose answer is known, through the C interface.
 *
 *   make library
 *   cc -I Sources/CSparseRecovery/include Examples/languages/demo.c dist/libsparse_recovery.so -o demo && ./demo */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sparse_recovery.h"

enum { ROWS = 200, COLUMNS = 1000, SPARSITY = 3 };

static int failed(const char *what) {
  fprintf(stderr, "%s: %s\n", what, sr_last_error());
  return 1;
}

int main(void) {
  double *a = (double *)malloc(sizeof(double) * ROWS * COLUMNS), y[ROWS];
  if (!a) return 1;
  srand(1);
  for (int i = 0; i < ROWS * COLUMNS; i++) a[i] = rand() / (double)RAND_MAX - 0.5;
  for (int i = 0; i < ROWS; i++)
    y[i] = 2 * a[i + 7 * ROWS] - a[i + 500 * ROWS] + 3 * a[i + 999 * ROWS];

  sr_problem *problem = NULL;
  sr_results *results = NULL;
  sr_options *options = sr_options_create();
  if (sr_problem_create(a, SR_DOUBLE, ROWS, COLUMNS, ROWS, NULL, &problem)) return failed("problem");
  if (sr_options_set(options, "algorithm", "sea")) return failed("option");
  if (sr_solve(problem, y, ROWS, 1, ROWS, SPARSITY, options, NULL, &results)) return failed("solve");

  sr_solution found;
  found.size = sizeof found;
  if (sr_results_solution(results, 0, &found)) return failed("solution");
  for (int64_t i = 0; i < found.count; i++)
    printf("column %" PRId64 ": %g\n", found.support[i], found.coefficients[i]);
  printf("relative residual %.1g after %" PRId64 " supports, on %s\n", found.relative_residual,
         found.iterations, found.engine);

  /* How many columns? Every number of them with noise, and what criteria say. */
  sr_results *path = NULL;
  double r_squared;
  for (int i = 0; i < ROWS; i++) y[i] += 0.1 * (rand() / (double)RAND_MAX - 0.5);
  sr_options *model = sr_options_create();
  sr_problem *regression = NULL;
  if (sr_options_set(model, "intercept", "true")) return failed("option");
  if (sr_problem_create(a, SR_DOUBLE, ROWS, COLUMNS, ROWS, model, &regression)) return failed("problem");
  if (sr_options_set(options, "algorithm", "omp")) return failed("option");
  if (sr_options_set(options, "criterion", "ebic,cv")) return failed("option");
  if (sr_path(regression, y, ROWS, 1, 6, options, NULL, &path)) return failed("path");
  if (sr_results_measure(path, sr_results_chosen(path), "r_squared", NULL, &r_squared)) return failed("measure");
  printf("chosen by ebic: %" PRId64 ", by cv: %" PRId64 " columns; R^2 %.4f\n", sr_results_chosen(path) + 1,
         sr_results_chosen_by(path, "cv") + 1, r_squared);

  sr_results_destroy(path);
  sr_problem_destroy(regression);
  sr_options_destroy(model);
  sr_results_destroy(results);
  sr_options_destroy(options);
  sr_problem_destroy(problem);
  free(a);
  return 0;
}
