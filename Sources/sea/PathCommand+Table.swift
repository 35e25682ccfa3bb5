import Arguments
import SparseRecovery

extension PathCommand {
  /// What `sea path` understands.
  static let table = Command(
    name: "path", summary: "Solve every sparsity of a range, and choose one of them",
    description: """
      Solves k = a … b, each as 'sea solve' would and compared with what the others lead to, and marks \
      the k that a criterion chooses: an information criterion, cross-validation, or the first that \
      explains enough. \
      The table goes to standard output, everything else to standard error. Ctrl-C writes the \
      sparsities solved so far; a second one ends at once. Exit codes are those of 'sea solve'.
      """,
    examples: [
      Example(
        "Up to 50 columns, as many as the extended BIC chooses, coefficients to x.npy",
        "sea path --matrix A.npy --observation y.npy --sparsity 1:50 --output x.npy"),
      Example(
        "As many as ten-fold cross-validation chooses, with a constant, drawn in the terminal",
        "sea path -m A.csv -y y.csv --header -k 10 --intercept --criterion cv --plot terminal"),
      Example(
        "One table with a column to explain, and one that only names the rows",
        "sea path --table houses.csv --target price --drop id -k 10 --intercept"),
      Example(
        "The fewest columns that leave at most a tenth of y",
        "sea path -m A.npy -y y.npy -k 1:200 --target-residual 0.1 --json"),
    ],
    groups: [
      OptionGroup(
        "Problem",
        [
          Option("matrix", letter: "m", .file, help: "The matrix A, m × n"),
          Option(
            "observation", letter: "y", .file, help: "The observation y, m numbers"),
          Option(
            "sparsity", letter: "k", .text, placeholder: "a:b",
            help: "The sparsities to solve, such as 0:50; b alone stands for 1:b",
            details: """
              0 is the model without any column to choose: the intercept, or nothing. With columns \
              included, b alone begins at their number.
              """,
            isRequired: true),
        ]),
      OptionGroup("Text tables", InputFiles.options),
      TableChoice.options,
      ModelChoice.options,
      MethodChoice.pathOptions,
      MethodChoice.stopping,
      OptionGroup(
        "Choice",
        [
          Option(
            "criterion", letter: "c", .choice(of: SparsityCriterion.Name.self),
            help: "What chooses the sparsity; ebic unless given",
            details: """
              aic, bic, ebic and gic add a price for every column to m log(RSS / m); cv is \
              cross-validation; none chooses the largest.
              """),
          Option(
            "gamma", .number(0...1), placeholder: "gamma", default: "1",
            help: "The weight of the number of supports in ebic; 0 is bic"),
          Option(
            "folds", .integer(2...Int.max), placeholder: "count", default: "10",
            help: "The folds of cross-validation"),
          Option(
            "one-standard-error", .flag,
            help: "Choose the smallest k whose error is within a standard error of the smallest"),
          Option(
            "target-residual", letter: "r", .number(0...1), placeholder: "ratio",
            help: "End the path at the first k with this ‖Ax − y‖ / ‖y‖, and choose it"),
        ]),
      EngineChoice.options,
      CheckpointChoice.options,
      OptionGroup(
        "Output",
        [
          Option(
            "output", letter: "o", .file,
            help: "Write the coefficients of all columns for the k chosen to this file",
            details: "A .npy, .csv, .tsv, .mtx or .mat file."),
          FittedModel.option,
          Option(
            "truth", .file,
            help: "Compare the support chosen with that of this vector, or result of --json"),
          Option("points", .file, help: "Write one line a sparsity to this .csv file"),
          Option(
            "plot", .file, placeholder: "file|terminal",
            help: "Draw loss and criterion into this .svg or .png file, or in the terminal",
            details: "Files are drawn by gnuplot."),
          OutputFiles.option,
          Option("json", letter: "j", .flag, help: "Write the result as one JSON object"),
          Option("quiet", letter: "q", .flag, help: "Show neither progress nor the result as text"),
        ]),
    ],
    alternatives: [["matrix", "observation"], ["table", "target"]])
}
