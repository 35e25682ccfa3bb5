# Ctrl-C ends a long solve, with the best so far, and leaves R as it was.
library(sparserecovery)

set.seed(1)
x <- matrix(rnorm(600 * 300), 600)
y <- rnorm(600)
system(paste("sh -c 'sleep 1; kill -INT", Sys.getpid(), "' &"))
began <- proc.time()[["elapsed"]]
fit <- tryCatch(sparse_recovery(x, y, 60, algorithm = "bnb", time_limit = 60), interrupt = function(condition) condition$fit)
stopifnot(proc.time()[["elapsed"]] - began < 20, inherits(fit, "sparse_recovery"), length(support(fit)) == 60,
          fit$solutions[[1]]$ended == "interrupted", is.finite(deviance(fit)))
fit <- sparse_recovery(x, y, 5, algorithm = "omp")
stopifnot(length(support(fit)) == 5)
said <- capture.output(fit <- sparse_recovery(x, y, 60, algorithm = "bnb", time_limit = 0.3, verbose = TRUE),
                       type = "message")
stopifnot(any(grepl("supports, relative residual", said)))
# A limit ends without an interrupt.
fit <- sparse_recovery(x, y, 60, algorithm = "bnb", time_limit = 0.2)
stopifnot(fit$solutions[[1]]$ended == "time", fit$solutions[[1]]$gap > 0)
