# Labels, counts and outliers, beside glm on the support found.
library(sparserecovery)

# Newton's method ends where nothing changes; glm ends at a change of 1e-8 unless told otherwise.
tight <- list(epsilon = 1e-12, maxit = 100)
same <- function(fit, reference, data) {
  stopifnot(
    all.equal(coef(fit), coef(reference), tolerance = 1e-6), all.equal(deviance(fit), deviance(reference)),
    all.equal(logLik(fit), logLik(reference)), all.equal(AIC(fit), AIC(reference)), all.equal(BIC(fit), BIC(reference)),
    all.equal(fitted(fit), fitted(reference)), all.equal(extractAIC(fit), extractAIC(reference)),
    all.equal(residuals(fit), residuals(reference), tolerance = 1e-6), nobs(fit) == nobs(reference),
    all.equal(residuals(fit, type = "response"), residuals(reference, type = "response"), tolerance = 1e-6),
    all.equal(residuals(fit, type = "pearson"), residuals(reference, type = "pearson"), tolerance = 1e-6),
    all.equal(predict(fit, data, type = "link"), predict(reference, data), tolerance = 1e-6),
    all.equal(predict(fit, data), predict(reference, data, type = "response"), tolerance = 1e-6),
    identical(family(fit)$family, family(reference)$family))
}

fit <- sparse_recovery(case ~ age + parity + education + spontaneous + induced, infert, 3, family = "binomial")
reference <- glm(reformulate(names(support(fit)), "case"), binomial, infert, control = tight)
same(fit, reference, infert[1:5, ])
stopifnot(all.equal(criteria(fit)$aic, AIC(reference)), all.equal(criteria(fit)$bic, BIC(reference)),
          all.equal(criteria(fit)$explained_deviance, 1 - deviance(reference) / reference$null.deviance))
pairs <- combn(c("age", "parity", "spontaneous", "induced"), 2)
losses <- apply(pairs, 2, function(names) deviance(glm(reformulate(names, "case"), binomial, infert)))
fit <- sparse_recovery(case ~ age + parity + spontaneous + induced, infert, 2, family = binomial())
stopifnot(all.equal(deviance(fit), min(losses)), setequal(names(support(fit)), pairs[, which.min(losses)]))

# Labels of every kind are one fit; classes come back as they were.
flowers <- droplevels(iris[51:150, ])
fit <- sparse_recovery(Species ~ ., flowers, 2, family = "binomial")
same(fit, glm(Species ~ Petal.Length + Petal.Width, binomial, flowers, control = tight), flowers)
classes <- predict(fit, flowers, type = "class")
stopifnot(is.factor(classes), identical(levels(classes), levels(flowers$Species)), mean(classes == flowers$Species) > 0.9)
x <- as.matrix(flowers[, 1:4])
truths <- flowers$Species == "virginica"
for (y in list(truths, truths + 0, as.integer(truths), as.character(flowers$Species), iris$Species[51:150]))
  stopifnot(all.equal(coef(sparse_recovery(x, y, 2, family = "binomial")), coef(fit)))
stopifnot(is.logical(predict(sparse_recovery(x, truths, 2, family = "binomial"), x, type = "class")),
          is.numeric(predict(sparse_recovery(x, truths + 0, 2, family = "binomial"), x, type = "class")))

# Counts, with weights.
fit <- sparse_recovery(breaks ~ wool + tension, warpbreaks, 3, family = "poisson")
same(fit, glm(breaks ~ wool + tension, poisson, warpbreaks, control = tight), warpbreaks[c(1, 30), ])
warpbreaks$w <- rep(1:3, 18)
fit <- sparse_recovery(breaks ~ wool + tension, warpbreaks, 3, family = poisson, weights = w)
same(fit, glm(breaks ~ wool + tension, poisson, warpbreaks, weights = w, control = tight), warpbreaks[c(1, 30), ])

# Cases of so many: a row for cases and one for others, with their numbers as weights.
rows <- data.frame(rbind(esoph, esoph), case = rep(1:0, each = nrow(esoph)),
                   count = c(esoph$ncases, esoph$ncontrols))
fit <- sparse_recovery(case ~ unclass(agegp) + unclass(tobgp) + unclass(alcgp), rows, 3, family = "binomial",
                       weights = count, frequency_weights = TRUE)
reference <- glm(case ~ unclass(agegp) + unclass(tobgp) + unclass(alcgp), binomial, rows, weights = count, control = tight)
stopifnot(all.equal(coef(fit), coef(reference), tolerance = 1e-6), all.equal(deviance(fit), deviance(reference)))

# Outliers.
x <- as.matrix(mtcars[, -1])
y <- replace(mtcars$mpg, c(3, 17), 200)
fit <- sparse_recovery(x, y, 2, family = "huber", huber_threshold = 3)
stopifnot(max(abs(residuals(fit)[-c(3, 17)])) < 10, criteria(fit)$loss > 0,
          all.equal(residuals(fit), y - fitted(fit), check.attributes = FALSE))
for (refused in list(quote(logLik(fit)), quote(deviance(fit)), quote(family(fit)), quote(residuals(fit, type = "deviance"))))
  stopifnot(inherits(try(eval(refused), silent = TRUE), "try-error"))
path <- sparse_recovery(x, y, 1:3, family = "huber", huber_threshold = 3)
stopifnot(identical(names(path$chosen), "cv"))

# What has no minimum is said, and two classes that a plane separates are told apart all the same.
said <- NULL
fit <- withCallingHandlers(sparse_recovery(am ~ wt + gear + hp, mtcars, 2, family = "binomial"),
                           warning = function(w) { said <<- conditionMessage(w); invokeRestart("muffleWarning") })
stopifnot(grepl("no minimum", said), predict(fit, mtcars, type = "class") == mtcars$am)
