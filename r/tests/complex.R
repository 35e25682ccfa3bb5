# Complex numbers, beside orthogonal matching pursuit and least squares by hand.
library(sparserecovery)
# What drops imaginary parts says so in a warning alone.
options(warn = 2)

refused <- function(expression, ...) {
  said <- tryCatch({ force(expression); "nothing was refused" }, sparse_recovery_error = conditionMessage)
  for (words in c(...)) if (!grepl(words, said, fixed = TRUE)) stop("expected \"", words, "\" in: ", said)
}
draw <- function(...) array(complex(real = rnorm(prod(...)), imaginary = rnorm(prod(...))), c(...))
fit_on <- function(x, y, columns, weights = 1) {
  x <- sqrt(weights) * x[, columns, drop = FALSE]
  drop(solve(Conj(t(x)) %*% x, Conj(t(x)) %*% (sqrt(weights) * y)))
}
squares <- function(x, y, columns) sum(Mod(y - x[, columns, drop = FALSE] %*% fit_on(x, y, columns))^2)

set.seed(1)
m <- 30
x <- draw(m, 50)
dimnames(x) <- list(NULL, paste0("v", 1:50))
truth <- c(v3 = 1 + 2i, v20 = -3i, v41 = 2 + 0i)
places <- c(v3 = 3L, v20 = 20L, v41 = 41L)
exact <- drop(x[, places] %*% truth)
y <- exact + 0.3 * c(draw(m))

# What was put in, and least squares on the support.
fit <- sparse_recovery(x, exact, 3)
stopifnot(identical(support(fit), places), is.complex(coef(fit)), all.equal(coef(fit), truth))
fit <- sparse_recovery(x, y, 3)
stopifnot(identical(support(fit), places), all.equal(unname(coef(fit)), unname(fit_on(x, y, places))),
          all.equal(deviance(fit), squares(x, y, places)), !fit$intercept)

# Every support of three columns, and orthogonal matching pursuit.
few <- x[1:8, 1:12]
least <- min(apply(combn(12, 3), 2, function(columns) squares(few, y[1:8], columns)))
stopifnot(all.equal(deviance(sparse_recovery(few, y[1:8], 3)), least))
pursuit <- function(x, y, k) {
  columns <- integer()
  residual <- y
  for (step in seq_len(k)) {
    products <- Mod(drop(Conj(t(x)) %*% residual)) / sqrt(colSums(Mod(x)^2))
    columns <- c(columns, which.max(replace(products, columns, -1)))
    residual <- y - drop(x[, columns, drop = FALSE] %*% fit_on(x, y, columns))
  }
  unname(sort(columns))
}
for (k in c(1, 4, 9))
  stopifnot(identical(unname(support(sparse_recovery(x, y, k, algorithm = "omp"))), pursuit(x, y, k)))

# What is asked of a fit.
stopifnot(all.equal(coef(fit, full = TRUE)[places], coef(fit)), length(coef(fit, full = TRUE)) == 50,
          all.equal(unname(fitted(fit)), drop(x[, places] %*% coef(fit)), check.attributes = FALSE),
          all.equal(residuals(fit), y - fitted(fit)), all.equal(residuals(fit, type = "pearson"), y - fitted(fit)),
          all.equal(predict(fit, x), fitted(fit)), all.equal(predict(fit, x[4:6, ]), fitted(fit)[4:6]),
          all.equal(unname(predict(fit, x[7, ])), unname(fitted(fit)[7])),
          all.equal(unname(predict(fit, Re(x))), drop(Re(x)[, places] %*% coef(fit)), check.attributes = FALSE),
          identical(variable.names(fit), names(places)))
for (object in list(fit, summary(fit))) stopifnot(any(grepl("[0-9][+-][0-9.]+i", capture.output(print(object)))))

# Both parts of a number count, so that the likelihood is that of the parts as real numbers.
apart <- function(z) rbind(Re(z), Im(z))
parts <- cbind(apart(x[, places]), apart(1i * x[, places]))
reference <- lm(apart(cbind(y)) ~ parts - 1)
stopifnot(nobs(fit) == 60, df.residual(fit) == 54, all.equal(as.numeric(logLik(fit)), as.numeric(logLik(reference))),
          all.equal(AIC(fit), AIC(reference)), all.equal(BIC(fit), BIC(reference)),
          all.equal(extractAIC(fit), extractAIC(reference)), all.equal(sigma(fit), sigma(reference)),
          all.equal(criteria(fit)$aic, extractAIC(reference)[2]),
          all.equal(criteria(fit)$bic, extractAIC(reference, k = log(60))[2]))

