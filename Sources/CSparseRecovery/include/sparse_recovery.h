/* Sparse support recovery: the at most k columns of A (m x n) that explain y best.
 *
 *   sr_problem *problem;
 *   sr_results *results;
 *   if (sr_problem_create(A, SR_DOUBLE, m, n, m, NULL, &problem)) puts(sr_last_error());
 *   if (sr_solve(problem, y, m, 1, m, k, NULL, NULL, &results)) puts(sr_last_error());
 *   sr_solution best = {sizeof best};
 *   sr_results_solution(results, 0, &best);
 *
 * Matrices are column-major. Functions with a status return 0 or what went wrong, and none exits or
 * throws; what they were to make is then untouched. All may be called from any thread. A null pointer
 * where memory is needed is an error; a wild one is not seen. Texts are UTF-8. */
#ifndef SPARSE_RECOVERY_H
#define SPARSE_RECOVERY_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header. It changes when what is below changes its meaning; what is added leaves it. */
#define SR_ABI_VERSION 1

/* Whose fault an error is. */
enum {
  SR_OK = 0,
  SR_DATA = -1,     /* the numbers given */
  SR_REQUEST = -2,  /* the options given */
  SR_DEVICE = -3,   /* the device wanted */
  SR_INTERNAL = -4, /* the solver itself */
  SR_MEMORY = -5,   /* memory that this machine does not give */
  SR_FILE = -6      /* a file that cannot be read or written */
};

/* The bytes of a number. */
enum { SR_SINGLE = 4, SR_DOUBLE = 8 };

/* SR_ABI_VERSION of the library, to be compared with that of the header. */
int32_t sr_abi_version(void);
/* Lets OpenBLAS use the instructions of a processor newer than itself, which costs several times the speed else.
   To be called first, while no other thread reads the environment: it holds OPENBLAS_CORETYPE for that moment.
   Returns 1 where kernels were changed, 0 where there was nothing to gain or the user has set that variable. */
int32_t sr_use_this_processor(void);
/* Of the package, such as "0.1.0". */
const char *sr_version(void);
/* What the latest call of this thread that returned a status refused, and what it expected: one line,
   valid until the next call. Empty after a call that did not fail. */
const char *sr_last_error(void);

/* ---- Options ----------------------------------------------------------------------------------
 * By name, as the command line gives them, without the dashes: "intercept" "true", "iterations" "500".
 * Those of a problem and those of a solve are two sets of options: see sr_option_name.
 *
 * "loss" of a problem is what is minimised: "squares" unless given, "logistic" for observations of 0 and 1, "poisson" for
 * counts, or "huber", with "huber-threshold", where some rows are far off. Observations that make no sense under it are
 * SR_DATA. What knows least squares alone, such as some algorithms, is SR_REQUEST then.
 *
 * "complex" of a problem, "true", says that its numbers are complex: a number of A, of an observation, of a coefficient or of
 * a "start" is then a real and an imaginary part, as in C's double complex, and number_size is that of a part. Rows,
 * columns, leading dimensions, weights and lists of columns count complex numbers. What has no meaning there is
 * SR_REQUEST: "intercept", "standardize", "nonnegative", other losses than squares. */
typedef struct sr_options sr_options;

sr_options *sr_options_create(void);
void sr_options_destroy(sr_options *options);
/* Sets an option that is a word or a number. Options are changed by one thread at a time, and by none while
   another one makes a problem or solves with them. */
int32_t sr_options_set(sr_options *options, const char *name, const char *value);
/* Sets an option that is a list: "weights" and "start" of numbers, "include" and "exclude" of columns,
   counted from zero, "column-groups" of a whole number for each column, the same for those of one group: a
   support then has all columns of a group or none, and a sparsity counts groups. The numbers are copied. */
int32_t sr_options_set_numbers(sr_options *options, const char *name, const double *values,
                               int64_t count);

/* ---- Problems --------------------------------------------------------------------------------- */

