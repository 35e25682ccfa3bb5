# Options by name, and what the library says, in the terms of R: names with underscores, columns by name or counted from
# one.

# Which loss of the library each family is.
family_losses <- c(gaussian = "squares", binomial = "logistic", poisson = "poisson", huber = "huber")

# Options of the library that arguments say, or their types.
said_otherwise <- c("loss", "header", "complex")

sparse_recovery_algorithms <- function() .Call(C_algorithms)

sparse_recovery_devices <- function() as.data.frame(.Call(C_devices))

sparse_recovery_options <- function(owner = c("problem", "solve", "path", "portfolio")) {
  if (!is.character(owner)) refuse("owner", "names", describe(owner))
  all <- lapply(owner, function(one) {
    options <- .Call(C_options, one)
    if (length(options) == 0 && !one %in% names(.Call(C_algorithms)))
      refuse("owner", "problem, solve, path or an algorithm of sparse_recovery_algorithms()", dQuote(one, FALSE))
    # What arguments say.
    options <- options[!names(options) %in% said_otherwise]
    data.frame(owner = rep(one, length(options)), option = gsub("-", "_", names(options)), help = unname(options))
  })
  do.call(rbind, all)
}

# Their names as the library has them.
known_options <- local({
  known <- list()
  function(owner) {
    if (is.null(known[[owner]])) known[[owner]] <<- .Call(C_options, owner)
    known[[owner]]
  }
})

all_options <- function() {
  owners <- c("problem", "solve", "path", names(.Call(C_algorithms)))
  unique(unlist(lapply(owners, function(owner) names(known_options(owner)))))
}

# Options as C takes them, in two lists: those of the problem, and those of the solve.
checked_options <- function(options, columns) {
  options <- options[!vapply(options, is.null, NA)]
  given <- names(options)
  if (length(options) && (is.null(given) || any(given == "")))
    refuse("...", "options by name", describe(options[[if (is.null(given)) 1 else match("", given)]]),
           "sparse_recovery_options() lists them")
  names <- gsub("[._]", "-", given)
  if (anyDuplicated(names)) refuse(given[anyDuplicated(names)], "one value", "two")
  unknown <- setdiff(names, all_options())
  if (length(unknown)) {
    near <- all_options()
    near <- near[order(adist(unknown[1], near, ignore.case = TRUE))[1:3]]
    refuse(given[match(unknown[1], names)], "an option of sparse_recovery", "none of this name",
           paste0("the nearest are ", paste(gsub("-", "_", near), collapse = ", "),
                  "; sparse_recovery_options() lists all"))
  }
  values <- Map(function(name, value, label) switch(
    name,
    include = , exclude = unique(as_places(label, value, columns)) - 1,
    start = as_start(label, value),
    "column-groups" = as_groups(label, value, columns),
    "fold-labels" = , "fold-groups" = as.double(if (is.numeric(value)) value else as.integer(factor(value))),
    as_text(value, label)
  ), names, options, given)
  names(values) <- names
  own <- names %in% names(known_options("problem"))
  list(problem = values[own], solve = values[!own])
}

# A word or a number as the library reads it: all digits of a double, so that no other one is meant.
as_text <- function(value, name = "value") {
  if (!is.atomic(value) || length(value) == 0 || (length(value) > 1 && !is.character(value)) || anyNA(value))
    refuse(name, "one value", describe(value))
  if (is.logical(value)) return(if (value) "true" else "false")
  if (is.numeric(value)) sprintf("%.17g", value) else paste(enc2utf8(as.character(value)), collapse = ",")
}

# The group of every column by number.
as_groups <- function(name, value, columns) {
  if (!is.atomic(value) || length(value) != length(columns) || anyNA(value))
    refuse(name, paste("a label for each of", length(columns), "columns"), describe(value),
           if (identical(value, "terms")) "a formula and a data frame with factors have terms")
  as.double(as.integer(factor(value)))
}

