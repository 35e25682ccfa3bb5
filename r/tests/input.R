# What is refused says what was expected and what was found, and what is odd but right is solved.
library(sparserecovery)

refused <- function(expression, ...) {
  said <- tryCatch({ force(expression); "nothing was refused" }, error = conditionMessage)
  for (words in c(...)) if (!grepl(words, said, fixed = TRUE)) stop("expected \"", words, "\" in: ", said)
}
set.seed(1)
x <- matrix(rnorm(180), 30, dimnames = list(NULL, letters[1:6]))
y <- 2 * x[, "b"] - x[, "e"] + 0.1 * rnorm(30)

# k.
refused(sparse_recovery(x, y, 7), "k: expected at most 6 (the columns of x), found 7")
for (k in list(-1, 2.5, "a", NA, TRUE, NULL[0], c(1, NA), numeric()))
  if (!is.null(k)) refused(sparse_recovery(x, y, k), "k: expected a whole number of columns")
refused(sparse_recovery(x, y, c(1, 3)), "k: expected one number, or all from one to another such as 1:20, found 1, 3")
refused(sparse_recovery(x, y, 1:2, include = 1:3), "expected at least 3")
stopifnot(all.equal(coef(sparse_recovery(x, y, 0)), c("(Intercept)" = mean(y))),
          length(coef(sparse_recovery(x, y, 0, intercept = FALSE))) == 0,
          identical(sparse_recovery(x, y, 3:1)$k, 1:3), sparse_recovery(x, y, include = c("a", "c"))$k[1] == 2)

# x.
refused(sparse_recovery(replace(x, 64, NA), y, 2), "found NA or NaN in row 4, column \"c\" of x", "na.action")
refused(sparse_recovery(replace(x, 64, -Inf), y, 2), "inf in row 4, column \"c\" of x")
refused(sparse_recovery(matrix("a", 3, 3), 1:3, 2), "x: expected a numeric or complex matrix", "found a character matrix")
refused(sparse_recovery(list(1, 2), 1:3, 1), "x: expected a numeric or complex matrix", "class list")
refused(sparse_recovery(NULL, 1:3, 1), "x: expected a numeric or complex matrix")
refused(sparse_recovery(x[, 0], y, 1), "x: expected a column at least")
refused(sparse_recovery(x[0, ], y[0], 1), "empty")
refused(sparse_recovery(y ~ 1, k = 0), "x: expected a column at least")
refused(sparse_recovery(x[1, , drop = FALSE], y[1], 1), "explained by the intercept")
refused(sparse_recovery(cbind(rep(2, 30)), y, 1), "explained by the intercept")
refused(sparse_recovery(~ a, data.frame(x), 1), "y: expected an observation, found none")
refused(sparse_recovery(a ~ offset(b) + c, data.frame(x), 1), "no offset")
stopifnot(all.equal(coef(sparse_recovery(x[, 2], y, 1)), coef(lm(y ~ x[, 2])), check.attributes = FALSE),
          identical(names(support(sparse_recovery(unname(x), y, 2))), c("x2", "x5")))
whole <- round(10 * x)
storage.mode(whole) <- "integer"
stopifnot(all.equal(coef(sparse_recovery(whole, y, 2)), coef(sparse_recovery(whole + 0, y, 2))),
          all.equal(coef(sparse_recovery(x > 0, y, 2)), coef(sparse_recovery((x > 0) + 0, y, 2))))
twins <- x
colnames(twins) <- c("a", "b", "a", "d", "e", "f")
stopifnot(identical(names(support(sparse_recovery(twins, y, 6))), colnames(twins)),
          length(predict(sparse_recovery(twins, y, 2), twins)) == 30)
refused(sparse_recovery(twins, y, 2, include = "a"), "\"a\" twice", "give numbers")
said <- tryCatch(sparse_recovery(replace(x, 91:120, 0), y, 2), warning = conditionMessage)
stopifnot(said == "column \"d\" is zero and was never a candidate")
said <- tryCatch(sparse_recovery(replace(x, 61:120, 7), y, 2), warning = conditionMessage)
stopifnot(grepl("never candidates: \"c\", \"d\"", said, fixed = TRUE))
odd <- data.frame(y, `a b` = x[, 2], `if` = x[, 5], z = factor(rep(c("p", "q r", "s"), 10)), check.names = FALSE)
fit <- sparse_recovery(y ~ ., odd, 2)
stopifnot(identical(names(support(fit)), c("`a b`", "`if`")), all.equal(predict(fit, odd), fitted(fit)),
          all.equal(predict(sparse_recovery(odd[-1], y, 2), odd), fitted(fit), check.attributes = FALSE))

