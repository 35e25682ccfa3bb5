import Arguments
import SparseRecovery

extension SolveCommand {
  /// What `sea solve` understands.
  static let table = Command(
    name: "solve", summary: "Find the columns of a matrix that explain an observation best",
    description: """
      Minimises ½‖Ax − y‖² over vectors x with at most k nonzero entries, by the Support \
      Exploration Algorithm, and returns the best support seen.
      Files may be .npy, Matrix Market (.mtx) or text tables (.csv, .tsv), told apart by their \
      contents. A double precision .npy in column order is mapped, not read.
      The result goes to standard output, everything else to standard error. Ctrl-C writes the best \
      support found so far; a second one ends at once.
      Exit codes: 0 solved, 64 wrong usage, 65 bad data, 66 no input, 69 no such device, 70 \
      internal error, 73 cannot write, 130 interrupted.
      """,
    examples: [
      Example(
        "The 50 columns that explain y best, coefficients to x.npy",
        "sea solve --matrix A.npy --observation y.npy --sparsity 50 --output x.npy"),
      Example(
        "A table with a line of names, on the first GPU, and the same again with plain loops",
        "sea solve -m A.csv -y y.csv -k 5 --header --backend opencl --check"),
      Example(
        "Improve what orthogonal matching pursuit finds, for a minute at most, as JSON",
        "sea solve -m A.npy -y y.npy -k 50 --start omp --time-limit 60 --json"),
    ],
    groups: [
      OptionGroup(
        "Problem",
        [
          Option("matrix", letter: "m", .file, help: "The matrix A, m × n", isRequired: true),
          Option(
            "observation", letter: "y", .file, help: "The observation y, m numbers",
            isRequired: true),
          Option(
            "sparsity", letter: "k", .integer(), placeholder: "k",
            help: "The most columns to select", isRequired: true),
          Option("header", .flag, help: "Skip the first line of text tables: it holds names"),
          Option(
            "normalize", .negatableFlag(isOn: true),
            help: "Give every column unit norm while solving",
            details: "Coefficients are always those of the columns as given."),
        ]),
      OptionGroup(
        "Method",
        [
          Option(
            "algorithm", letter: "a", .choice([SEA.name, OMP.name]), default: SEA.name,
            help: "The solver",
            details: "sea explores supports; omp is orthogonal matching pursuit."),
          Option(
            "start", letter: "s", .text, placeholder: "start", default: "zero",
            help: "Where sea starts: zero, correlation, omp, or the path of a vector",
            details: """
              From a vector with k nonzero entries the result is never worse than that vector. A \
              file called zero, correlation or omp is named ./zero and so on.
              """),
          Option(
            "gradient", .choice(of: SEA.Gradient.self), default: "auto",
            help: "How sea computes gradients",
            details: """
              direct: one pass over the matrix an iteration. blocked: iterations on a working set, \
              verified many at a time; the same supports for a few passes. auto: blocked where it \
              pays.
              """),
          Option(
            "step-size", .number(), placeholder: "eta",
            help: "The step size of sea; 1.8 over the squared spectral norm unless given",
            details: "From zero it has no effect."),
        ]),
      OptionGroup(
        "Stopping",
        [
          Option(
            "iterations", letter: "n", .integer(), placeholder: "count", default: "1000",
            help: "The most supports to evaluate"),
          Option(
            "time-limit", letter: "t", .number(0...1e9), placeholder: "seconds",
            help: "The longest time to solve"),
          Option(
            "stagnation", .integer(), placeholder: "count",
            help: "Stop after so many iterations without a better support"),
          Option(
            "tolerance", .number(), placeholder: "ratio", default: "1e-12",
            help: "Stop at this ‖Ax − y‖ / ‖y‖"),
        ]),
      EngineChoice.options,
      OptionGroup(
        "Output",
        [
          Option(
            "output", letter: "o", .file,
            help: "Write the coefficients of all columns to this .npy, .csv or .mtx file"),
          Option("trace", .file, help: "Write one line an iteration to this .csv file"),
          Option("truth", .file, help: "Compare the support with that of this vector"),
          Option(
            "check", .flag,
            help: "Solve again with plain loops and say whether the supports and the loss agree"),
          Option("json", letter: "j", .flag, help: "Write the result as one JSON object"),
          Option("quiet", letter: "q", .flag, help: "Show neither progress nor the result as text"),
        ]),
    ])
}
