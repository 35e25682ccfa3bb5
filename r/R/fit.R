# Solving, and the object that says what was found.

# What is read of every solution, and of every path.
measure_names <- c("loss", "explained_loss", "deviance", "explained_deviance", "r_squared", "adjusted_r_squared", "aic",
                   "bic", "ebic", "gic", "cp")
path_numbers <- c("standard_errors", "fold_errors", "draws", "frequencies", "held_out_errors", "held_out_deviations")

# Mallows' Cp needs the fit of all columns, m n^2 operations: computed where that takes about a second at most.
cp_operations <- 1e9

# Solves. A list of what came of each path or solve, and whether Ctrl-C ended it.
solve_columns <- function(x, y, k, options, criteria, joint, verbose = FALSE) {
  m <- nrow_of(x)
  n <- ncol_of(x)
  # Of complex numbers twice as many rows and columns.
  operations <- as.double(m) * n^2 * if (is.complex(y)) 8 else 1
  wanted <- list(numbers = unique(c(path_numbers, criteria)), criteria = criteria, measures = measure_names,
                 cp = options$problem$loss == "squares" && m > n && operations <= cp_operations, joint = joint,
                 verbose = verbose)
  found <- .Call(C_solve, x, y, as.double(k), options$problem, options$solve, wanted)
  if (found$status != 0) {
    if (found$interrupted) interrupt(NULL, NULL)
    kind <- c("data", "request", "device", "internal", "memory", "file")[-found$status]
    message <- translated(found$message, names_of(x))
    if (grepl("found NA or NaN", message, fixed = TRUE))
      message <- paste0(message, ": leave such rows out, as the formula interface does by its na.action")
    fail(message, kind)
  }
  found
}

# The fits of one result of C: one for a path, or for one support of several observations; else one for each of them.
new_fits <- function(found, x, response, is_path, joint, observations, facts) {
  solutions <- found$solutions
  if (length(solutions) == 0) return(list())
  width <- if (joint) length(observations) else 1L
  if (is_path || joint)
    return(list(new_fit(matrix(solutions, ncol = width, byrow = TRUE), observations, found, x, response, facts)))
  if (length(observations) > 1)
    return(lapply(observations, function(l) new_fit(matrix(solutions[l], 1), l, found, x, response, facts)))
  # Of one observation the best other supports follow.
  fit <- new_fit(matrix(solutions[1], 1), 1L, found, x, response, facts)
  fit$alternatives <- solutions[-1]
  list(fit)
}

# solutions: a row for each sparsity, a column for each observation.
new_fit <- function(solutions, observations, found, x, response, facts) {
  columns <- names_of(x)
  solutions[] <- lapply(solutions, function(one) {
    one$warnings <- translated(one$warnings, columns)
    one
  })
  k <- vapply(solutions[, 1], `[[`, 0L, "k")
  predictors <- vapply(solutions, function(one) times(x, one$support, one$coefficients) + one$intercept,
                       zeros_of(response$y, nrow(response$y)))
  used <- sort(unique(unlist(lapply(solutions, `[[`, "support"))))
  chosen <- found$chosen
  # Of what was not compared, and where Ctrl-C came first, the last.
  chosen <- ifelse(chosen < 1, length(k), (chosen - 1L) %/% ncol(solutions) + 1L)
  notices <- c(if (max(k) < facts$most) paste0("the path was ended at k = ", max(k), ", before k = ", facts$most),
               found$notices)
  numbers <- found$numbers[lengths(found$numbers) > 0]
  if (!is.null(numbers$fold_errors))
    numbers$fold_errors <- matrix(numbers$fold_errors, length(k), dimnames = list(k, NULL))
  if (!is.null(numbers$frequencies))
    numbers$frequencies <- matrix(numbers$frequencies, length(k), byrow = TRUE, dimnames = list(k, columns))
  fit <- list(
    call = facts$call, family = facts$family, k = k, chosen = if (length(chosen)) chosen else c(none = 1L),
    solutions = solutions, columns = columns, responses = if (ncol(solutions) > 1) response$names,
    y = response$y[, observations, drop = FALSE],
    linear.predictors = array(predictors, c(nrow(response$y), dim(solutions))), intercept = facts$intercept,
    weights = facts$weights, weighs_rows = facts$weighs_rows, labels = response$labels,
    comparison = numbers[intersect(facts$criteria, names(numbers))],
    paths = numbers[intersect(path_numbers, names(numbers))],
    deviations = setNames(deviations(x, used), used), notices = notices, na.action = facts$na.action,
    seconds = facts$seconds)
  structure(fit, class = "sparse_recovery")
}

# So many zeros of the type of some numbers.
zeros_of <- function(numbers, count) vector(typeof(numbers), count)

# What one should know: warnings of the solution chosen, and messages about the choice.
tell <- function(fits) {
  said <- function(texts) unique(unlist(Map(function(name, lines) paste0(name, lines, recycle0 = TRUE), names, texts)))
  names <- if (is.null(names(fits))) "" else paste0(names(fits), ": ")
  for (text in said(lapply(fits, function(fit) unlist(lapply(at(fit, NULL), `[[`, "warnings")))))
    warning(text, call. = FALSE)
  for (text in said(lapply(fits, `[[`, "notices"))) message("Note: ", text)
}

# Goes on with Ctrl-C, as R would have: a handler for interrupts finds the best so far in the field fit.
interrupt <- function(fit, call) {
  signalCondition(structure(class = c("sparse_recovery_interrupt", "interrupt", "condition"),
                            list(message = "interrupted", call = call, fit = fit)))
  invokeRestart("abort")
}

# ---- Choosing from a fit ----

# The place of a sparsity: by k, by the name of a criterion that chose, or of the one chosen.
place_of <- function(fit, k) {
  if (is.null(k)) return(fit$chosen[[1]])
  if (is.character(k) && length(k) == 1) {
    if (k %in% names(fit$chosen)) return(fit$chosen[[k]])
  }
  place <- if (is.numeric(k) && length(k) == 1) match(k, fit$k) else NA
  if (is.na(place)) {
    sparsities <- if (length(fit$k) > 1) paste("a sparsity from", min(fit$k), "to", max(fit$k)) else
      paste(fit$k, "(the only sparsity solved)")
    criteria <- setdiff(names(fit$chosen), "none")
    refuse("k", paste(c(sparsities, dQuote(criteria, FALSE)), collapse = ", or "), describe(k))
  }
  place
}

# The solutions of a sparsity, one for each observation.
at <- function(fit, k) fit$solutions[place_of(fit, k), ]
