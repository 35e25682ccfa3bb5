/* What R calls: one function that solves, in a thread of its own while R waits and looks for Ctrl-C, and three that
 * list what there is.
 *
 * Of R this includes R.h, Rinternals.h and R_ext/, nothing else: R's COPYRIGHTS puts these headers under the LGPL
 * 2.1 so that packages under other licences may be compiled against them. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>

#include "sparse_recovery.h"

/* One call: what was given, which R keeps, and what was made of it, which `end_request` gives back. */
typedef struct {
  /* Null where the matrix is sparse. Of complex numbers these and all others are both parts in turns. */
  const double *matrix;
  int64_t rows, columns;
  int64_t *starts, *row_indices;
  const double *values;
  const double *observations;
  int64_t count, least, most;
  int is_path, wants_cp, is_verbose;
  sr_options *of_problem, *of_solve;
  sr_problem *problem;
  sr_results **results;
  int64_t places; /* for results: one for each path, one for a solve */
  sr_watch watch;
  int32_t status;
  char *message; /* of what went wrong */
  pthread_mutex_t lock;
  pthread_cond_t ended;
  int is_over;
} request;

static void end_request(SEXP handle) {
  request *r = R_ExternalPtrAddr(handle);
  if (!r) return;
  R_ClearExternalPtr(handle);
  for (int64_t i = 0; i < r->places; i++) sr_results_destroy(r->results[i]);
  sr_problem_destroy(r->problem);
  sr_options_destroy(r->of_problem);
  sr_options_destroy(r->of_solve);
  free(r->starts);
  free(r->row_indices);
  free(r->results);
  free(r->message);
  free(r);
}

/* Keeps what a call has refused. Returns whether it was well. */
static int is_well(request *r, int32_t status) {
  if (!status) return 1;
  r->status = status;
  r->message = strdup(sr_last_error());
  return 0;
}

/* ---- Solving, in a thread that knows nothing of R ---- */

static void solve(request *r) {
  int64_t m = r->rows;
  int32_t status = r->matrix ? sr_problem_create(r->matrix, SR_DOUBLE, m, r->columns, m, r->of_problem, &r->problem)
                             : sr_problem_of_sparse(m, r->columns, r->starts, r->row_indices, r->values,
                                                    r->of_problem, &r->problem);
  if (!is_well(r, status)) return;
  status = r->is_path ? sr_paths(r->problem, r->observations, m, r->count, m, r->least, r->most, r->of_solve,
                                 &r->watch, r->results)
                      : sr_solve(r->problem, r->observations, m, r->count, m, r->most, r->of_solve, &r->watch,
                                 r->results);
  if (!is_well(r, status)) return;
  /* The fit of all columns, which the library keeps: reading it later then takes no time. */
  double cp;
  for (int64_t i = 0; r->wants_cp && i < r->places; i++)
    sr_results_measure(r->results[i], 0, "cp", r->problem, &cp);
}

static void *run(void *argument) {
  request *r = argument;
  solve(r);
  pthread_mutex_lock(&r->lock);
  r->is_over = 1;
  pthread_cond_signal(&r->ended);
  pthread_mutex_unlock(&r->lock);
  return NULL;
}

/* Looks for Ctrl-C, and says how far the solve is where that is wanted. */
static void look(void *argument) {
  request *r = argument;
  R_CheckUserInterrupt();
  if (r->is_verbose)
    REprintf("\r%lld supports, relative residual %.4g ", (long long)__atomic_load_n(&r->watch.iteration, __ATOMIC_RELAXED),
             r->watch.best);
}

/* Solves, and returns whether Ctrl-C ended it. Nothing here may jump while the thread runs: R's jump of Ctrl-C ends
   in R_ToplevelExec. */
static int solve_and_wait(request *r) {
  pthread_condattr_t clock;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_mutex_init(&r->lock, NULL);
  pthread_cond_init(&r->ended, &clock);
  pthread_condattr_destroy(&clock);
  /* Signals are R's: its thread alone takes them. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int failure = pthread_create(&thread, NULL, run, r);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  int is_interrupted = 0;
  if (failure) {
    r->status = SR_MEMORY;
    r->message = strdup(strerror(failure));
  } else {
    pthread_mutex_lock(&r->lock);
    while (!r->is_over) {
      struct timespec until;
      clock_gettime(CLOCK_MONOTONIC, &until);
      until.tv_nsec += 50000000; /* a twentieth of a second, in which nobody notices a delay */
      if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
      if (pthread_cond_timedwait(&r->ended, &r->lock, &until) != ETIMEDOUT || r->is_over) continue;
      pthread_mutex_unlock(&r->lock);
      if (!R_ToplevelExec(look, r)) {
        is_interrupted = 1;
        __atomic_store_n(&r->watch.stop, 1, __ATOMIC_RELAXED);
      }
      pthread_mutex_lock(&r->lock);
    }
    pthread_mutex_unlock(&r->lock);
    pthread_join(thread, NULL);
    if (r->is_verbose) REprintf("\n");
  }
  pthread_cond_destroy(&r->ended);
  pthread_mutex_destroy(&r->lock);
  return is_interrupted;
}

