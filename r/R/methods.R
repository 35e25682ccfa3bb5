# What is asked of a fit: its support, coefficients, predictions and residuals.

support <- function(object, k = NULL) {
  if (!inherits(object, "sparse_recovery")) refuse("object", "a fit of sparse_recovery", describe(object))
  columns <- at(object, k)[[1]]$support
  setNames(columns, object$columns[columns])
}

variable.names.sparse_recovery <- function(object, k = NULL, ...) {
  c(if (object$intercept) "(Intercept)", names(support(object, k)))
}

# Of one sparsity the columns selected, or all of them with zeros; of several a column for each.
coef.sparse_recovery <- function(object, k = NULL, full = FALSE, ...) {
  if (are_several(k)) {
    if (!is.null(object$responses)) refuse("k", "one sparsity of several observations", describe(k))
    all <- vapply(k, function(one) coef(object, one, TRUE),
                  zeros_of(object$y, length(object$columns) + object$intercept))
    all <- matrix(all, ncol = length(k), dimnames = list(c(if (object$intercept) "(Intercept)", object$columns), k))
    return(if (full) all else all[rowSums(all != 0) > 0 | rownames(all) == "(Intercept)", , drop = FALSE])
  }
  solutions <- at(object, k)
  shown <- if (as_flag("full", full)) seq_along(object$columns) else solutions[[1]]$support
  values <- vapply(solutions, function(one) {
    coefficients <- zeros_of(object$y, length(object$columns))
    coefficients[one$support] <- one$coefficients
    c(if (object$intercept) one$intercept, coefficients[shown])
  }, zeros_of(object$y, length(shown) + object$intercept))
  values <- matrix(values, ncol = length(solutions),
                   dimnames = list(c(if (object$intercept) "(Intercept)", object$columns[shown]), object$responses))
  if (is.null(object$responses)) setNames(values[, 1], rownames(values)) else values
}

predict.sparse_recovery <- function(object, newdata, k = NULL, type = c("response", "link", "class"),
                                    na.action = na.pass, ...) {
  type <- match.arg(type)
  if (type == "class" && object$family != "binomial")
    refuse("type", "response or link but for the family binomial", "\"class\"")
  x <- if (!missing(newdata) && !is.null(newdata)) new_columns(object, newdata, na.action)
  predictors_at <- function(k) if (is.null(x)) predictors_of(object, k) else predictors_on(x, object, k)
  predictors <- if (!are_several(k)) predictors_at(k) else {
    if (!is.null(object$responses) || type == "class") refuse("k", "one sparsity of these", describe(k))
    all <- lapply(k, predictors_at)
    matrix(unlist(all), ncol = length(k), dimnames = list(names(all[[1]]), k))
  }
  as_type(object, naresid(if (is.null(x)) object$na.action else attr(x, "na.action"), predictors), type)
}

are_several <- function(k) length(k) > 1 && !is.character(k)

# Ax + b of new rows.
predictors_on <- function(x, object, k) {
  solutions <- at(object, k)
  if (are_complex(x) && !is.complex(object$y)) refuse("newdata", "real numbers, as those of the fit", "complex ones")
  # Of complex coefficients real columns have complex products as well.
  predictors <- vapply(solutions, function(one) times(x, one$support, one$coefficients) + one$intercept,
                       zeros_of(object$y, nrow_of(x)))
  rows <- if (is.matrix(x)) rownames(x)
  single(matrix(predictors, ncol = length(solutions), dimnames = list(rows, object$responses)))
}

# Ax + b of the rows that were fitted: a vector, or a column for each of several observations.
predictors_of <- function(object, k) {
  place <- place_of(object, k)
  predictors <- matrix(object$linear.predictors[, place, ], ncol = ncol(object$y),
                       dimnames = list(rownames(object$y), object$responses))
  single(predictors)
}

single <- function(matrix) {
  if (ncol(matrix) > 1) matrix else setNames(matrix[, 1], rownames(matrix))
}

mean_at <- function(object, predictors) {
  switch(object$family, binomial = plogis(predictors), poisson = exp(predictors), predictors)
}

