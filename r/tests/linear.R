# Least squares by formula, beside lm on the support found.
library(sparserecovery)

same <- function(fit, reference, data = NULL) {
  stopifnot(
    all.equal(coef(fit), coef(reference)), all.equal(fitted(fit), fitted(reference)),
    all.equal(residuals(fit), residuals(reference)), all.equal(deviance(fit), deviance(reference)),
    all.equal(as.numeric(logLik(fit)), as.numeric(logLik(reference))), all.equal(AIC(fit), AIC(reference)), all.equal(BIC(fit), BIC(reference)),
    # extractAIC of lm counts rows of weight 0, unlike logLik.
    any(weights(fit) == 0) || all.equal(extractAIC(fit), extractAIC(reference)), nobs(fit) == nobs(reference),
    df.residual(fit) == df.residual(reference), all.equal(sigma(fit), sigma(reference)),
    all.equal(residuals(fit, type = "pearson"), residuals(reference, type = "pearson")))
  if (!is.null(data)) stopifnot(all.equal(predict(fit, data), predict(reference, data)))
}

# Every subset, by hand: there is no better one.
fit <- sparse_recovery(mpg ~ ., data = mtcars, k = 3)
losses <- apply(combn(names(mtcars)[-1], 3), 2, function(names) deviance(lm(reformulate(names, "mpg"), mtcars)))
stopifnot(all.equal(deviance(fit), min(losses)), identical(names(support(fit)), c("wt", "qsec", "am")),
          identical(variable.names(fit), c("(Intercept)", "wt", "qsec", "am")), support(fit) == c(5, 6, 8))
same(fit, lm(mpg ~ wt + qsec + am, mtcars), head(mtcars))
stopifnot(identical(formula(fit), mpg ~ cyl + disp + hp + drat + wt + qsec + vs + am + gear + carb),
          length(coef(update(fit, k = 1))) == 2, sum(coef(fit, full = TRUE) != 0) == 4,
          length(coef(fit, full = TRUE)) == 11, fit$solutions[[1]]$gap == 0)

# What the library says, up to constants.
facts <- criteria(fit)
reference <- lm(mpg ~ wt + qsec + am, mtcars)
stopifnot(all.equal(facts$aic, extractAIC(reference)[2]), all.equal(facts$bic, extractAIC(reference, k = log(32))[2]),
          all.equal(facts$r_squared, summary(reference)$r.squared),
          all.equal(facts$adjusted_r_squared, summary(reference)$adj.r.squared),
          all.equal(facts$cp, deviance(reference) / sigma(lm(mpg ~ ., mtcars))^2 - 32 + 2 * 4))

stopifnot(all.equal(coef(sparse_recovery(data = mtcars, k = 3, formula = mpg ~ .)), coef(fit)),
          all.equal(coef(sparse_recovery(formula = mpg ~ ., data = mtcars, k = 3)), coef(fit)))

# No column, one row of new data, and no intercept.
same(sparse_recovery(mpg ~ ., mtcars, 0), lm(mpg ~ 1, mtcars))
stopifnot(all.equal(predict(fit, mtcars[7, ]), predict(reference, mtcars[7, ])))
same(sparse_recovery(mpg ~ . - 1, mtcars, 2), lm(mpg ~ wt + qsec - 1, mtcars), mtcars)
same(sparse_recovery(mpg ~ ., mtcars, 2, intercept = FALSE), lm(mpg ~ wt + qsec - 1, mtcars), mtcars)

# Transformations, interactions and factors are the columns of model.matrix.
fit <- sparse_recovery(log(mpg) ~ poly(hp, 2) + factor(cyl) * wt, mtcars, 7)
same(fit, lm(log(mpg) ~ poly(hp, 2) + factor(cyl) * wt, mtcars), mtcars[3:9, ])
stopifnot(identical(fit$columns, colnames(model.matrix(~ poly(hp, 2) + factor(cyl) * wt, mtcars))[-1]))
fit <- sparse_recovery(breaks ~ wool * tension, warpbreaks, 5, contrasts = list(tension = "contr.sum"))
same(fit, lm(breaks ~ wool * tension, warpbreaks, contrasts = list(tension = "contr.sum")), warpbreaks[c(1, 50), ])

