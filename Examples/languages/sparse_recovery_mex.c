/* x = sparse_recovery_mex(A, y, k, 'name', 'value', …): the coefficients of all columns.
 *
 *   mex -I<include> sparse_recovery_mex.c -L<folder> -lsparse_recovery                  (MATLAB)
 *   mkoctfile --mex -I<include> sparse_recovery_mex.c -L<folder> -lsparse_recovery      (Octave) */
#include <mex.h>

#include "options.h"

void mexFunction(int nlhs, mxArray *out[], int nrhs, const mxArray *in[]) {
  (void)nlhs;
  if (nrhs < 3 || nrhs % 2 == 0 || !mxIsDouble(in[0]) || !mxIsDouble(in[1]))
    mexErrMsgTxt("expected A and y in double precision, k, and names with values");
  int64_t m = mxGetM(in[0]), n = mxGetN(in[0]), rows = mxGetNumberOfElements(in[1]);
  int status = SR_OK;
  options_pair options = options_create();
  sr_problem *problem = NULL;
  sr_results *results = NULL;
  sr_solution found = {sizeof found};
  for (int i = 3; i < nrhs && !status; i += 2) {
    char name[64] = "", value[256] = "";
    mxGetString(in[i], name, sizeof name);
    mxGetString(in[i + 1], value, sizeof value);
    status = options_set(options, name, value);
  }
  if (!status) status = sr_problem_create(mxGetPr(in[0]), SR_DOUBLE, m, n, m, options.problem, &problem);
  if (!status)
    status = sr_solve(problem, mxGetPr(in[1]), rows, 1, rows, (int64_t)mxGetScalar(in[2]), options.solve, NULL,
                      &results);
  if (!status) status = sr_results_solution(results, 0, &found);
  out[0] = mxCreateDoubleMatrix(n, 1, mxREAL);
  for (int64_t i = 0; i < found.count; i++) mxGetPr(out[0])[found.support[i]] = found.coefficients[i];
  char message[512] = "";
  if (status) strncat(message, sr_last_error(), sizeof message - 1);
  sr_results_destroy(results);
  sr_problem_destroy(problem);
  options_destroy(options);
  if (status) mexErrMsgTxt(message);
}