# Where one of both is real, a column, a data frame, and numbers that are whole.
real <- sparse_recovery(x, Re(y), 3)
stopifnot(is.complex(coef(real)), all.equal(coef(real), coef(sparse_recovery(x, Re(y) + 0i, 3))))
target <- drop(Re(x)[, places] %*% truth)
stopifnot(all.equal(coef(sparse_recovery(Re(x), target, 3)), truth),
          all.equal(coef(sparse_recovery(data.frame(Re(x)), target, 3)), truth),
          all.equal(coef(sparse_recovery(data.frame(x), exact, 3)), truth),
          all.equal(coef(sparse_recovery(data.frame(a = Re(x[, 1]), x), exact, 3)), truth),
          all.equal(unname(coef(sparse_recovery(x[, 3], exact, 1))), unname(fit_on(x, exact, 3))))
frame <- data.frame(y = target, Re(x), kind = factor(rep(c("a", "b", "c"), 10)))
stopifnot(all.equal(coef(sparse_recovery(y ~ . - 1 - kind, frame, 3)), truth),
          all.equal(coef(sparse_recovery(frame[-1], frame$y, 3)), truth),
          "kinda" %in% sparse_recovery(frame[-1], frame$y, 3)$columns)
stopifnot(all.equal(unname(predict(sparse_recovery(y ~ . - 1, frame, 3), frame[2:3, ])), target[2:3]))
if (requireNamespace("Matrix", quietly = TRUE)) {
  sparse <- Matrix::Matrix(Re(x) * (abs(Re(x)) > 0.5), sparse = TRUE)
  observed <- drop(as.matrix(sparse)[, places] %*% truth)
  found <- sparse_recovery(sparse, observed, 3)
  stopifnot(all.equal(coef(found), truth), all.equal(predict(found, sparse), observed, check.attributes = FALSE),
            all.equal(unname(fitted(found)), unname(observed)))
}

# Weights, a ridge, columns and groups by name, where to start from, other supports.
w <- rep(0:2, 10)
fit <- sparse_recovery(x, y, 3, weights = w)
stopifnot(all.equal(unname(coef(fit)), unname(fit_on(x, y, support(fit), w))), nobs(fit) == 40)
counted <- sparse_recovery(x, y, 3, weights = w, frequency_weights = TRUE)
long <- rep(seq_len(m), w)
stopifnot(nobs(counted) == 60, all.equal(AIC(counted), AIC(sparse_recovery(x[long, ], y[long], 3))))
ridge <- sparse_recovery(x, y, 3, ridge = 5)
z <- x[, support(ridge)]
stopifnot(all.equal(unname(coef(ridge)), drop(solve(Conj(t(z)) %*% z + 5 * diag(3), Conj(t(z)) %*% y)),
                    check.attributes = FALSE))
stopifnot("v7" %in% names(support(sparse_recovery(x, y, 3, include = "v7"))),
          !"v20" %in% names(support(sparse_recovery(x, y, 3, exclude = "v20"))),
          length(support(sparse_recovery(x, y, 2, column_groups = rep(1:25, each = 2)))) == 4)
for (start in list(replace(complex(50), places, truth), replace(numeric(50), places, 1)))
  stopifnot(identical(support(sparse_recovery(x, exact, 3, algorithm = "sea", start = start, iterations = 1)), places))
others <- alternatives(sparse_recovery(x, y, 3, alternatives = 2))
stopifnot(nrow(others) == 3, !is.unsorted(others$loss))

# Paths, and draws of whole rows.
path <- sparse_recovery(x, y, 0:6, criterion = c("cv", "ebic"), folds = 5, subsample = 3, algorithm = "omp")
stopifnot(identical(support(path), places), dim(path$paths$frequencies) == c(7, 50),
          path$paths$frequencies["3", names(places)] == 1, is.complex(coef(path, 1:3)), is.complex(coef(path, 0)),
          all.equal(coef(path, 1:3)[names(places), 3], coef(path, 3)), length(predict(path, x, k = 0)) == m,
          all.equal(unname(predict(path, x, k = 1:2)), unname(cbind(fitted(path, 1), fitted(path, 2)))))
