/* [x, chosen, criterion] = sparse_recovery_mex(A, Y, k, 'name', 'value', …): the coefficients of all columns, a
 * column for each observation; for k = [least most], one for each sparsity and observation, the place of the
 * sparsity chosen, counted from one, and what was compared. Several observations have one support there.
 *
 *   mex -I<include> sparse_recovery_mex.c -L<folder> -lsparse_recovery                  (MATLAB)
 *   mkoctfile --mex -I<include> sparse_recovery_mex.c -L<folder> -lsparse_recovery      (Octave) */
#include <mex.h>

#include "glue.h"

void mexFunction(int nlhs, mxArray *out[], int nrhs, const mxArray *in[]) {
  if (nrhs < 3 || nrhs % 2 == 0 || !mxIsDouble(in[0]) || !mxIsDouble(in[1]) || !mxIsDouble(in[2]) ||
      mxIsEmpty(in[2]))
    mexErrMsgTxt("expected A, Y and k in double precision, and names with values");
  int64_t n = mxGetN(in[0]), is_row = mxGetM(in[1]) == 1, count = is_row ? 1 : mxGetN(in[1]);
  glue g = glue_begin();
  for (int i = 3; i < nrhs; i += 2) {
    char name[64] = "", value[256] = "";
    mxGetString(in[i], name, sizeof name);
    mxGetString(in[i + 1], value, sizeof value);
    if (!glue_set(&g, name, value)) break;
  }
  glue_run(&g, mxGetPr(in[0]), mxGetM(in[0]), n, mxGetPr(in[1]),
           is_row ? mxGetNumberOfElements(in[1]) : mxGetM(in[1]), count, mxGetPr(in[2]),
           mxGetNumberOfElements(in[2]) > 1);
  const double *numbers = NULL;
  int64_t compared = sr_results_numbers(g.results, "criterion", &numbers);
  out[0] = mxCreateDoubleMatrix(n, sr_results_count(g.results), mxREAL);
  glue_coefficients(&g, mxGetPr(out[0]), n);
  if (nlhs > 1) out[1] = mxCreateDoubleScalar((double)glue_chosen(&g, count));
  if (nlhs > 2) {
    out[2] = mxCreateDoubleMatrix(1, compared, mxREAL);
    if (compared) memcpy(mxGetPr(out[2]), numbers, sizeof(double) * compared);
  }
  glue_end(&g);
  if (*g.message) mexErrMsgTxt(g.message);
}
