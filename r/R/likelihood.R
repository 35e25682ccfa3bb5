# How well a fit explains y, as lm and glm count it, so that AIC and BIC of stats have their meaning.

# How many real numbers one of a fit is.
parts_of <- function(object) if (is.complex(object$y)) 2L else 1L

# Rows of positive weight, with frequency weights the sum of them; of complex numbers both parts of each.
nobs.sparse_recovery <- function(object, ...) {
  weights <- object$weights
  parts_of(object) *
    if (is.null(weights)) nrow(object$y) else if (object$weighs_rows) sum(weights) else sum(weights != 0)
}

family.sparse_recovery <- function(object, ...) switch(
  object$family, gaussian = gaussian(), binomial = binomial(), poisson = poisson(),
  refuse("object", "a fit of the family gaussian, binomial or poisson", "one of huber, which is no likelihood"))

deviance.sparse_recovery <- function(object, k = NULL, ...) {
  if (object$family == "huber")
    refuse("object", "a fit of the family gaussian, binomial or poisson", "one of huber, which is no likelihood",
           "criteria(object)$loss is what it minimises")
  # The squares of the norm of the residual, without a ridge.
  values <- vapply(at(object, k), function(one) 2 * one$measures[["loss"]], 0)
  if (is.null(object$responses)) values else setNames(values, object$responses)
}

# The coefficients of the columns selected, both parts of complex ones, and the intercept.
count_parameters <- function(object, k) parts_of(object) * length(support(object, k)) + object$intercept

df.residual.sparse_recovery <- function(object, k = NULL, ...) nobs(object) - count_parameters(object, k)

sigma.sparse_recovery <- function(object, ...) sqrt(deviance(object) / df.residual(object))

logLik.sparse_recovery <- function(object, k = NULL, ...) {
  if (!is.null(object$responses))
    refuse("object", "a fit of one observation", paste(length(object$responses), "observations with one support"),
           "criteria(object) has what its path compared")
  rows <- nobs(object)
  weights <- if (is.null(object$weights)) rep(1, nrow(object$y)) else object$weights
  taking <- weights > 0
  weights <- weights[taking]
  y <- object$y[taking, 1]
  value <- switch(
    object$family,
    # Both parts of a complex number have half of its variance.
    gaussian = (if (object$weighs_rows) 0 else parts_of(object) * sum(log(weights)) / 2) -
      rows / 2 * (log(2 * pi) + 1 - log(rows) + log(deviance(object, k))),
    # The deviance is that of labels, whose likelihood it is.
    binomial = -deviance(object, k) / 2,
    poisson = sum(weights * dpois_of(y, mean_at(object, object$linear.predictors[taking, place_of(object, k), 1]))),
    refuse("object", "a likelihood", "the family huber, which has none", "choose k by criterion = \"cv\""))
  parameters <- count_parameters(object, k) + (object$family == "gaussian")
  structure(value, nobs = rows, df = parameters, class = "logLik")
}

# As of lm: without the constants that AIC has, and without the variance in the degrees of freedom.
extractAIC.sparse_recovery <- function(fit, scale = 0, k = 2, ...) {
  likelihood <- logLik(fit)
  parameters <- count_parameters(fit, NULL)
  value <- if (fit$family == "gaussian") nobs(fit) * log(deviance(fit) / nobs(fit)) else -2 * as.numeric(likelihood)
  c(parameters, value + k * parameters)
}

# log of the density, also of what is no whole number.
dpois_of <- function(y, mean) ifelse(y == 0, -mean, y * log(mean) - mean - lgamma(y + 1))

# A row for each sparsity: what its support is worth, and by what it was chosen.
criteria <- function(object) {
  if (!inherits(object, "sparse_recovery")) refuse("object", "a fit of sparse_recovery", describe(object))
  if (is.null(object$responses)) {
    values <- t(vapply(object$solutions[, 1], `[[`, numeric(length(measure_names)), "measures"))
    # The deviance of least squares is the sum of squares, as lm has it.
    if (object$family == "gaussian") values[, "deviance"] <- 2 * values[, "loss"]
    values <- values[, colSums(!is.na(values)) > 0, drop = FALSE]
    # One share explained: that which is usual under the family.
    if ("deviance" %in% colnames(values)) values <- values[, colnames(values) != "loss", drop = FALSE]
    if (any(c("r_squared", "explained_deviance") %in% colnames(values)))
      values <- values[, colnames(values) != "explained_loss", drop = FALSE]
    table <- data.frame(k = object$k, values)
  } else {
    # Of all observations together.
    sums <- apply(object$solutions, 1, function(row) sum(vapply(row, function(one) one$measures[["loss"]], 0)))
    table <- data.frame(k = object$k, loss = sums)
  }
  for (name in names(object$comparison)) table[[name]] <- object$comparison[[name]]
  if (!is.null(object$comparison$cv)) table$cv_standard_error <- object$paths$standard_errors
  table
}
