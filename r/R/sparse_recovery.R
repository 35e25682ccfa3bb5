# The function of the package, for formulas, data frames and matrices.

sparse_recovery <- function(x, ...) {
  # By the formula also where that is named and data come first.
  UseMethod("sparse_recovery", if (missing(x)) eval.parent(match.call()$formula) else x)
}

sparse_recovery.formula <- function(formula, data, k = NULL, family = "gaussian", weights, subset, na.action, intercept,
                                    contrasts = NULL, joint = FALSE, criterion = NULL, fold_labels, fold_groups, ...) {
  call <- named_call(match.call())
  # The model frame as lm makes it; folds are variables like weights, so that rows left out leave them as well.
  variables <- c("formula", "data", "subset", "weights", "na.action", "fold_labels", "fold_groups")
  frame <- call[c(1L, match(variables, names(call), 0L))]
  frame$drop.unused.levels <- TRUE
  frame[[1L]] <- quote(stats::model.frame)
  frame <- eval(frame, parent.frame())
  terms <- attr(frame, "terms")
  if (!is.null(attr(terms, "offset")))
    refuse("formula", "no offset", "one", "subtract it from the response")
  if (!missing(intercept)) attr(terms, "intercept") <- as.integer(as_flag("intercept", intercept))
  design <- design_of(terms, frame, contrasts)
  fit <- fit_columns(without_intercept(design), model.response(frame), k, family, attr(terms, "intercept") == 1,
                     model.weights(frame), joint, criterion,
                     c(grouped_by_term(list(...), design),
                       list(fold_labels = frame[["(fold_labels)"]], fold_groups = frame[["(fold_groups)"]])),
                     call, attr(frame, "na.action"))
  with_terms(fit, terms, .getXlevels(terms, frame), attr(design, "contrasts"))
}

sparse_recovery.data.frame <- function(x, y, k = NULL, family = "gaussian", weights = NULL, intercept = NULL,
                                       contrasts = NULL, joint = FALSE, criterion = NULL, ...) {
  is_number <- function(column) is.numeric(column) || is.logical(column) || is.complex(column)
  if (all(vapply(x, function(column) is.null(dim(column)) && is_number(column), NA)))
    return(fit_columns(as_columns(as.matrix(x)), y, k, family, intercept, weights, joint, criterion, list(...),
                       named_call(match.call())))
  # A formula of all columns, so that factors are what they are in a formula. Nothing is left out: y has no part in it.
  terms <- terms(~ ., data = x)
  if (is.null(intercept)) intercept <- !is.complex(if (is.data.frame(y)) as.matrix(y) else y)
  intercept <- as_flag("intercept", intercept)
  attr(terms, "intercept") <- as.integer(intercept)
  frame <- model.frame(terms, x, na.action = na.pass, drop.unused.levels = TRUE)
  design <- design_of(terms, frame, contrasts)
  fit <- fit_columns(without_intercept(design), y, k, family, intercept, weights, joint, criterion,
                     grouped_by_term(list(...), design), named_call(match.call()))
  with_terms(fit, terms, .getXlevels(terms, frame), attr(design, "contrasts"))
}

sparse_recovery.default <- function(x, y, k = NULL, family = "gaussian", weights = NULL, intercept = NULL, joint = FALSE,
                                    criterion = NULL, ...) {
  fit_columns(as_columns(x), y, k, family, intercept, weights, joint, criterion, list(...),
              named_call(match.call()))
}

# By the name that people call, so that update() may evaluate it again.
named_call <- function(call) {
  call[[1L]] <- quote(sparse_recovery)
  call
}

# The columns of a formula. model.matrix knows real variables alone.
design_of <- function(terms, frame, contrasts) {
  of_complex <- setdiff(names(frame)[vapply(frame, is.complex, NA)], names(frame)[attr(terms, "response")])
  if (length(of_complex))
    refuse("formula", "real variables", paste("complex", paste(of_complex, collapse = ", ")), "give x as a matrix")
  model.matrix(terms, frame, contrasts)
}

# The columns of a design but the constant one, without a copy where there is none.
without_intercept <- function(design) {
  constant <- match(0L, attr(design, "assign"), 0L)
  if (constant == 0) design else design[, -constant, drop = FALSE]
}

