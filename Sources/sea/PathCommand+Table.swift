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
      sparsities solved so far, and what the draws of a resampling that are complete say; a second one ends \
      at once. Exit codes are those of 'sea solve'.
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
        "What ebic and five-fold cross-validation choose where rows of one patient belong together",
        "sea path --table visits.csv --target dose -k 10 --criterion ebic,cv --folds 5 --fold-groups patient"
      ),
      Example(
        "How often each column is chosen on 200 draws of the rows, drawn in the terminal",
        "sea path --table houses.csv --target price --drop id -k 10 --bootstrap 200 --frequency-plot terminal"
      ),
      Example(
        "The fewest columns that leave at most a tenth of y",
        "sea path -m A.npy -y y.npy -k 1:200 --target-residual 0.1 --json"),
    ],
    groups: [
      OptionGroup(
        "Problem",
        [
          Option(
            "matrix", letter: "m", .file, help: "The matrix A, m × n, of real or complex numbers"),
          Option(
            "observation", letter: "y", .file,
            help:
              "The observation y, m numbers; or several, one a column, each with a path of its own"),
          Option(
            "sparsity", letter: "k", .text, placeholder: "a:b",
            help: "The sparsities to solve, such as 0:50; b alone stands for 1:b",
            details: """
              0 is the model without any column to choose: the intercept, or nothing. With columns \
              included, b alone begins at their number.
              """,
            isRequired: true),
          Option(
            "joint", .flag, help: "Give all observations one common support at each sparsity",
            details: "Criteria and errors are those of all observations together."),
        ]),
      OptionGroup("Text tables", InputFiles.options),
      TableChoice.options,
      ModelChoice.options,
      MethodChoice.pathOptions,
      MethodChoice.stopping,
      OptionGroup("Choice", CriterionChoice.options + FoldChoice.options),
      ResamplingChoice.options,
      EngineChoice.options,
      OptionGroup(
        CheckpointChoice.options.title, CheckpointChoice.options.options + [ShareChoice.option]),
      OptionGroup(
        "Output",
        SolutionFiles.options + [
          Option(
            "truth", .file,
            help: "Compare the support chosen with that of this vector, or result of --json"),
          Option("points", .file, help: "Write one line a sparsity to this .csv file"),
          Option(
            "plot", .file, placeholder: "file|terminal",
            help: "Draw loss and criteria into this .svg or .png file, or in the terminal",
            details: "Files are drawn by gnuplot."),
          OutputFiles.option,
          Option("json", letter: "j", .flag, help: "Write the result as one JSON object"),
          Option("quiet", letter: "q", .flag, help: "Show neither progress nor the result as text"),
        ]),
    ],
    alternatives: [["matrix", "observation"], ["table", "target"]])
}