held <- rep(1:3, 10)
own <- sparse_recovery(x, y, 1:3, criterion = "cv", fold_labels = held, algorithm = "omp")
by_hand <- sapply(1:3, function(fold) sapply(1:3, function(k) {
  rows <- held != fold
  columns <- pursuit(x[rows, ], y[rows], k)
  mean(Mod(y[!rows] - x[!rows, columns, drop = FALSE] %*% fit_on(x[rows, ], y[rows], columns))^2)
}))
stopifnot(all.equal(unname(own$paths$fold_errors), by_hand))

# Several observations.
several <- cbind(one = y, two = drop(x[, places] %*% (1i * rev(truth))) + 0.1 * c(draw(m)))
together <- sparse_recovery(x, several, 0:5, joint = TRUE, criterion = "cv")
stopifnot(identical(support(together), places), is.complex(coef(together)), dim(fitted(together)) == c(m, 2),
          all.equal(unname(coef(together)[, "two"]), unname(fit_on(x, several[, 2], places))),
          all.equal(deviance(together), c(one = squares(x, y, places), two = squares(x, several[, 2], places))))
each <- sparse_recovery(x, several, 3)
stopifnot(inherits(each, "sparse_recovery_list"), is.complex(coef(each)), is.complex(residuals(each)),
          all.equal(coef(each$one), coef(sparse_recovery(x, y, 3))), is.complex(predict(each, x)))

# All that prints and draws does so.
pdf(NULL)
for (object in list(path, fit, together, each, own)) {
  capture.output(print(object), print(summary(object)))
  if (inherits(object, "sparse_recovery")) plot(object)
}
for (which in c("criterion", "coefficients", "support")) plot(path, which)
invisible(dev.off())

# What has no meaning is refused by name.
refused(sparse_recovery(x, y, 3, intercept = TRUE), "intercept: expected FALSE with complex numbers, found TRUE", "ones")
refused(sparse_recovery(y ~ ., frame, 3), "intercept: expected FALSE", "formula - 1")
refused(sparse_recovery(y ~ z, data.frame(y, z = x[, 1]), 1), "formula: expected real variables, found complex z")
refused(sparse_recovery(x, Re(y), 3, family = "huber", huber_threshold = 1), "family: expected gaussian with complex")
refused(sparse_recovery(x, Re(y) > 0, 3, family = "binomial"), "family: expected gaussian with complex")
refused(sparse_recovery(Re(x), y, 3, family = "poisson"), "family: expected gaussian with complex")
refused(sparse_recovery(x, y, 3, standardize = TRUE), "standardize: expected off for complex columns")
refused(sparse_recovery(x, y, 3, nonnegative = TRUE), "nonnegative: expected off for complex columns")
refused(sparse_recovery(x, y, 3, algorithm = "bnb"), "bnb cannot solve with complex columns")
refused(sparse_recovery(x, y, 3, complex = TRUE), "complex: expected no option of this name", "where x or y is")
refused(sparse_recovery(Re(x), Re(y), 3, complex = TRUE), "complex: expected no option of this name")
refused(sparse_recovery(x, y, 3, weights = complex(m)), "weights: expected numbers")
refused(sparse_recovery(x, y, 3, ridge = 1i), "ridge: expected a finite number")
refused(sparse_recovery(x, y, 51), "k: expected at most 50")
refused(sparse_recovery(x, y[-1], 3), "y: expected 30 values")
refused(sparse_recovery(replace(x, 64, NA), y, 3), "found NA or NaN in row 4, column \"v3\" of x")
refused(sparse_recovery(replace(x, 64, complex(real = 1, imaginary = Inf)), y, 3), "row 4, column \"v3\" of x")
refused(sparse_recovery(x, replace(y, 3, NA), 3), "found NA or NaN at index 3 of y")
refused(sparse_recovery(Re(x), Re(y), 3, algorithm = "sea", start = complex(50)), "start: expected real numbers")
refused(sparse_recovery(x, y, 3, algorithm = "sea", start = complex(49)), "start vector of length 50")
refused(sparse_recovery(x, y, 3, algorithm = "sea", start = "a"), "start: expected a number for each column")
refused(predict(sparse_recovery(Re(x), Re(y), 3), x), "newdata: expected real numbers, as those of the fit")
stopifnot(!"complex" %in% sparse_recovery_options()$option)