/* ---- From R ---- */

static SEXP element(SEXP list, const char *name) {
  SEXP names = getAttrib(list, R_NamesSymbol);
  for (R_xlen_t i = 0; i < xlength(names); i++)
    if (!strcmp(CHAR(STRING_ELT(names, i)), name)) return VECTOR_ELT(list, i);
  return R_NilValue;
}

/* Sets options: texts as they are, numbers as lists. */
static int set_options(request *r, sr_options *options, SEXP list) {
  SEXP names = getAttrib(list, R_NamesSymbol);
  for (R_xlen_t i = 0; i < xlength(list); i++) {
    const char *name = CHAR(STRING_ELT(names, i));
    SEXP value = VECTOR_ELT(list, i);
    int32_t status = isString(value)
                         ? sr_options_set(options, name, translateCharUTF8(STRING_ELT(value, 0)))
                         : sr_options_set_numbers(options, name, REAL(value), xlength(value));
    if (!is_well(r, status)) return 0;
  }
  return 1;
}

/* The numbers of a vector: of complex ones real and imaginary parts in turns, as C has them. */
static const double *numbers_of(SEXP x) { return isComplex(x) ? (const double *)COMPLEX(x) : REAL(x); }

static int64_t *widened(const int *values, R_xlen_t count) {
  int64_t *wide = malloc(sizeof *wide * (count ? count : 1));
  if (wide)
    for (R_xlen_t i = 0; i < count; i++) wide[i] = values[i];
  return wide;
}

/* Takes a matrix of double or complex numbers, which is borrowed, or the slots of a dgCMatrix. */
static int set_matrix(request *r, SEXP x) {
  if (isMatrix(x)) {
    r->matrix = numbers_of(x);
    r->rows = nrows(x);
    r->columns = ncols(x);
    return 1;
  }
  SEXP starts = element(x, "p"), rows = element(x, "i"), size = element(x, "Dim");
  r->starts = widened(INTEGER(starts), xlength(starts));
  r->row_indices = widened(INTEGER(rows), xlength(rows));
  r->values = numbers_of(element(x, "x"));
  r->rows = INTEGER(size)[0];
  r->columns = INTEGER(size)[1];
  return r->starts && r->row_indices;
}

/* ---- To R ---- */

static SEXP text(const char *value) { return mkCharCE(value, CE_UTF8); }

static SEXP texts(const char *(*line)(const sr_results *, int64_t, int64_t), const sr_results *results, int64_t place,
                  int64_t count) {
  SEXP lines = PROTECT(allocVector(STRSXP, count));
  for (int64_t i = 0; i < count; i++) SET_STRING_ELT(lines, i, text(line(results, place, i)));
  UNPROTECT(1);
  return lines;
}

static const char *notice(const sr_results *results, int64_t place, int64_t number) {
  return sr_results_notice(results, number);
}

/* What a solution is worth by the names wanted; NA where that is not defined. */
static SEXP measures(request *r, const sr_results *results, int64_t place, SEXP names) {
  SEXP values = PROTECT(allocVector(REALSXP, xlength(names)));
  for (R_xlen_t i = 0; i < xlength(names); i++) {
    double value;
    const char *name = CHAR(STRING_ELT(names, i));
    int is_defined = (strcmp(name, "cp") || r->wants_cp) &&
                     !sr_results_measure(results, place, name, r->problem, &value);
    REAL(values)[i] = is_defined ? value : NA_REAL;
  }
  setAttrib(values, R_NamesSymbol, names);
  UNPROTECT(1);
  return values;
}

static SEXP coefficients_of(const sr_solution *found) {
  SEXP values = PROTECT(allocVector(found->imaginary_parts ? CPLXSXP : REALSXP, found->count));
  for (int64_t i = 0; i < found->count; i++) {
    if (found->imaginary_parts) {
      COMPLEX(values)[i].r = found->coefficients[i];
      COMPLEX(values)[i].i = found->imaginary_parts[i];
    } else {
      REAL(values)[i] = found->coefficients[i];
    }
  }
  UNPROTECT(1);
  return values;
}

