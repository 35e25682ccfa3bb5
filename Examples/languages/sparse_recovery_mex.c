/* [x, chosen, criterion] = sparse_recovery_mex(A, Y, k, 'name', 'value', …): the coefficients of all columns, a
 * column for each observation; for k = [least most], one for each sparsity and observation, the place of the
 * sparsity chosen, counted from one, and what was compared. Several observations have one support there. Where A or Y is
 * complex, so is x.
 *
 *   mex -R2017b -I<include> sparse_recovery_mex.c -L<folder> -lsparse_recovery          (MATLAB)
 *   mkoctfile --mex -I<include> sparse_recovery_mex.c -L<folder> -lsparse_recovery      (Octave) */
#include <mex.h>
#include <stdio.h>
#include <string.h>

#include "sparse_recovery.h"

/* One list of options, A, and a column for each observation; k columns, or a path from k[0] to k[1]. */
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

/* Writes the coefficients of all n columns for each solution, zeros where x was; of complex ones the imaginary parts to
 * `imaginary`. */
static void glue_coefficients(glue *g, double *x, double *imaginary, int64_t n) {
  sr_solution found = {sizeof found};
  for (int64_t place = 0; place < sr_results_count(g->results); place++) {
    if (!glue_check(g, sr_results_solution(g->results, place, &found))) return;
    for (int64_t i = 0; i < found.count; i++) {
      x[place * n + found.support[i]] = found.coefficients[i];
      if (found.imaginary_parts) imaginary[place * n + found.support[i]] = found.imaginary_parts[i];
    }
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

/* The numbers of an array; where the problem is complex, a copy with real and imaginary parts in turns. */
static const double *glue_numbers(const mxArray *given, int is_complex) {
  if (!is_complex) return mxGetPr(given);
  const double *real = mxGetPr(given), *imaginary = mxIsComplex(given) ? mxGetPi(given) : NULL;
  size_t count = mxGetNumberOfElements(given);
  double *parts = mxMalloc(2 * count * sizeof *parts + 1);
  for (size_t i = 0; i < count; i++) {
    parts[2 * i] = real[i];
    parts[2 * i + 1] = imaginary ? imaginary[i] : 0;
  }
  return parts; /* given back when the function ends */
}

void mexFunction(int nlhs, mxArray *out[], int nrhs, const mxArray *in[]) {
  if (nrhs < 3 || nrhs % 2 == 0 || !mxIsDouble(in[0]) || !mxIsDouble(in[1]) || !mxIsDouble(in[2]) ||
      mxIsEmpty(in[2]))
    mexErrMsgTxt("expected A, Y and k in double precision, and names with values");
  int64_t n = mxGetN(in[0]), is_row = mxGetM(in[1]) == 1, count = is_row ? 1 : mxGetN(in[1]);
  int is_complex = mxIsComplex(in[0]) || mxIsComplex(in[1]);
  glue g = glue_begin();
  if (is_complex) glue_set(&g, "complex", "true");
  for (int i = 3; i < nrhs; i += 2) {
    char name[64] = "", value[256] = "";
    mxGetString(in[i], name, sizeof name);
    mxGetString(in[i + 1], value, sizeof value);
    if (!glue_set(&g, name, value)) break;
  }
  glue_run(&g, glue_numbers(in[0], is_complex), mxGetM(in[0]), n, glue_numbers(in[1], is_complex),
           is_row ? mxGetNumberOfElements(in[1]) : mxGetM(in[1]), count, mxGetPr(in[2]),
           mxGetNumberOfElements(in[2]) > 1);
  const double *numbers = NULL;
  int64_t compared = sr_results_numbers(g.results, "criterion", &numbers);
  out[0] = mxCreateDoubleMatrix(n, sr_results_count(g.results), is_complex ? mxCOMPLEX : mxREAL);
  glue_coefficients(&g, mxGetPr(out[0]), is_complex ? mxGetPi(out[0]) : NULL, n);
  if (nlhs > 1) out[1] = mxCreateDoubleScalar((double)glue_chosen(&g, count));
  if (nlhs > 2) {
    out[2] = mxCreateDoubleMatrix(1, compared, mxREAL);
    if (compared) memcpy(mxGetPr(out[2]), numbers, sizeof(double) * compared);
  }
  glue_end(&g);
  if (*g.message) mexErrMsgTxt(g.message);
}