# A factor with a level that has no rows, new data without most levels, and with one that is new.
some <- subset(chickwts, feed != "sunflower")
fit <- sparse_recovery(weight ~ feed, some, 4)
same(fit, lm(weight ~ feed, some), some[1:3, ])
stopifnot(all.equal(predict(fit, data.frame(feed = "casein")), predict(lm(weight ~ feed, some), data.frame(feed = "casein"))))
refused <- tryCatch(predict(fit, data.frame(feed = "sunflower")), error = conditionMessage)
stopifnot(grepl("new level", refused))
texts <- transform(some, feed = as.character(feed))
stopifnot(all.equal(coef(sparse_recovery(weight ~ feed, texts, 4)), coef(fit)))

# Missing values: left out, or in their places with na.exclude; subsets.
reference <- lm(Ozone ~ Wind + Temp, airquality)
fit <- sparse_recovery(Ozone ~ Solar.R + Wind + Temp, airquality, 3)
same(fit, lm(Ozone ~ Solar.R + Wind + Temp, airquality))
fit <- sparse_recovery(Ozone ~ Wind + Temp, airquality, 2, na.action = na.exclude)
stopifnot(all.equal(residuals(fit), residuals(update(reference, na.action = na.exclude))),
          length(fitted(fit)) == nrow(airquality), all.equal(predict(fit), predict(update(reference, na.action = na.exclude))))
airquality$w <- replace(rep(1:3, 51), 7, NA)
fit <- sparse_recovery(Ozone ~ Wind + Temp, airquality, 2, weights = w, na.action = na.exclude, subset = Month > 5)
reference <- lm(Ozone ~ Wind + Temp, airquality, weights = w, na.action = na.exclude, subset = Month > 5)
stopifnot(all.equal(residuals(fit), residuals(reference)), all.equal(predict(fit), predict(reference)),
          all.equal(weights(fit), weights(reference)), all.equal(AIC(fit), AIC(reference)))
fit <- sparse_recovery(Ozone ~ Wind + Temp, airquality, 2)
reference <- lm(Ozone ~ Wind + Temp, airquality)
refused <- tryCatch(sparse_recovery(Ozone ~ Wind, airquality, 1, na.action = na.fail), error = conditionMessage)
stopifnot(grepl("missing values", refused))
stopifnot(all.equal(predict(fit, airquality), predict(reference, airquality)))
same(sparse_recovery(mpg ~ hp + wt + qsec, mtcars, 3, subset = cyl > 4), lm(mpg ~ hp + wt + qsec, mtcars, subset = cyl > 4))

# Weights: a row of weight 0 takes no part; frequencies are rows.
mtcars$w <- rep(c(0.5, 2, 1, 0, 3, 1, 1, 1), 4)
reference <- lm(mpg ~ hp + wt, mtcars, weights = w)
fit <- sparse_recovery(mpg ~ hp + wt, mtcars, 2, weights = w)
same(fit, reference, mtcars[1:3, ])
stopifnot(all.equal(weights(fit), weights(reference)))
mtcars$count <- rep(1:4, 8)
long <- mtcars[rep(1:32, mtcars$count), ]
fit <- sparse_recovery(mpg ~ hp + wt + qsec, mtcars, 2, weights = count, frequency_weights = TRUE)
reference <- lm(reformulate(names(support(fit)), "mpg"), long)
stopifnot(all.equal(coef(fit), coef(reference)), nobs(fit) == 80, all.equal(AIC(fit), AIC(reference)),
          all.equal(BIC(fit), BIC(reference)))

