/* sparse_recovery_call(A, Y, k, names, values): a list of the coefficients, a column for each solution; which of
   the sparsities of a path was chosen, counted from one, or 0; and what was compared. */
#include <R.h>
#include <Rinternals.h>

#include "glue.h"

SEXP sparse_recovery_call(SEXP a, SEXP y, SEXP k, SEXP names, SEXP values) {
  int rows = isMatrix(y) ? nrows(y) : length(y), count = isMatrix(y) ? ncols(y) : 1, n = ncols(a);
  glue g = glue_begin();
  for (int i = 0; i < length(names); i++)
    if (!glue_set(&g, CHAR(STRING_ELT(names, i)), CHAR(STRING_ELT(values, i)))) break;
  glue_run(&g, REAL(a), nrows(a), n, REAL(y), rows, count, REAL(k), length(k) > 1);
  int solutions = (int)sr_results_count(g.results);
  const double *numbers = NULL;
  int compared = (int)sr_results_numbers(g.results, "criterion", &numbers);
  SEXP found = PROTECT(allocVector(VECSXP, 3));
  SEXP x = SET_VECTOR_ELT(found, 0, allocMatrix(REALSXP, n, solutions));
  memset(REAL(x), 0, sizeof(double) * n * solutions);
  glue_coefficients(&g, REAL(x), n);
  SET_VECTOR_ELT(found, 1, ScalarInteger((int)glue_chosen(&g, count)));
  SEXP criterion = SET_VECTOR_ELT(found, 2, allocVector(REALSXP, compared));
  if (compared) memcpy(REAL(criterion), numbers, sizeof(double) * compared);
  glue_end(&g);
  UNPROTECT(1);
  if (*g.message) error("%s", g.message);
  return found;
}
