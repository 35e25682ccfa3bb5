# Solves from R, through sparse_recovery_r.c:
#
#   PKG_CPPFLAGS="-I Sources/CSparseRecovery/include" PKG_LIBS="dist/libsparse_recovery.so" \
#     R CMD SHLIB -o sparse_recovery_r.so Examples/languages/sparse_recovery_r.c
#   Rscript Examples/languages/sparse_recovery.R

dyn.load(Sys.getenv("SPARSE_RECOVERY_GLUE", "sparse_recovery_r.so"))
sparse_recovery <- function(A, y, k, ...) {
  options <- list(...)
  .Call("sparse_recovery_solve", A, as.double(y), as.integer(k),
        as.character(names(options)), vapply(options, function(o) tolower(as.character(o)), ""))
}

set.seed(1)
A <- matrix(rnorm(100 * 400), 100)
y <- 2 * A[, 8] - A[, 71] + 3 * A[, 301] + 1
x <- sparse_recovery(A, y, 3, intercept = TRUE, algorithm = "sea")
print(which(x != 0))
print(signif(x[x != 0], 6))
stopifnot(identical(which(x != 0), c(8L, 71L, 301L)))
refused <- tryCatch(sparse_recovery(A, y, 401), error = conditionMessage)
stopifnot(grepl("expected a sparsity from 1 to 400", refused))