static SEXP as_solution(request *r, const sr_results *results, int64_t place, SEXP names) {
  const char *fields[] = {"k",         "support",  "coefficients",      "intercept", "residual_norm",
                          "relative_residual", "evaluated", "explored", "passes",    "rounds",
                          "ended",     "found_by", "engine",            "gap",       "warnings",
                          "measures",  ""};
  sr_solution found = {.size = sizeof found};
  if (sr_results_solution(results, place, &found)) error("%s", sr_last_error());
  SEXP solution = PROTECT(mkNamed(VECSXP, fields));
  SET_VECTOR_ELT(solution, 0, ScalarInteger((int)found.sparsity));
  SEXP support = SET_VECTOR_ELT(solution, 1, allocVector(INTSXP, found.count));
  for (int64_t i = 0; i < found.count; i++) INTEGER(support)[i] = (int)found.support[i] + 1;
  SET_VECTOR_ELT(solution, 2, coefficients_of(&found));
  const double numbers[] = {found.intercept,           found.residual_norm,   found.relative_residual,
                            (double)found.iterations,  (double)found.explored, (double)found.matrix_passes,
                            (double)found.rounds};
  for (int i = 0; i < 7; i++) SET_VECTOR_ELT(solution, 3 + i, ScalarReal(numbers[i]));
  const char *words[] = {found.stop_reason, found.found_by, found.engine};
  for (int i = 0; i < 3; i++) SET_VECTOR_ELT(solution, 10 + i, ScalarString(text(words[i])));
  SET_VECTOR_ELT(solution, 13, ScalarReal(ISNAN(found.optimality_gap) ? NA_REAL : found.optimality_gap));
  SET_VECTOR_ELT(solution, 14, texts(sr_results_warning, results, place, found.warnings));
  SET_VECTOR_ELT(solution, 15, measures(r, results, place, names));
  UNPROTECT(1);
  return solution;
}

/* What came of one path, or of a solve: its solutions, what was compared and chosen (counted from one), and notices. */
static SEXP as_path(request *r, const sr_results *results, SEXP wanted) {
  const char *fields[] = {"solutions", "numbers", "chosen", "notices", ""};
  SEXP number_names = element(wanted, "numbers"), criteria = element(wanted, "criteria");
  SEXP path = PROTECT(mkNamed(VECSXP, fields));
  int64_t count = sr_results_count(results);
  SEXP solutions = SET_VECTOR_ELT(path, 0, allocVector(VECSXP, count));
  for (int64_t i = 0; i < count; i++)
    SET_VECTOR_ELT(solutions, i, as_solution(r, results, i, element(wanted, "measures")));
  SEXP numbers = SET_VECTOR_ELT(path, 1, allocVector(VECSXP, xlength(number_names)));
  setAttrib(numbers, R_NamesSymbol, number_names);
  for (R_xlen_t i = 0; i < xlength(number_names); i++) {
    const double *values = NULL;
    int64_t length = sr_results_numbers(results, CHAR(STRING_ELT(number_names, i)), &values);
    SEXP copy = SET_VECTOR_ELT(numbers, i, allocVector(REALSXP, length));
    if (length) memcpy(REAL(copy), values, sizeof(double) * length);
  }
  SEXP chosen = SET_VECTOR_ELT(path, 2, allocVector(INTSXP, xlength(criteria)));
  setAttrib(chosen, R_NamesSymbol, criteria);
  for (R_xlen_t i = 0; i < xlength(criteria); i++)
    INTEGER(chosen)[i] = (int)sr_results_chosen_by(results, CHAR(STRING_ELT(criteria, i))) + 1;
  sr_solution first = {.size = sizeof first};
  int64_t notices = count && !sr_results_solution(results, 0, &first) ? first.notices : 0;
  SET_VECTOR_ELT(path, 3, texts(notice, results, 0, notices));
  UNPROTECT(1);
  return path;
}

/* x: a matrix of doubles, or the slots of a dgCMatrix; y: as many numbers as x has rows, or a matrix of such columns;
   both complex where the option of the problem says so;
   k: one number, or the ends of a path; the options of the problem and of the solve; and what is wanted of the
   results: names of numbers, criteria and measures, whether there is one support for all observations, Cp, and lines
   that say how far it is.
   Answers with the status, the message of what went wrong, whether Ctrl-C ended it, and the paths. */
