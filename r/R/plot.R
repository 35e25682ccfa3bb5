# Pictures of a path, or of one fit.

plot.sparse_recovery <- function(x, which = c("criterion", "coefficients", "support"), criterion = NULL, labels = 10,
                                 ...) {
  which <- match.arg(which)
  if (!is.null(x$responses) && which != "criterion")
    refuse("which", "\"criterion\" of several observations", dQuote(which, FALSE))
  if (length(x$k) == 1) return(plot_fit(x, ...))
  switch(which, criterion = plot_criterion(x, criterion, ...), coefficients = plot_coefficients(x, labels, ...),
         support = plot_support(x, criterion, ...))
  invisible(x)
}

# y beside what the fit says of it, where there is no path: moduli of complex numbers.
plot_fit <- function(x, xlab = drawn_name(x, "fitted"), ylab = drawn_name(x, "residuals"), main = "", ...) {
  plot(drawn(fitted(x)), drawn(residuals(x)), xlab = xlab, ylab = ylab, main = main, ...)
  abline(h = 0, lty = 3)
  invisible(x)
}

# What a picture has room for.
drawn <- function(numbers) if (is.complex(numbers)) Mod(numbers) else numbers

drawn_name <- function(x, name) if (is.complex(x$y)) paste0("|", name, "|") else name

plot_criterion <- function(x, criterion, xlab = "k", ylab = NULL, ylim = NULL, main = "", ...) {
  name <- if (is.null(criterion)) c(names(x$comparison), "none")[1] else criterion
  values <- compared(x, name)
  errors <- if (name == "cv") x$paths$standard_errors else 0
  if (is.null(ylim)) ylim <- range((values + errors)[is.finite(values)], (values - errors)[is.finite(values)])
  if (is.null(ylab)) ylab <- switch(name, none = explained_name(x), cv = "error held out", toupper(name))
  plot(x$k, values, type = "b", pch = 20, xlab = xlab, ylab = ylab, ylim = ylim, main = main, xaxt = "n", ...)
  axis(1, unique(round(pretty(x$k))))
  if (name == "cv") segments(x$k, values - errors, x$k, values + errors, col = "grey50")
  if (name != "none") {
    chosen <- x$k[x$chosen[[name]]]
    abline(v = chosen, lty = 2, col = "grey40")
    mtext(paste("k =", chosen), 3, 0.3, at = chosen, cex = par("cex"))
  }
}

# What a criterion compared; what is explained, where there is none.
compared <- function(x, name) {
  if (name == "none") return(apply(x$solutions, 1, explained_of))
  if (is.null(x$comparison[[name]]))
    refuse("criterion", paste("one that was asked for,", paste(names(x$comparison), collapse = ", ")), describe(name))
  x$comparison[[name]]
}

# In standard deviations of the columns, so that their units do not matter.
plot_coefficients <- function(x, labels, xlab = "k", ylab = paste(drawn_name(x, "coefficient"), "x standard deviation"),
                              main = "", ...) {
  used <- as.integer(names(x$deviations))
  values <- vapply(x$solutions[, 1], function(one) {
    coefficients <- numeric(length(x$columns))
    coefficients[one$support] <- drawn(one$coefficients)
    coefficients[used] * x$deviations
  }, numeric(length(used)))
  values <- matrix(values, length(used))
  colours <- hcl.colors(max(length(used), 2), "Dark 3")
  right <- max(strwidth_of(x$columns[used]), 0)
  old <- par(mar = par("mar") + c(0, 0, 0, right))
  on.exit(par(old))
  matplot(x$k, t(values), type = "l", lty = 1, col = colours, xlab = xlab, ylab = ylab, main = main, xaxt = "n", ...)
  axis(1, unique(round(pretty(x$k))))
  abline(h = 0, lty = 3)
  abline(v = x$k[x$chosen[[1]]], lty = 2, col = "grey40")
  # The largest at the end have their names there.
  last <- values[, ncol(values)]
  named <- head(order(-abs(last)), labels)
  named <- named[last[named] != 0]
  mtext(x$columns[used[named]], 4, 0.3, at = apart(last[named]), las = 1, cex = 0.7 * par("cex"), col = colours[named])
}

# Heights of labels, from the top on moved so far down that they do not meet; and up again where they leave the picture.
apart <- function(heights) {
  line <- 1.2 * strheight("X", cex = 0.7)
  order <- order(heights, decreasing = TRUE)
  for (place in seq_along(order)[-1])
    heights[order[place]] <- min(heights[order[place]], heights[order[place - 1]] - line)
  heights + max(0, par("usr")[3] - min(heights, Inf))
}

# Lines of a margin that the longest of some names takes.
strwidth_of <- function(names) max(strwidth(names, "inches", cex = 0.7), 0) / par("csi")

# A row for each k, as leaps draws it: the columns of its support, darker where the criterion is better.
plot_support <- function(x, criterion, xlab = "", ylab = "k", main = "", ...) {
  used <- as.integer(names(x$deviations))
  chosen <- vapply(x$solutions[, 1], function(one) used %in% one$support, logical(length(used)))
  chosen <- matrix(chosen, length(used))
  name <- if (is.null(criterion)) c(names(x$comparison), "none")[1] else criterion
  values <- compared(x, name)
  rank <- rank(if (name == "none") -values else values)
  shade <- sweep(chosen, 2, rank, function(is_in, rank) ifelse(is_in, rank, NA))
  old <- par(mar = c(max(strwidth_of(x$columns[used]) + 1, 3), 4, 2, 2) + 0.1)
  on.exit(par(old))
  image(seq_along(used), x$k, shade, 
        # Without the lightest, which look like none.
        col = head(hcl.colors(2 * length(x$k) + 2, "Blues 3"), length(x$k) + 1), xaxt = "n", yaxt = "n",
        xlab = xlab, ylab = ylab, main = main, ...)
  axis(1, seq_along(used), x$columns[used], las = 2, cex.axis = 0.7)
  axis(2, x$k, las = 1, cex.axis = 0.8)
  box()
  mtext("*", 4, 0.3, at = x$k[x$chosen[[if (name == "none") 1 else name]]], las = 1)
}