as_start <- function(name, value) {
  if (!is.numeric(value) && !is.complex(value)) refuse(name, "a number for each column", describe(value))
  if (is.complex(value)) as.complex(value) else as.double(value)
}

# Complex numbers as C takes them in a list: real and imaginary parts in turns.
in_parts <- function(values) as.double(rbind(Re(values), Im(values)))

as_flag <- function(name, value) {
  if (!is.logical(value) || length(value) != 1 || is.na(value)) refuse(name, "TRUE or FALSE", describe(value))
  value
}

# Columns by name, by number, or as a truth for each, as numbers from one on.
as_places <- function(name, value, columns) {
  if (is.character(value)) {
    missing <- setdiff(value, columns)
    if (length(missing))
      refuse(name, paste0("names of columns, such as ", paste(dQuote(head(columns, 3), FALSE), collapse = ", ")),
             dQuote(missing[1], FALSE))
    twice <- intersect(value, columns[duplicated(columns)])
    if (length(twice)) refuse(name, "names of one column each", paste(dQuote(twice[1], FALSE), "twice"), "give numbers")
    return(as.double(match(value, columns)))
  }
  if (is.logical(value)) {
    if (length(value) != length(columns) || anyNA(value))
      refuse(name, paste("TRUE or FALSE for each of", length(columns), "columns"), describe(value))
    return(as.double(which(value)))
  }
  if (!is.numeric(value) || anyNA(value) || any(value != round(value) | value < 1 | value > length(columns)))
    refuse(name, paste("columns from 1 to", length(columns)), describe(value))
  as.double(value)
}

# ---- Errors ----

# Ends with an error that says what was expected, what was found, and what to do.
refuse <- function(name, expected, found, advice = NULL, class = "request") {
  fail(paste0(name, ": expected ", expected, ", found ", found, if (!is.null(advice)) paste0(": ", advice)), class)
}

fail <- function(message, class) {
  classes <- c(paste0("sparse_recovery_", class, "_error"), "sparse_recovery_error")
  stop(errorCondition(message, call = NULL, class = classes))
}

# A value in a few words.
describe <- function(value) {
  if (is.null(value)) return("NULL")
  if (is.atomic(value) && length(value) == 1) return(if (is.character(value)) dQuote(value, FALSE) else format(value))
  if (is.atomic(value) && is.null(dim(value)) && length(value) > 0 && length(value) < 7 && !is.factor(value))
    return(paste(format(value, trim = TRUE), collapse = ", "))
  size <- if (is.null(dim(value))) length(value) else paste(dim(value), collapse = " x ")
  paste0("an object of class ", class(value)[1], " (", size, ")")
}

# What the library says, in the terms of R.
translated <- function(text, columns) {
  named <- function(number) dQuote(columns[as.numeric(number) + 1], FALSE)
  counted <- function(number) as.character(as.numeric(number) + 1)
  text <- replaced(text, "(?<=\\bcolumn )[0-9]+", named)
  text <- replaced(text, "(?<=\\brow )[0-9]+|(?<=\\bat index )[0-9]+|(?<=^entry )[0-9]+", counted)
  text <- replaced(text, "(?<=were never candidates: )[0-9, ]+", function(list)
    paste(named(strsplit(list, ", ")[[1]]), collapse = ", "))
  # NA is a NaN with a number of R's in it.
  text <- sub("found -?s?nan(\\([0-9a-fx]*\\))?", "found NA or NaN", text)
  text <- sub("^loss:", "family:", sub("^sparsity:", "k:", text))
  for (name in grep("-", all_options(), value = TRUE)) text <- gsub(name, gsub("-", "_", name), text, fixed = TRUE)
  text <- sub(" of the matrix\\b", " of x", sub(" of the observation\\b", " of y", text))
  gsub("the matrix", "x", sub("an observation of length", "y of length", text), fixed = TRUE)
}

replaced <- function(text, pattern, by) {
  found <- gregexpr(pattern, text, perl = TRUE)
  regmatches(text, found) <- lapply(regmatches(text, found), function(all) vapply(all, by, ""))
  text
}