/* A on a backend, with what solves on it share. One solve at a time: others wait for it, and one that `observe`
   asks for on the same problem is SR_REQUEST. */
typedef struct sr_problem sr_problem;

/* A matrix in memory, whose columns start `leading_dimension` numbers apart. It is borrowed: it must
   stay, unchanged, until sr_problem_destroy. It is not copied where the precision of its numbers is that
   of gradients: the option "precision", "double" unless given. */
int32_t sr_problem_create(const void *matrix, int32_t number_size, int64_t rows, int64_t columns,
                          int64_t leading_dimension, const sr_options *options,
                          sr_problem **problem);
/* A matrix in a file: .npy, .npz (FILE.npz:NAME), Matrix Market, or a text table. A double-precision
   .npy in column order is mapped, not read. A file of complex numbers makes a complex problem. */
int32_t sr_problem_open(const char *path, const sr_options *options, sr_problem **problem);

/* A sparse matrix by columns: column j has the entries from starts[j] up to starts[j + 1], with rows counted from zero;
   entries that meet are summed. It is copied. No column is gathered for a solve, and norms are sums over nonzeros. */
int32_t sr_problem_of_sparse(int64_t rows, int64_t columns, const int64_t *starts,
                             const int64_t *row_indices, const double *values,
                             const sr_options *options, sr_problem **problem);

/* A linear operator of the caller's. Its functions return 0, or any other number where they cannot
   answer, which ends the solve. Several threads may call them at once. */
typedef struct sr_operator {
  int64_t size; /* sizeof(sr_operator) */
  int64_t rows, columns;
  uint64_t fingerprint; /* a hash of what it holds: checkpoints are told apart by it */
  void *context;        /* handed to every call */
  /* Writes `count` columns side by side, `rows` numbers for each. */
  int32_t (*copy_columns)(void *context, const int64_t *columns, int64_t count, double *target);
  /* y = A x and z = A' r; null to make them of columns. */
  int32_t (*apply)(void *context, const double *x, double *y);
  int32_t (*adjoint)(void *context, const double *r, double *z);
  /* Writes the products of columns, sum over the rows of w a_i a_j, `row_count` x `column_count` column by column, for
     `weights` of the rows (null: ones); and the sum of w a_j^2 of every column. Null where they are to be made of columns. A
     solve with them gathers no columns. */
  int32_t (*gram)(void *context, const int64_t *i, int64_t row_count, const int64_t *j,
                  int64_t column_count, const double *weights, double *products);
  int32_t (*squared_norms)(void *context, const double *weights, double *squares);
} sr_operator;

int32_t sr_problem_of_operator(const sr_operator *linear_operator, const sr_options *options,
                               sr_problem **problem);
int64_t sr_problem_rows(const sr_problem *problem);
int64_t sr_problem_columns(const sr_problem *problem);
/* 1 where numbers are complex, else 0. */
int32_t sr_problem_is_complex(const sr_problem *problem);
/* Null is allowed, here and in all functions that destroy. No solve may be under way. */
void sr_problem_destroy(sr_problem *problem);

/* ---- Tables larger than memory ------------------------------------------------------------------ */

/* A tall table [1 | A | Y], taken in part after part, which becomes one of N = columns + 1 + observations rows: with the
   weight of sr_reduced_contents for each of them, and the option "frequency-weights", a support has the same
   coefficients, loss and criteria there, with an intercept or without. Any thread may take rows in. */
typedef struct sr_reduced sr_reduced;

int32_t sr_reduced_create(int64_t columns, int64_t observations, sr_reduced **table);
/* Takes rows in: column-major matrices, whose columns start `leading_dimension` and `distance` numbers apart. `weights`
   is null for ones; given, they count rows. */
int32_t sr_reduced_add(sr_reduced *table, const void *matrix, int32_t number_size, int64_t rows,
                       int64_t leading_dimension, const double *observations, int64_t distance,
                       const double *weights);
