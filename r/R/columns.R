# What x, y, k and the family may be.

# Columns as C takes them: a matrix of doubles or of complex numbers, without a copy where x is one, or the slots of a
# dgCMatrix.
as_columns <- function(x) {
  if (is(x, "sparseMatrix")) return(as_sparse(x))
  if (is(x, "Matrix")) x <- as.matrix(x)
  if (is.atomic(x) && is.null(dim(x)) && (is.numeric(x) || is.complex(x))) x <- matrix(x, ncol = 1)
  if (!is.matrix(x) || !(is.numeric(x) || is.logical(x) || is.complex(x)))
    refuse("x", "a numeric or complex matrix, a sparse one of Matrix, a data frame or a formula", describe_columns(x),
           if (is.matrix(x) && is.character(x)) "a data frame or a formula makes columns of texts")
  if (!is.double(x) && !is.complex(x)) storage.mode(x) <- "double"
  x
}

are_complex <- function(x) is.complex(if (is.matrix(x)) x else x$x)

# The same with imaginary parts.
with_imaginary_parts <- function(x) {
  if (is.matrix(x)) storage.mode(x) <- "complex" else x$x <- as.complex(x$x)
  x
}

describe_columns <- function(x) if (is.matrix(x)) paste0("a ", typeof(x), " matrix") else describe(x)

as_sparse <- function(x) {
  if (!is(x, "dgCMatrix")) {
    # Of patterns, truths, triangles and rows: the general kind, by columns.
    x <- as(as(as(x, "dMatrix"), "generalMatrix"), "CsparseMatrix")
  }
  list(p = x@p, i = x@i, x = x@x, Dim = x@Dim, names = x@Dimnames[[2]])
}

nrow_of <- function(x) if (is.matrix(x)) nrow(x) else x$Dim[1]

ncol_of <- function(x) if (is.matrix(x)) ncol(x) else x$Dim[2]

names_of <- function(x) {
  names <- if (is.matrix(x)) colnames(x) else x$names
  if (is.null(names)) paste0("x", seq_len(ncol_of(x))) else names
}

# The product of some columns and their coefficients.
times <- function(x, columns, coefficients) {
  if (is.matrix(x)) return(drop(x[, columns, drop = FALSE] %*% coefficients))
  product <- numeric(x$Dim[1])
  for (place in seq_along(columns)) {
    entries <- seq.int(x$p[columns[place]] + 1, length.out = x$p[columns[place] + 1] - x$p[columns[place]])
    rows <- x$i[entries] + 1
    product[rows] <- product[rows] + x$x[entries] * coefficients[place]
  }
  product
}

# Standard deviations of some columns, for pictures.
deviations <- function(x, columns) {
  vapply(columns, function(column) {
    values <- times(x, column, 1)
    values <- values[is.finite(values)]
    # Of complex numbers the root of the mean square of moduli, which sd does not know.
    sqrt(sum(Mod(values - mean(values))^2) / (length(values) - 1))
  }, 0)
}

as_family <- function(family) {
  if (is.function(family)) family <- family()
  if (inherits(family, "family")) {
    link <- c(gaussian = "identity", binomial = "logit", poisson = "log")[family$family]
    if (!is.na(link) && link != family$link)
      refuse("family", paste("the link", link), family$link, "others are not minimised")
    family <- family$family
  }
  if (!is.character(family) || length(family) != 1 || !family %in% names(family_losses))
    refuse("family", paste(names(family_losses), collapse = ", "), describe(family))
  family
}

