import Arguments
import SparseRecovery

extension SolveCommand {
  /// What `sea solve` understands.
  static let table = Command(
    name: "solve", summary: "Find the columns of a matrix that explain an observation best",
    description: """
      Minimises ½‖Ax − y‖², or the loss that --loss names, over vectors x with at most k nonzero entries, by a portfolio of solvers \
      around the Support Exploration Algorithm unless told otherwise, and returns the best support \
      seen.
      Files may be .npy, .npz (FILE.npz:NAME), Matrix Market (.mtx), MATLAB's .mat (FILE.mat:NAME) or text tables \
      (.csv, .tsv), text compressed by gzip or not, told apart by their contents; - is standard input. A double precision .npy in column order is mapped, not read. What a \
      file does not say and was guessed, such as a line of names or the number of observations, is in \
      the result as a notice.
      The result goes to standard output, everything else to standard error. Ctrl-C, \
      SIGTERM and a terminal that closes (but under nohup) write the best support found so far; a \
      second Ctrl-C or SIGTERM ends at once.
      Exit codes: 0 solved, 64 wrong usage, 65 bad data, 66 no input, 69 no such device, 70 \
      internal error, 73 cannot write, 129 hung up, 130 interrupted, 143 terminated.
      """,
    examples: [
      Example(
        "The 50 columns that explain y best, coefficients to x.npy",
        "sea solve --matrix A.npy --observation y.npy --sparsity 50 --output x.npy"),
      Example(
        "A table with a line of names, on the first GPU, and the same again with plain loops",
        "sea solve -m A.csv -y y.csv -k 5 --header --backend opencl --check"),
      Example(
        "The 5 columns of a table that explain its column price best",
        "sea solve --table houses.csv --target price --drop id -k 5 --intercept"),
      Example(
        "Improve what orthogonal matching pursuit finds, for a minute at most, as JSON",
        "sea solve -m A.npy -y y.npy -k 50 --start omp --time-limit 60 --json"),
      Example(
        "The 5 columns that tell ill patients from others, by logistic regression",
        "sea solve --table patients.csv --target ill -k 5 --intercept --loss logistic"),
      Example(
        "A regression with an intercept, column 3 in it whatever happens",
        "sea solve -m X.csv -y y.csv -k 8 --standardize --include 3"),
    ],
    groups: [
      OptionGroup(
        "Problem",
        [
          Option(
            "matrix", letter: "m", .file, help: "The matrix A, m × n, of real or complex numbers"),
          Option(
            "observation", letter: "y", .file,
            help: "The observation y, m numbers; or several, one a column"),
          Option(
            "sparsity", letter: "k", .integer(), placeholder: "k",
            help: "The most columns to select", isRequired: true),
          Option(
            "joint", .flag, help: "Give all observations one common support"),
        ]),
      OptionGroup("Text tables", InputFiles.options),
      TableChoice.options,
      ModelChoice.options,
      MethodChoice.options,
      MethodChoice.stopping,
      CheckpointChoice.options,
      EngineChoice.options,
      OptionGroup(
        "Output",
        SolutionFiles.options + [
          TestRows.option,
          Option(
            "alternatives", .integer(1...1000), placeholder: "count",
            help: "Say which other supports of the same size explain y next best",
            details: """
              Of all that one exchange of a column leads to, and of all seen; with a ridge, with signs or under another \
              loss than squares of those seen.
              """),
          Option("trace", .file, help: "Write one line an iteration to this .csv file"),
          OutputFiles.option,
          Option(
            "truth", .file,
            help: "Compare the support with that of this vector, or of this result of --json"),
          Option(
            "check", .flag,
            help: "Solve again with plain loops and say whether the supports and the loss agree"),
          Option("json", letter: "j", .flag, help: "Write the result as one JSON object"),
          Option("quiet", letter: "q", .flag, help: "Show neither progress nor the result as text"),
        ]),
    ],
    alternatives: [["matrix", "observation"], ["table", "target"]])
}
