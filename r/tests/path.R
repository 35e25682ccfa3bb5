# Paths, what chooses from them, pictures, and several observations.
library(sparserecovery)

set.seed(1)
n <- 30
x <- matrix(rnorm(150 * n), 150, dimnames = list(NULL, paste0("v", 1:n)))
y <- drop(1 + x[, c(3, 8, 20)] %*% c(2, -1, 3) + 0.5 * rnorm(150))
path <- sparse_recovery(x, y, 0:8, criterion = c("ebic", "cv", "aic"))
stopifnot(identical(names(support(path)), c("v3", "v8", "v20")), path$chosen[["ebic"]] == 4,
          identical(support(path), support(path, 3)), identical(coef(path, "ebic"), coef(path, 3)),
          path$chosen[["aic"]] == which.min(path$comparison$aic), length(path$paths$standard_errors) == 9,
          dim(path$paths$fold_errors)[1] == 9, all.equal(rowMeans(path$paths$fold_errors), path$comparison$cv,
                                                         check.attributes = FALSE))
facts <- criteria(path)
stopifnot(nrow(facts) == 9, all(diff(facts$deviance) < 1e-9 * facts$deviance[1]), !is.null(facts$cv_standard_error))
for (k in 0:8) {
  reference <- if (k == 0) lm(y ~ 1) else lm(y ~ x[, support(path, k)])
  stopifnot(all.equal(coef(path, k), coef(reference), check.attributes = FALSE),
            all.equal(as.numeric(logLik(path, k)), as.numeric(logLik(reference))),
            all.equal(facts$bic[k + 1], extractAIC(reference, k = log(150))[2]))
}
# AIC of stats differs from that of the library by a constant.
stopifnot(diff(range(sapply(0:8, function(k) -2 * logLik(path, k) + 2 * attr(logLik(path, k), "df")) - facts$aic)) < 1e-8)
several <- coef(path, 1:3)
stopifnot(identical(colnames(several), c("1", "2", "3")), all.equal(several[c("v3", "v8", "v20"), 3], coef(path, 3)[-1]))
stopifnot(all.equal(predict(path, x[1:4, ], k = 2), fitted(path, 2)[1:4]))
stopifnot(all.equal(unname(predict(path, x, k = 1:3)), unname(cbind(fitted(path, 1), fitted(path, 2), fitted(path, 3)))),
          identical(colnames(predict(path, k = 0:8)), as.character(0:8)))
# Of one sparsity as of a path.
stopifnot(all.equal(coef(sparse_recovery(x, y, 3)), coef(path, 3)))
# Where k was left out, and where it ends early.
stopifnot(identical(sparse_recovery(x, y)$k, 0:20))
early <- sparse_recovery(x, y, 0:8, target_residual = 0.5)
stopifnot(max(early$k) < 3, early$solutions[[length(early$k)]]$relative_residual <= 0.5)

cut <- suppressMessages(sparse_recovery(x, y, 0:8, criterion = c("cv", "ebic"), time_limit = 0))
stopifnot(max(cut$k) < 8, grepl("ended at k = ", cut$notices[1]))

# Folds of the caller, by formula as variables of the data; draws.
data <- data.frame(y, x[, 1:10], site = rep(letters[1:5], 30))
folded <- sparse_recovery(y ~ . - site, data, 0:4, criterion = "cv", fold_labels = site)
stopifnot(ncol(folded$paths$fold_errors) == 5)
own <- sapply(letters[1:5], function(site) {
  held <- data$site == site
  sapply(0:4, function(k) {
    chosen <- c("y", names(support(sparse_recovery(y ~ . - site, data[!held, ], k))))
    mean((data$y[held] - predict(lm(y ~ ., data[!held, chosen, drop = FALSE]), data[held, ]))^2)
  })
})
stopifnot(all.equal(unname(folded$paths$fold_errors), unname(own)), all.equal(folded$comparison$cv, rowMeans(own)),
          all.equal(folded$paths$standard_errors, apply(own, 1, sd) / sqrt(5)))
drawn <- sparse_recovery(x, y, 1:4, subsample = 10, seed = 3)
stopifnot(dim(drawn$paths$frequencies) == c(4, n), drawn$paths$frequencies["3", c("v3", "v8", "v20")] > 0.9)

# The best subsets of leaps.
if (requireNamespace("leaps", quietly = TRUE)) {
  for (data in list(mtcars, swiss[c(1, 2:6)], attitude, longley[c(7, 1:6)])) {
    names(data)[1] <- "y"
    best <- summary(leaps::regsubsets(y ~ ., data, nvmax = ncol(data) - 1))
    for (algorithm in c("bnb", "exhaustive", "portfolio")) {
      found <- sapply(seq_len(ncol(data) - 1), function(k) deviance(sparse_recovery(y ~ ., data, k, algorithm = algorithm)))
      stopifnot(all.equal(found, as.numeric(best$rss), tolerance = 1e-7))
    }
    path <- sparse_recovery(y ~ ., data, seq_len(ncol(data) - 1), criterion = "bic")
    stopifnot(all.equal(criteria(path)$cp, as.numeric(best$cp), tolerance = 1e-6),
              path$chosen[["bic"]] == which.min(best$bic), all.equal(criteria(path)$deviance, as.numeric(best$rss)))
  }
}
fit <- sparse_recovery(mpg ~ ., mtcars, 4, algorithm = "bnb")
stopifnot(fit$solutions[[1]]$gap <= 1e-8, fit$solutions[[1]]$found_by == "bnb")
others <- alternatives(sparse_recovery(mpg ~ ., mtcars, 3, alternatives = 3))
stopifnot(nrow(others) == 4, !is.unsorted(others$loss), all(lengths(others$support) == 3))

# Several observations, with one support and apart.
together <- sparse_recovery(cbind(mpg, qsec) ~ ., mtcars, 0:4, joint = TRUE)
reference <- lm(reformulate(names(support(together)), "cbind(mpg, qsec)"), mtcars)
stopifnot(all.equal(coef(together), coef(reference)), all.equal(fitted(together), fitted(reference)),
          all.equal(deviance(together), deviance(reference)), all.equal(residuals(together), residuals(reference)),
          all.equal(predict(together, mtcars[1:3, ]), predict(reference, mtcars[1:3, ])))
one <- sparse_recovery(cbind(mpg, qsec) ~ ., mtcars, 2, joint = TRUE)
stopifnot(identical(support(one), support(together, 2)))
apart <- sparse_recovery(cbind(mpg, qsec) ~ ., mtcars, 3)
stopifnot(identical(names(apart), c("mpg", "qsec")),
          all.equal(coef(apart$qsec), coef(sparse_recovery(qsec ~ . - mpg, mtcars, 3))),
          all.equal(predict(apart, mtcars)[, "mpg"], fitted(apart$mpg)), dim(fitted(apart)) == c(32, 2))
paths <- suppressMessages(sparse_recovery(cbind(mpg, qsec) ~ ., mtcars, 0:4))
stopifnot(inherits(paths, "sparse_recovery_list"), length(paths$mpg$k) == 5)

# All that prints and draws does so.
pdf(NULL)
for (object in list(path, fit, together, drawn, apart, one, sparse_recovery(x, y, 0), early, cut)) {
  capture.output(print(object), print(summary(object)))
  if (inherits(object, "sparse_recovery")) plot(object)
}
for (which in c("criterion", "coefficients", "support")) plot(path, which)
plot(sparse_recovery(x, y, 0:4, criterion = c("ebic", "cv")), criterion = "cv")
invisible(dev.off())