# y and weights.
refused(sparse_recovery(x, y[-1], 2), "y: expected 30 values (the rows of x), found 29")
refused(sparse_recovery(x, replace(y, 3, NA), 2), "found NA or NaN at index 3 of y")
refused(sparse_recovery(x, replace(y, 3, Inf), 2), "found inf at index 3 of y")
refused(sparse_recovery(x, letters[1:30 %% 26 + 1], 2), "y: expected numbers for the family gaussian", "binomial")
refused(sparse_recovery(x, letters[1:30 %% 3 + 1], 2, family = "binomial"), "labels of two kinds, found 3 kinds")
refused(sparse_recovery(x, y, 2, family = "binomial"), "expected 0 or 1, found", "at index 1 of y")
refused(sparse_recovery(x, -abs(y), 2, family = "poisson"), "expected at least 0")
refused(sparse_recovery(x, cbind(3, 1:30), 2, family = "binomial"), "found counts", "frequency_weights")
refused(sparse_recovery(x, y, 2, weights = 1:3), "expected 30 weights (the rows of x), found 3")
refused(sparse_recovery(x, y, 2, weights = -(1:30)), "found -1.0 at index 1")
refused(sparse_recovery(x, y, 2, weights = "a"), "weights: expected numbers")
stopifnot(all.equal(coef(sparse_recovery(replace(x, 1, NA), replace(y, 1, NA), 2, weights = rep(0:1, c(1, 29)))),
                    coef(sparse_recovery(x[-1, ], y[-1], 2))),
          length(coef(sparse_recovery(x, rep(3, 30), 2))) == 1)

# Options.
refused(sparse_recovery(x, y, 2, bogus = 1), "bogus: expected an option of sparse_recovery", "the nearest are")
refused(sparse_recovery(x, y, 2, time_limit = "soon"), "time_limit: expected seconds")
refused(sparse_recovery(x, y, 2, algorithm = "x"), "algorithm: expected one of portfolio")
refused(sparse_recovery(x, y, 2, algorithm = "omp", effort = "quick"), "omp")
refused(sparse_recovery(x, y, 2, family = "gamma"), "family: expected gaussian")
refused(sparse_recovery(x, y, 2, family = binomial("probit")), "the link logit, found probit")
refused(sparse_recovery(x, y, 2, family = "huber"), "huber_threshold")
refused(sparse_recovery(x, y, 2, include = "zz"), "include: expected names of columns", "\"zz\"")
refused(sparse_recovery(x, y, 2, include = 9), "include: expected columns from 1 to 6, found 9")
refused(sparse_recovery(x, y, 2, intercept = NA), "intercept: expected TRUE or FALSE, found NA")
refused(sparse_recovery(x, y, 2, ridge = c(1, 2)), "ridge: expected one value")
refused(sparse_recovery(x, y, 2, loss = "huber"), "the loss follows from family")
refused(sparse_recovery(x, y, 1:3, criterion = "best"), "criterion: expected some of aic, bic")
refused(sparse_recovery(x, y, 1:3, criterion = "cv", folds = 40), "folds: expected a number from 2 to 30")
refused(sparse_recovery(x, y, 2, "gaussian", NULL, TRUE, FALSE, NULL, 3), "expected options by name")
stopifnot(inherits(try(sparse_recovery(x, y, 2, threads = 0), silent = TRUE), "try-error"),
          all.equal(coef(sparse_recovery(x, y, 2, time.limit = 10, iterations = 1e5)), coef(sparse_recovery(x, y, 2))),
          inherits(tryCatch(sparse_recovery(x, y, 2, ridge = -1), sparse_recovery_error = identity),
                   "sparse_recovery_request_error"))
stopifnot(nrow(sparse_recovery_options()) > 30, "atoms_per_step" %in% sparse_recovery_options("gomp")$option,
          "bnb" %in% names(sparse_recovery_algorithms()), is.data.frame(sparse_recovery_devices()))
refused(sparse_recovery_options("none"), "owner: expected problem, solve, path or an algorithm")

# New data and fits.
fit <- sparse_recovery(x, y, 2)
refused(predict(fit, x[, 1:4]), "newdata: expected 6 columns")
refused(predict(fit, "a"), "numeric or complex matrix")
refused(predict(fit, x, type = "class"), "binomial")
refused(coef(fit, 3), "k: expected 2 (the only sparsity solved), found 3")
refused(coef(fit, "bic"), "found \"bic\"")
refused(formula(fit), "a fit of a formula")
refused(support(3), "object: expected a fit of sparse_recovery")
refused(predict(sparse_recovery(mpg ~ ., mtcars, 2), mtcars[, 2:3]), "not found")
stopifnot(all.equal(unname(predict(fit, x[4, ])), unname(fitted(fit)[4])), length(predict(fit, x[0, ])) == 0)

# A wide table, and a numeric matrix that is neither copied nor changed.
wide <- matrix(rnorm(500 * 5000), 500)
target <- drop(wide[, c(10, 200, 3000, 4999)] %*% c(1, -1, 2, 1)) + rnorm(500) / 4
before <- sum(wide)
stopifnot(support(sparse_recovery(wide, target, 4)) == c(10, 200, 3000, 4999), sum(wide) == before)
stopifnot(support(sparse_recovery(wide, target, 0:8, effort = "quick")) == c(10, 200, 3000, 4999))

# A collection at every allocation while results are read.
options <- sparserecovery:::checked_options(list(algorithm = "omp", criterion = "ebic"), letters[1:6])
options$problem <- list(loss = "squares", intercept = "true")
gctorture(TRUE)
found <- sparserecovery:::solve_columns(x, y, c(1, 4), options, "ebic", FALSE)
gctorture(FALSE)
stopifnot(identical(found$paths[[1]]$solutions[[2]]$support, c(2L, 5L)), found$paths[[1]]$chosen == 2)
