/* sparse_recovery_solve(A, y, k, names, values): the coefficients of all columns. */
#include <R.h>
#include <Rinternals.h>
#include <stdio.h>

#include "options.h"

SEXP sparse_recovery_solve(SEXP a, SEXP y, SEXP k, SEXP names, SEXP values) {
  int m = nrows(a), n = ncols(a), status = SR_OK;
  options_pair options = options_create();
  sr_problem *problem = NULL;
  sr_results *results = NULL;
  sr_solution found = {sizeof found};
  for (int i = 0; i < length(names) && !status; i++) {
    const char *name = CHAR(STRING_ELT(names, i));
    status = options_set(options, name, CHAR(STRING_ELT(values, i)));
  }
  if (!status) status = sr_problem_create(REAL(a), SR_DOUBLE, m, n, m, options.problem, &problem);
  if (!status)
    status = sr_solve(problem, REAL(y), length(y), 1, length(y), asInteger(k), options.solve, NULL, &results);
  if (!status) status = sr_results_solution(results, 0, &found);
  SEXP x = PROTECT(allocVector(REALSXP, n));
  for (int j = 0; j < n; j++) REAL(x)[j] = 0;
  for (int64_t i = 0; i < found.count; i++) REAL(x)[found.support[i]] = found.coefficients[i];
  char message[512] = "";
  if (status) snprintf(message, sizeof message, "%s", sr_last_error());
  sr_results_destroy(results);
  sr_problem_destroy(problem);
  options_destroy(options);
  UNPROTECT(1);
  if (status) error("%s", message);
  return x;
}