# Options in which column_groups = "terms" stands for the term that each column of a design comes from.
grouped_by_term <- function(options, design) {
  if (identical(options[["column_groups"]], "terms")) {
    terms <- attr(design, "assign")
    options[["column_groups"]] <- terms[terms != 0]
  }
  options
}

# A fit, or a list of them, that knows how the columns of new data are made.
with_terms <- function(fit, terms, xlevels, contrasts) {
  add <- function(one) {
    one[c("terms", "xlevels", "contrasts")] <- list(terms, xlevels, contrasts)
    one
  }
  if (inherits(fit, "sparse_recovery")) return(add(fit))
  fit[] <- lapply(fit, add)
  fit
}

# Solves, for all interfaces: x are columns as `as_columns` makes them, k is NULL for a path of the usual length, and
# intercept NULL for one where there is such a thing.
fit_columns <- function(x, y, k = NULL, family, intercept, weights, joint, criterion, options, call, omitted = NULL) {
  if (any(names(options) %in% said_otherwise))
    refuse(intersect(names(options), said_otherwise)[1], "no option of this name", "one",
           "the loss follows from family, columns have the names of x, and numbers are complex where x or y is")
  family <- as_family(family)
  response <- as_response(y, x, family)
  is_complex <- are_complex(x) || is.complex(response$y)
  if (is_complex) {
    require_gaussian(family)
    if (!are_complex(x)) x <- with_imaginary_parts(x)
    response$y <- with_imaginary_parts(response$y)
  }
  intercept <- if (is.null(intercept)) !is_complex else as_flag("intercept", intercept)
  if (is_complex && intercept)
    refuse("intercept", "FALSE with complex numbers", "TRUE", "give x a column of ones, or a formula - 1")
  joint <- as_flag("joint", joint)
  verbose <- !is.null(options[["verbose"]]) && as_flag("verbose", options[["verbose"]])
  options[["verbose"]] <- NULL
  options <- checked_options(options, names_of(x))
  start <- options$solve$start
  if (is.complex(start) && !is_complex) refuse("start", "real numbers, as those of x and y", "complex ones")
  if (is_complex && !is.null(start)) options$solve$start <- in_parts(start)
  k <- as_sparsities(k, x, options$problem$include, options$problem[["column-groups"]])
  is_path <- length(k) > 1 || k == 0 || !is.null(criterion) ||
    any(setdiff(names(options$solve), "seed") %in% names(known_options("path")))
  ends <- if (is_path) c(min(k), max(k)) else k
  # Of one sparsity there is nothing to choose, but what was asked for is compared.
  if (is_path && length(k) == 1 && is.null(criterion)) criterion <- "none"
  criteria <- as_criteria(criterion, family, is_path, options$solve[["target-residual"]])
  options$problem <- c(options$problem, loss = family_losses[[family]], intercept = as_text(intercept),
                       complex = as_text(is_complex))
  if (!is.null(weights)) options$problem$weights <- as_weights(weights)
  options$solve$joint <- if (joint) "true"
  options$solve$criterion <- if (!is.null(criterion)) paste(criteria, collapse = ",")
  began <- proc.time()[["elapsed"]]
  found <- solve_columns(x, response$y, ends, options, criteria, joint, verbose)
  facts <- list(call = call, family = family, intercept = intercept, weights = weights, na.action = omitted,
                weighs_rows = identical(options$problem[["frequency-weights"]], "true"), criteria = criteria,
                most = if (is_path && is.null(options$solve[["target-residual"]])) max(k) else 0, seconds = proc.time()[["elapsed"]] - began)
  all <- seq_len(ncol(response$y))
  fits <- unlist(lapply(seq_along(found$paths), function(place) {
    new_fits(found$paths[[place]], x, response, is_path, joint, if (is_path && !joint) place else all, facts)
  }), recursive = FALSE)
  if (length(all) > 1 && !joint) names(fits) <- response$names[seq_along(fits)]
  fit <- if (length(all) > 1 && !joint) structure(fits, class = "sparse_recovery_list") else
    if (length(fits)) fits[[1]]
  if (found$interrupted) interrupt(fit, call)
  if (length(k) == 1) fits <- lapply(fits, function(one) replace(one, "notices", list(character())))
  tell(fits)
  fit
}