/* Takes all rows of another table in, which stays as it is. */
int32_t sr_reduced_merge(sr_reduced *table, const sr_reduced *other);
/* How many rows of positive weight were taken in, and N. */
int64_t sr_reduced_rows(const sr_reduced *table);
int64_t sr_reduced_width(const sr_reduced *table);
/* Writes N x columns, N x observations, and the weight of every row. */
int32_t sr_reduced_contents(const sr_reduced *table, double *matrix, double *observations,
                            double *weight);
void sr_reduced_destroy(sr_reduced *table);

/* ---- Solving ---------------------------------------------------------------------------------- */

/* One evaluated support. The pointers are valid during the call. */
typedef struct sr_report {
  int64_t iteration;   /* from zero */
  int64_t observation; /* which of several */
  const int64_t *support;
  int64_t count; /* columns of the support */
  double relative_residual, best_relative_residual, seconds;
  int32_t is_new; /* whether it had not been evaluated before */
  int32_t reserved;
  const char *solver; /* the algorithm that evaluated it */
} sr_report;

/* Watches a solve, from the thread that solves (`observe`) or from another one (the other fields,
   which may be read and written meanwhile). */
typedef struct sr_watch {
  int32_t stop;      /* nonzero ends the solve with the best so far; written by the caller */
  int32_t reserved;
  int64_t iteration; /* the number of supports evaluated; written by the solver */
  double best;       /* the smallest relative residual so far; written by the solver */
  /* Null, or called after every evaluated support; nonzero ends the solve with the best so far. */
  int32_t (*observe)(void *context, const sr_report *report);
  void *context;
} sr_watch;

/* What a solve or a path has found: solutions, by their places from zero on. */
typedef struct sr_results sr_results;

/* Solves for `count` observations, `rows` numbers each, which start `leading_dimension` numbers
   apart: each on its own, or with one support for all under the option "joint". There is a solution for each
   observation; of one, the best other supports follow under the option "alternatives". */
int32_t sr_solve(sr_problem *problem, const double *observations, int64_t rows, int64_t count,
                 int64_t leading_dimension, int64_t sparsity, const sr_options *options,
                 sr_watch *watch, sr_results **results);
/* Solves every sparsity from `least` to `most`, and chooses one by the option "criterion": a name, or several
   with commas between them, of which the first counts most. There is a solution for each sparsity. */
int32_t sr_path(sr_problem *problem, const double *observation, int64_t rows, int64_t least,
                int64_t most, const sr_options *options, sr_watch *watch, sr_results **results);
/* The same for `count` observations as sr_solve takes them: a path for each, and the results of each, for which
   there is room at `results`. Under the option "joint" there is one path with one support for all, and one
   sr_results: for each sparsity, a solution for each observation. */
int32_t sr_paths(sr_problem *problem, const double *observations, int64_t rows, int64_t count,
                 int64_t leading_dimension, int64_t least, int64_t most, const sr_options *options,
                 sr_watch *watch, sr_results **results);

/* One solution. The pointers are valid until sr_results_destroy. */
typedef struct sr_solution {
  int64_t size;     /* sizeof(sr_solution), written by the caller */
  int64_t sparsity; /* the most columns that could be selected */
  int64_t count;    /* columns selected */
  const int64_t *support;      /* in ascending order, counted from zero */
  const double *coefficients;  /* of these columns as given */
  double intercept;            /* zero where none is fitted */
  double residual_norm;        /* of W^(1/2) (y - A x - intercept); under another loss the root of twice the loss */
  double relative_residual;    /* over that of no column at all */
  int64_t iterations;          /* supports evaluated */
  int64_t best_iteration;      /* when the support returned was first seen */
  int64_t explored;            /* distinct supports evaluated */
  int64_t matrix_passes;       /* how often A was read from end to end */
  int64_t rounds;              /* of search that were completed */
  int64_t warnings;            /* see sr_results_warning */
  const char *stop_reason;     /* residual, iterations, time, stagnation, converged, interrupted, failed */
  const char *found_by;        /* the algorithm whose support this is */
  const char *engine;          /* where products were computed */
  int64_t observation;         /* which of several, counted from zero */
  int64_t notices;             /* of all results: see sr_results_notice */
  double optimality_gap;       /* no support has a loss, ridge included, that is smaller by more than this share of it;
                                  not a number where nothing is proved */
  const double *imaginary_parts; /* of the coefficients of a complex problem, of which those above are the real
                                    parts; else null */
} sr_solution;

