# What a fit looks like.

print.sparse_recovery <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  cat("\nCall:\n", paste(deparse(x$call), collapse = "\n"), "\n\n", sep = "")
  cat(headline(x, NULL, digits), "\n\n", sep = "")
  coefficients <- coef(x)
  if (length(coefficients) == 0) cat("No coefficients\n") else {
    cat("Coefficients:\n")
    print.default(format(coefficients, digits = digits), print.gap = 2L, quote = FALSE)
  }
  cat("\n")
  invisible(x)
}

# How many columns, how they were chosen, and what they explain.
headline <- function(x, k, digits) {
  first <- at(x, k)[[1]]
  text <- paste(length(first$support), "of", length(x$columns), "columns")
  if (length(x$k) > 1)
    text <- paste0(text, ", of k = ", min(x$k), " to ", max(x$k),
                   if (names(x$chosen)[1] != "none" && is.null(k)) paste(" by", names(x$chosen)[1]))
  explained <- explained_of(at(x, k))
  paste0(text, ", ", explained_name(x), " ", format_share(explained, digits), proof_of(first, ", "),
         if (is.factor(x$labels)) paste0("\nProbabilities are those of ", dQuote(x$labels[2], FALSE)))
}

# Of all observations together, by the sums of their losses.
explained_of <- function(solutions) {
  losses <- vapply(solutions, function(one) one$measures[["loss"]], 0)
  shares <- vapply(solutions, function(one) one$measures[["explained_loss"]], 0)
  if (length(losses) == 1) return(shares)
  null <- ifelse(shares < 1, losses / (1 - shares), 0)
  if (sum(null) > 0) 1 - sum(losses) / sum(null) else 1
}

explained_name <- function(x) {
  switch(x$family, gaussian = if (x$intercept) "R-squared" else "explained", huber = "explained loss",
         "explained deviance")
}

# What is proved of a solution. Proofs of branch and bound are up to 1e-9 of the loss.
proof_of <- function(solution, before = "") {
  if (is.na(solution$gap)) return("")
  paste0(before, if (solution$gap <= 1e-8) "proved to be the best" else
    paste0("no other has a loss smaller by more than ", format(100 * solution$gap, digits = 3), " %"))
}

summary.sparse_recovery <- function(object, k = NULL, ...) {
  place <- place_of(object, k)
  structure(list(fit = object, k = object$k[place], place = place, criteria = criteria(object),
                 coefficients = coef(object, object$k[place])), class = "summary.sparse_recovery")
}

print.summary.sparse_recovery <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  fit <- x$fit
  solution <- fit$solutions[[x$place, 1]]
  cat("\nCall:\n", paste(deparse(fit$call), collapse = "\n"), "\n\n", sep = "")
  cat(headline(fit, if (x$place != fit$chosen[[1]]) x$k, digits), "\n\nCoefficients:\n", sep = "")
  print.default(format(x$coefficients, digits = digits), print.gap = 2L, quote = FALSE)
  if (length(fit$k) > 1) {
    cat("\nPath (the choice of each criterion has an asterisk):\n")
    print_path(fit, digits)
  } else {
    values <- unlist(x$criteria[-1])
    cat("\n")
    cat(strwrap(paste(measure_labels[names(values)], format_each(values, digits), collapse = ", ")), sep = "\n")
  }
  if (length(fit$alternatives)) {
    cat("\nThe best other supports:\n")
    others <- alternatives(fit)
    others$support <- vapply(others$support, paste, "", collapse = ", ")
    print(format(others, digits = digits), right = FALSE)
  }
  if (!is.null(fit$paths$frequencies)) {
    shares <- sort(fit$paths$frequencies[x$place, ], decreasing = TRUE)
    cat("\nShare of", fit$paths$draws, "draws that chose a column at this k:\n")
    print(round(head(shares[shares > 0], 12), 3))
  }
  search <- if (length(fit$k) == 1) paste0(", ended: ", solution$ended, ", ", solution$evaluated, " supports evaluated")
  cat("\nFound by ", solution$found_by, search, ", in ", format(fit$seconds, digits = 2), " s",
      if (length(fit$k) > 1) " for the path", "\n", sep = "")
  cat("Engine: ", solution$engine, "\n", sep = "")
  if (nzchar(naprint(fit$na.action))) cat("(", naprint(fit$na.action), ")\n", sep = "")
  for (note in c(solution$warnings, fit$notices)) cat(strwrap(paste("Note:", note), exdent = 2), sep = "\n")
  cat("\n")
  invisible(x)
}

# AIC and its like are those of the library: see ?criteria.
measure_labels <- c(loss = "loss", explained_loss = "explained loss", deviance = "deviance",
                    explained_deviance = "explained deviance", r_squared = "R-squared",
                    adjusted_r_squared = "adjusted R-squared", aic = "aic", bic = "bic", ebic = "ebic", gic = "gic",
                    cp = "Cp")

format_each <- function(values, digits) vapply(values, format, "", digits = digits)

# Without a sign where rounding leaves none.
format_share <- function(share, digits) formatC(round(share, digits) + 0, digits, format = "f")

# A line for each k: what is explained, what was compared, and how the support changes.
print_path <- function(fit, digits) {
  columns <- list(k = format(fit$k), format_share(apply(fit$solutions, 1, explained_of), digits))
  names(columns)[2] <- explained_name(fit)
  for (name in names(fit$comparison)) {
    mark <- ifelse(seq_along(fit$k) == fit$chosen[[name]], "*", " ")
    columns[[name]] <- paste0(format(fit$comparison[[name]], digits = digits), mark)
  }
  columns <- Map(function(name, values) format(c(name, values)), names(columns), columns)
  heads <- do.call(paste, c(unname(columns), sep = "  "))
  supports <- lapply(fit$solutions[, 1], `[[`, "support")
  # Lines are broken between names, and not at the spaces within one.
  names <- gsub(" ", "\001", fit$columns)
  changes <- Map(function(now, before) paste(c(
    paste0("+", names[setdiff(now, before)], recycle0 = TRUE),
    paste0("-", names[setdiff(before, now)], recycle0 = TRUE)), collapse = " "),
    supports, c(list(integer()), supports[-length(supports)]))
  width <- max(getOption("width") - nchar(heads[1]) - 2, 20)
  for (line in seq_along(heads)) {
    words <- strwrap(c("change\001of\001support", unlist(changes))[line], width)
    if (length(words) == 0) words <- ""
    before <- c(heads[line], rep(strrep(" ", nchar(heads[1])), length(words) - 1))
    cat(sub(" +$", "", paste0(before, "  ", gsub("\001", " ", words))), sep = "\n")
  }
}
