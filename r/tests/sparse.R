# Sparse matrices, where Matrix is installed.
library(sparserecovery)

if (requireNamespace("Matrix", quietly = TRUE)) {
  set.seed(1)
  x <- Matrix::rsparsematrix(400, 300, 0.05)
  colnames(x) <- paste0("v", 1:300)
  y <- drop(as.matrix(x[, c(7, 70, 200)] %*% c(2, -1, 3))) + 0.05 * rnorm(400)
  fit <- sparse_recovery(x, y, 3)
  dense <- sparse_recovery(as.matrix(x), y, 3)
  stopifnot(identical(support(fit), c(v7 = 7L, v70 = 70L, v200 = 200L)), all.equal(coef(fit), coef(dense)),
            all.equal(fitted(fit), fitted(dense), check.attributes = FALSE),
            all.equal(predict(fit, x[1:5, ]), predict(dense, as.matrix(x[1:5, ])), check.attributes = FALSE),
            all.equal(predict(fit, x[, 300:1]), fitted(fit)), all.equal(criteria(fit)$bic, criteria(dense)$bic))
  # Zeros that are stored; truths, triplets, rows and patterns.
  stored <- x
  stored@x[1:10] <- 0
  stopifnot(all.equal(coef(sparse_recovery(stored, y, 3)), coef(sparse_recovery(as.matrix(stored), y, 3))))
  for (kind in c("TsparseMatrix", "RsparseMatrix"))
    stopifnot(all.equal(coef(sparse_recovery(as(x, kind), y, 3)), coef(fit)))
  stopifnot(all.equal(coef(sparse_recovery(x != 0, y, 3)), coef(sparse_recovery(as.matrix(x != 0) + 0, y, 3))))
  # A dense one of Matrix, a design of factors, a path, weights.
  stopifnot(all.equal(coef(sparse_recovery(Matrix::Matrix(as.matrix(x), sparse = FALSE), y, 3)), coef(dense)))
  design <- Matrix::sparse.model.matrix(~ feed - 1, chickwts)
  stopifnot(all.equal(coef(sparse_recovery(design, chickwts$weight, 2)),
                      coef(sparse_recovery(as.matrix(design), chickwts$weight, 2))))
  stopifnot(identical(support(sparse_recovery(x, y, 0:6)), support(fit)))
  w <- rep(1:4, 100)
  stopifnot(all.equal(coef(sparse_recovery(x, y, 3, weights = w)), coef(lm(y ~ as.matrix(x[, c(7, 70, 200)]), weights = w)),
                      check.attributes = FALSE))
  bad <- x
  bad@x[1] <- NA
  said <- tryCatch(sparse_recovery(bad, y, 3), error = conditionMessage)
  stopifnot(grepl("NA or NaN", said))
}