int64_t sr_results_count(const sr_results *results);
int32_t sr_results_solution(const sr_results *results, int64_t place, sr_solution *solution);
/* A line for a person about one solution, or null beyond the last. */
const char *sr_results_warning(const sr_results *results, int64_t place, int64_t number);
/* The same about all of them: what was guessed, and what one should know about a choice. */
const char *sr_results_notice(const sr_results *results, int64_t number);
/* The place of the solution chosen, by the first criterion, or by that of a name; of a joint path, that of the
   first observation. -1 where nothing was to be chosen, or not by that criterion. */
int64_t sr_results_chosen(const sr_results *results);
int64_t sr_results_chosen_by(const sr_results *results, const char *criterion);
/* What one solution is worth: "aic", "bic", "ebic" (gamma is 1) and "gic", and "cp" of Mallows, which compare
   supports of any size for one observation; "r_squared" and "adjusted_r_squared", the share of the variance
   explained where there is an intercept, by least squares. "loss" is what is minimised, without a ridge, and
   "explained_loss" 1 less its share of that of the intercept with the columns included; "deviance" is twice the loss
   under "logistic" and "poisson", of which the criteria are made then, and "explained_deviance" the same share.
   What is not defined is refused, with the reason. The problem is read for
   "cp" alone, and may be null else: it is fitted with all its columns, m n^2 flops, and must be the one that was
   solved, or one made of the same matrix with the same options. */
int32_t sr_results_measure(const sr_results *results, int64_t place, const char *name,
                           const sr_problem *problem, double *value);
/* Numbers of a path, one for each sparsity solved: "residual_norms" and "relative_residuals", of all
   observations of a joint path together; what was compared, under the name of each criterion, and under
   "criterion" that of the first; "standard_errors", of the means of "cv", which compares squared errors on the rows held
   out, or twice another loss. Also "fold_errors" of "cv", those of
   all sparsities for each fold. Under the options "bootstrap" and "subsample" "draws", how many were complete;
   "frequencies", the share of their paths that chose each column, all columns for each sparsity;
   "held_out_errors", the means, and "held_out_deviations". Returns how many there are: 0 for none. */
int64_t sr_results_numbers(const sr_results *results, const char *name, const double **values);
void sr_results_destroy(sr_results *results);

/* ---- What there is ---------------------------------------------------------------------------- */

/* An OpenCL device. The pointers are valid for ever. */
typedef struct sr_device {
  int64_t size; /* sizeof(sr_device), written by the caller */
  const char *name, *platform, *vendor, *driver, *kind; /* gpu, accelerator or cpu */
  int64_t memory; /* bytes */
  int32_t has_double, reserved;
} sr_device;

/* How many there are; 0 where there is no OpenCL. Looked for at the first call. */
int64_t sr_device_count(void);
int32_t sr_device_describe(int64_t place, sr_device *device);

/* The algorithms, in an order of their own, and a line about each; null beyond the last. */
const char *sr_algorithm_name(int64_t place);
const char *sr_algorithm_summary(int64_t place);
/* The options of an algorithm by its name, those of every solve for "solve", of every path for "path",
   of problems for "problem", and a line about each; null beyond the last. */
const char *sr_option_name(const char *owner, int64_t place);
const char *sr_option_help(const char *owner, int64_t place);

#ifdef __cplusplus
}
#endif
#endif