# y as numbers, a column for each observation, with the names of the rows; the names of several observations, and which
# labels there were.
as_response <- function(y, x, family) {
  if (is.null(y)) refuse("y", "an observation", "none", "name it on the left of the formula")
  if (is.data.frame(y)) y <- if (ncol(y) == 1) y[[1]] else as.matrix(y)
  names <- NULL
  if (is.matrix(y)) {
    names <- colnames(y)
    if (is.null(names)) names <- paste0("y", seq_len(ncol(y)))
    if (ncol(y) == 1) y <- y[, 1] else if (ncol(y) == 0) refuse("y", "an observation", "a matrix without columns")
  }
  count <- if (is.matrix(y)) nrow(y) else length(y)
  if (count != nrow_of(x)) refuse("y", paste(nrow_of(x), "values (the rows of x)"), count, class = "data")
  rows <- if (is.matrix(y)) rownames(y) else names(y)
  if (is.null(rows) && is.matrix(x)) rows <- rownames(x)
  labels <- NULL
  if (is.complex(y)) require_gaussian(family)
  if (family == "binomial" && !is.matrix(y) && !is.numeric(y)) {
    labels <- if (is.logical(y)) c(FALSE, TRUE) else levels(factor(y))
    if (length(labels) != 2)
      refuse("y", "labels of two kinds", paste(length(labels), "kinds"),
             "fit a label of one of them, such as y == \"a\"", "data")
    if (is.logical(y)) y <- as.double(y) else {
      if (anyNA(y)) refuse("y", "a label for each row", "NA", "leave out such rows", "data")
      y <- as.double(factor(y) == labels[2])
      labels <- factor(labels, labels)
    }
  }
  if (!is.numeric(y) && !is.logical(y) && !is.complex(y))
    refuse("y", paste("numbers for the family", family), describe(y),
           if (is.character(y) || is.factor(y)) "labels have the family binomial", "data")
  if (family == "binomial" && is.matrix(y) && any(y > 1, na.rm = TRUE) && all(y == round(y), na.rm = TRUE))
    refuse("y", "labels 0 and 1", "counts",
           "make a row for each label, with weights = counts and frequency_weights = TRUE", "data")
  if (!is.matrix(y)) names <- NULL
  values <- if (is.complex(y)) as.complex(y) else as.double(y)
  list(y = matrix(values, count, dimnames = list(rows, names)), names = names, labels = labels)
}

require_gaussian <- function(family) {
  if (family != "gaussian") refuse("family", "gaussian with complex numbers", family)
}

as_weights <- function(weights) {
  if (!is.numeric(weights)) refuse("weights", "numbers, one for each row", describe(weights))
  as.double(weights)
}

# Sparsities in ascending order: up to 20, as far as half of the rows allow, where none was said. They count groups where
# there are some.
as_sparsities <- function(k, x, included, groups) {
  if (ncol_of(x) == 0) refuse("x", "a column at least beside the intercept", "none", class = "data")
  if (is.null(k)) {
    units <- if (is.null(groups)) seq_len(ncol_of(x)) else groups
    included <- length(unique(units[included + 1]))
    choices <- length(unique(units))
    return(as.double(included:max(included, min(choices, 20L, nrow_of(x) %/% 2L))))
  }
  if (!is.numeric(k) || length(k) == 0 || anyNA(k) || any(k != round(k)) || any(k < 0) || any(k > .Machine$integer.max))
    refuse("k", "a whole number of columns, or several such as 1:20", describe(k))
  k <- sort(as.double(k))
  if (length(k) > 1 && any(diff(k) != 1))
    refuse("k", "one number, or all from one to another such as 1:20", describe(k))
  if (max(k) > ncol_of(x)) refuse("k", paste("at most", ncol_of(x), "(the columns of x)"), format(max(k)))
  k
}

# The names of what chooses k, the first of which counts most; the library says whether there are such.
as_criteria <- function(criterion, family, is_path, target) {
  if (!is_path) return(character())
  if (is.null(criterion)) return(if (!is.null(target)) "none" else if (family == "huber") "cv" else "ebic")
  if (!is.character(criterion) || anyNA(criterion) || length(criterion) == 0)
    refuse("criterion", "names such as \"ebic\" or \"cv\"", describe(criterion))
  tolower(unlist(strsplit(criterion, ",", fixed = TRUE)))
}