as_type <- function(object, predictors, type) {
  if (type == "link") return(predictors)
  if (type == "response") return(mean_at(object, predictors))
  is_second <- predictors > 0
  if (is.null(object$labels)) return(is_second + 0)
  setNames(object$labels[is_second + 1L], names(predictors))
}

# The columns that a fit needs of new data.
new_columns <- function(object, newdata, na.action) {
  if (!is.null(object$terms)) {
    if (!is.data.frame(newdata))
      refuse("newdata", "a data frame with the variables of the fit", describe(newdata), class = "data")
    terms <- delete.response(object$terms)
    frame <- model.frame(terms, newdata, na.action = na.action, xlev = object$xlevels)
    types <- attr(terms, "dataClasses")
    if (!is.null(types)) .checkMFClasses(types, frame)
    x <- without_intercept(model.matrix(terms, frame, contrasts.arg = object$contrasts))
    attr(x, "na.action") <- attr(frame, "na.action")
    return(x)
  }
  n <- length(object$columns)
  # One row as a vector, as apply and lapply give it.
  if (is.atomic(newdata) && is.null(dim(newdata)) && length(newdata) == n && n > 1)
    newdata <- matrix(newdata, 1, dimnames = list(NULL, names(newdata)))
  # By their names, where both have names that tell columns apart.
  names <- colnames(newdata)
  if (!anyDuplicated(object$columns) && all(object$columns %in% names)) {
    if (!identical(object$columns, names)) newdata <- newdata[, object$columns, drop = FALSE]
  } else if (!is.null(dim(newdata)) && ncol(newdata) != n) {
    refuse("newdata", paste(n, "columns, or columns with their names"), paste(ncol(newdata), "columns"), class = "data")
  }
  as_columns(if (is.data.frame(newdata)) as.matrix(newdata) else newdata)
}

fitted.sparse_recovery <- function(object, k = NULL, ...) {
  naresid(object$na.action, mean_at(object, predictors_of(object, k)))
}

weights.sparse_recovery <- function(object, ...) naresid(object$na.action, object$weights)

formula.sparse_recovery <- function(x, ...) {
  if (is.null(x$terms) || attr(x$terms, "response") == 0)
    refuse("x", "a fit of a formula", "one of a matrix", "support(x) names its columns")
  formula(x$terms)
}

# y less the mean; or roots of what every row adds to the deviance, with its sign, as lm and glm have them.
residuals.sparse_recovery <- function(object, k = NULL, type = c("default", "response", "deviance", "pearson"), ...) {
  type <- match.arg(type)
  is_glm <- object$family %in% c("binomial", "poisson")
  if (type == "default") type <- if (is_glm) "deviance" else "response"
  if (object$family == "huber" && type != "response")
    refuse("type", "\"response\" with the family huber, which is no likelihood", dQuote(type, FALSE))
  mean <- mean_at(object, predictors_of(object, k))
  y <- single(object$y)
  weights <- if (is.null(object$weights)) 1 else object$weights
  residuals <- switch(
    type, response = y - mean,
    pearson = (y - mean) * sqrt(weights / switch(object$family, binomial = mean * (1 - mean), poisson = mean, 1)),
    deviance = if (!is_glm) (y - mean) * sqrt(weights) else {
      shares <- family(object)$dev.resids(as.double(y), as.double(mean), rep(weights, length.out = length(y)))
      sign(y - mean) * sqrt(pmax(shares, 0))
    })
  naresid(object$na.action, residuals)
}

alternatives <- function(object) {
  if (!inherits(object, "sparse_recovery")) refuse("object", "a fit of sparse_recovery", describe(object))
  solutions <- object$alternatives
  if (is.null(solutions))
    refuse("object", "a fit of one sparsity and one observation with the option alternatives", "another one",
           "such as sparse_recovery(x, y, 5, alternatives = 3)")
  all <- c(object$solutions[1], solutions)
  table <- data.frame(loss = vapply(all, function(one) one$measures[["loss"]], 0),
                      explained = vapply(all, function(one) one$measures[["explained_loss"]], 0))
  table$support <- lapply(all, function(one) object$columns[one$support])
  rownames(table) <- c("best", seq_along(solutions))[seq_along(all)]
  table
}
