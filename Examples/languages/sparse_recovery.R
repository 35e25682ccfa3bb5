# Solves from R, through sparse_recovery_r.c:
#
#   PKG_CPPFLAGS="-I Sources/CSparseRecovery/include" PKG_LIBS="dist/libsparse_recovery.so" \
#     R CMD SHLIB -o sparse_recovery_r.so Examples/languages/sparse_recovery_r.c
#   Rscript Examples/languages/sparse_recovery.R

dyn.load(Sys.getenv("SPARSE_RECOVERY_GLUE", "sparse_recovery_r.so"))
call_sparse_recovery <- function(A, Y, k, ...) {
  options <- list(...)
  storage.mode(A) <- storage.mode(Y) <- "double"
  .Call("sparse_recovery_call", A, Y, as.double(k), gsub("_", "-", as.character(names(options))),
        vapply(options, function(o) tolower(as.character(o)), ""))
}
# The coefficients: a vector, or a column for each observation.
sparse_recovery <- function(A, Y, k, ...) drop(call_sparse_recovery(A, Y, k, ...)[[1]])
# Every sparsity from k[1] to k[2]; several observations have one support.
sparse_path <- function(A, Y, k, ...) {
  found <- call_sparse_recovery(A, Y, k, ...)
  x <- drop(array(found[[1]], c(ncol(A), NCOL(Y), ncol(found[[1]]) / NCOL(Y))))
  list(coefficients = x, chosen = found[[2]], criterion = found[[3]])
}

set.seed(1)
A <- matrix(rnorm(100 * 400), 100)
y <- 2 * A[, 8] - A[, 71] + 3 * A[, 301] + 1
x <- sparse_recovery(A, y, 3, intercept = TRUE, algorithm = "sea")
print(which(x != 0))
print(signif(x[x != 0], 6))
stopifnot(identical(which(x != 0), c(8L, 71L, 301L)))

# How many columns? Every number of them, and the extended BIC.
path <- sparse_path(A, y + 0.3 * rnorm(100), c(1, 6), intercept = TRUE, criterion = "ebic", effort = "quick")
print(signif(path$criterion, 5))
x <- path$coefficients[, path$chosen]
print(which(x != 0))
stopifnot(path$chosen == which.min(path$criterion), identical(which(x != 0), c(8L, 71L, 301L)))

# One support for several observations.
Y <- cbind(y, A[, c(8, 71, 301)] %*% c(-1, 2, 0.5)) + 0.3 * rnorm(200)
X <- sparse_recovery(A, Y, 3, intercept = TRUE, joint = TRUE)
print(which(rowSums(X != 0) > 0))
stopifnot(identical(which(X[, 1] != 0), c(8L, 71L, 301L)), identical(X[, 1] != 0, X[, 2] != 0))
together <- sparse_path(A, Y, c(1, 5), intercept = TRUE, criterion = "ebic", effort = "quick")
stopifnot(dim(together$coefficients) == c(400, 2, 5), together$chosen == 3)

# Labels instead of numbers, some of them wrong: logistic regression.
labels <- as.numeric((y > 1) != (seq_len(100) %% 12 == 0))
x <- sparse_recovery(A, labels, 3, intercept = TRUE, loss = "logistic")
stopifnot(301 %in% which(x != 0), sum(x != 0) == 3)

refused <- tryCatch(sparse_recovery(A, y, 401), error = conditionMessage)
stopifnot(grepl("expected a sparsity from 1 to 400", refused))
