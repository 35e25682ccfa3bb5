# Fits of several observations, each with a support of its own.

print.sparse_recovery_list <- function(x, ...) {
  cat("\nCall:\n", paste(deparse(x[[1]]$call), collapse = "\n"), "\n\n", sep = "")
  for (name in names(x))
    cat(name, ": ", headline(x[[name]], NULL, 4), "\n  ", paste(names(support(x[[name]])), collapse = ", "), "\n",
        sep = "")
  cat("\n")
  invisible(x)
}

summary.sparse_recovery_list <- function(object, ...) lapply(object, summary, ...)

# A row for each column that a fit has selected, a column for each observation.
coef.sparse_recovery_list <- function(object, k = NULL, full = FALSE, ...) {
  all <- sapply(unclass(object), coef, k = k, full = TRUE)
  all <- matrix(all, ncol = length(object), dimnames = list(names(coef(object[[1]], full = TRUE)), names(object)))
  if (full) all else all[rowSums(all != 0) > 0 | rownames(all) == "(Intercept)", , drop = FALSE]
}

fitted.sparse_recovery_list <- function(object, ...) sapply(unclass(object), fitted, ...)

residuals.sparse_recovery_list <- function(object, ...) sapply(unclass(object), residuals, ...)

predict.sparse_recovery_list <- function(object, newdata, ...) {
  if (missing(newdata)) return(sapply(unclass(object), predict, ...))
  all <- lapply(unclass(object), predict, newdata = newdata, ...)
  matrix(unlist(all), ncol = length(all), dimnames = list(names(all[[1]]), names(object)))
}