# Groups: all levels of a factor, or columns with one label, are selected together, and k counts groups.
mtcars$gears <- factor(mtcars$gear)
fit <- sparse_recovery(mpg ~ gears + hp + wt + qsec, mtcars, 2, column_groups = "terms")
terms <- c("gears", "hp", "wt", "qsec")
least <- min(apply(combn(terms, 2), 2, function(names) deviance(lm(reformulate(names, "mpg"), mtcars))))
stopifnot(all.equal(deviance(fit), least))
fit <- sparse_recovery(mtcars[c("gears", "hp", "wt")], mtcars$mpg, 1, column_groups = "terms", include = c("gears4", "gears5"))
same(fit, lm(mpg ~ gears, mtcars))
x <- as.matrix(mtcars[c("hp", "wt", "qsec", "drat")])
fit <- sparse_recovery(x, mtcars$mpg, 1, column_groups = c("engine", "body", "engine", "body"))
pairs <- list(lm(mpg ~ hp + qsec, mtcars), lm(mpg ~ wt + drat, mtcars))
same(fit, pairs[[which.min(sapply(pairs, deviance))]])
stopifnot(length(sparse_recovery(x, mtcars$mpg, column_groups = c(1, 2, 1, 2))$k) > 0)
refused <- tryCatch(sparse_recovery(x, mtcars$mpg, 1, column_groups = "terms"), error = conditionMessage)
stopifnot(grepl("column_groups: expected a label for each of 4 columns", refused))

# Matrices, data frames and formulas are one fit.
x <- as.matrix(swiss[, -1])
by_matrix <- sparse_recovery(x, swiss$Fertility, 3)
by_frame <- sparse_recovery(swiss[, -1], swiss$Fertility, 3)
by_formula <- sparse_recovery(Fertility ~ ., swiss, 3)
stopifnot(all.equal(coef(by_matrix), coef(by_frame)), all.equal(coef(by_matrix), coef(by_formula)),
          all.equal(predict(by_matrix, swiss), predict(by_formula, swiss)),
          all.equal(predict(by_matrix, x[, 5:1]), predict(by_frame, swiss)))
same(by_formula, lm(Fertility ~ Education + Catholic + Infant.Mortality, swiss), swiss)
fit <- sparse_recovery(iris[, -1], iris$Sepal.Length, 5)
same(fit, lm(Sepal.Length ~ ., iris), iris[c(1, 149), ])

# Columns by name, by number and as truths; a ridge of glmnet's kind, signs.
fit <- sparse_recovery(mpg ~ ., mtcars, 3, include = "drat", exclude = c("wt", "w", "count"))
stopifnot("drat" %in% names(support(fit)), !any(c("wt", "w") %in% names(support(fit))))
stopifnot(all.equal(coef(sparse_recovery(x, swiss$Fertility, 2, exclude = 1:2)),
                    coef(sparse_recovery(x, swiss$Fertility, 2, exclude = c(TRUE, TRUE, FALSE, FALSE, FALSE)))))
fit <- sparse_recovery(x, swiss$Fertility, 2, ridge = 50)
z <- scale(x[, support(fit)], scale = FALSE)
stopifnot(all.equal(unname(coef(fit)[-1]), drop(solve(crossprod(z) + 50 * diag(2), crossprod(z, swiss$Fertility)))[1:2],
                    check.attributes = FALSE))
stopifnot(all(coef(sparse_recovery(x, swiss$Fertility, 3, nonnegative = TRUE))[-1] >= 0))

# The most columns, and collinear ones, which lm leaves out.
same(sparse_recovery(x, swiss$Fertility, 5), lm(Fertility ~ ., swiss))
twice <- cbind(x, again = x[, 1])
fit <- suppressWarnings(sparse_recovery(twice, swiss$Fertility, 6))
stopifnot(all.equal(fitted(fit), fitted(lm(Fertility ~ ., swiss))))