static SEXP c_solve(SEXP x, SEXP y, SEXP k, SEXP of_problem, SEXP of_solve, SEXP wanted) {
  request *r = calloc(1, sizeof *r);
  if (!r) error("out of memory");
  SEXP handle = PROTECT(R_MakeExternalPtr(r, R_NilValue, R_NilValue));
  R_RegisterCFinalizerEx(handle, end_request, TRUE);
  r->observations = numbers_of(y);
  r->count = isMatrix(y) ? ncols(y) : 1;
  r->least = (int64_t)REAL(k)[0];
  r->most = (int64_t)REAL(k)[xlength(k) - 1];
  r->is_path = xlength(k) > 1;
  r->wants_cp = asLogical(element(wanted, "cp"));
  r->is_verbose = asLogical(element(wanted, "verbose"));
  int64_t places = r->is_path && !asLogical(element(wanted, "joint")) ? r->count : 1;
  r->results = calloc(places, sizeof *r->results);
  r->of_problem = sr_options_create();
  r->of_solve = sr_options_create();
  int is_interrupted = 0;
  if (!r->results || !set_matrix(r, x)) error("out of memory");
  r->places = places;
  if (set_options(r, r->of_problem, of_problem) && set_options(r, r->of_solve, of_solve))
    is_interrupted = solve_and_wait(r);
  const char *fields[] = {"status", "message", "interrupted", "paths", ""};
  SEXP answer = PROTECT(mkNamed(VECSXP, fields));
  SET_VECTOR_ELT(answer, 0, ScalarInteger(r->status));
  SET_VECTOR_ELT(answer, 1, ScalarString(text(r->message ? r->message : "")));
  SET_VECTOR_ELT(answer, 2, ScalarLogical(is_interrupted));
  SEXP paths = SET_VECTOR_ELT(answer, 3, allocVector(VECSXP, r->status ? 0 : places));
  for (R_xlen_t i = 0; i < xlength(paths); i++) SET_VECTOR_ELT(paths, i, as_path(r, r->results[i], wanted));
  end_request(handle);
  UNPROTECT(2);
  return answer;
}

/* ---- What there is ---- */

/* Lines about things, by their names. */
static SEXP listed(int64_t count, const char *(*name)(const char *, int64_t), const char *(*help)(const char *, int64_t),
                   const char *owner) {
  SEXP lines = PROTECT(allocVector(STRSXP, count)), names = PROTECT(allocVector(STRSXP, count));
  for (int64_t i = 0; i < count; i++) {
    SET_STRING_ELT(names, i, text(name(owner, i)));
    SET_STRING_ELT(lines, i, text(help(owner, i)));
  }
  setAttrib(lines, R_NamesSymbol, names);
  UNPROTECT(2);
  return lines;
}

static SEXP c_options(SEXP owner) {
  const char *name = translateCharUTF8(STRING_ELT(owner, 0));
  int64_t count = 0;
  while (sr_option_name(name, count)) count++;
  return listed(count, sr_option_name, sr_option_help, name);
}

static const char *algorithm_name(const char *unused, int64_t place) { return sr_algorithm_name(place); }
static const char *algorithm_summary(const char *unused, int64_t place) { return sr_algorithm_summary(place); }

static SEXP c_algorithms(void) {
  int64_t count = 0;
  while (sr_algorithm_name(count)) count++;
  return listed(count, algorithm_name, algorithm_summary, NULL);
}

/* A column for each field. */
static SEXP c_devices(void) {
  const char *fields[] = {"name", "platform", "driver", "kind", "memory", "has_double", ""};
  R_xlen_t count = sr_device_count();
  SEXP table = PROTECT(mkNamed(VECSXP, fields));
  for (int i = 0; i < 6; i++) SET_VECTOR_ELT(table, i, allocVector(i < 4 ? STRSXP : i < 5 ? REALSXP : LGLSXP, count));
  for (R_xlen_t i = 0; i < count; i++) {
    sr_device device = {.size = sizeof device};
    if (sr_device_describe(i, &device)) error("%s", sr_last_error());
    const char *words[] = {device.name, device.platform, device.driver, device.kind};
    for (int j = 0; j < 4; j++) SET_STRING_ELT(VECTOR_ELT(table, j), i, text(words[j]));
    REAL(VECTOR_ELT(table, 4))[i] = (double)device.memory;
    LOGICAL(VECTOR_ELT(table, 5))[i] = device.has_double;
  }
  UNPROTECT(1);
  return table;
}

static const R_CallMethodDef methods[] = {{"solve", (DL_FUNC)&c_solve, 6},
                                          {"options", (DL_FUNC)&c_options, 1},
                                          {"algorithms", (DL_FUNC)&c_algorithms, 0},
                                          {"devices", (DL_FUNC)&c_devices, 0},
                                          {NULL, NULL, 0}};

void R_init_sparserecovery(DllInfo *library) {
  if (sr_abi_version() != SR_ABI_VERSION)
    error("expected version %d of the interface of libsparse_recovery.so, found %d: install the package anew",
          SR_ABI_VERSION, sr_abi_version());
  /* Before the library has threads. */
  sr_use_this_processor();
  R_registerRoutines(library, NULL, methods, NULL, NULL);
  R_useDynamicSymbols(library, FALSE);
  R_forceSymbols(library, TRUE);
}
