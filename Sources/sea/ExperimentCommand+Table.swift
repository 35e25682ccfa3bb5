import Arguments
import Experiments
import SparseRecovery

extension ExperimentCommand {
  /// What `sea experiment` understands.
  static let table = Command(
    name: "experiment", summary: "Compare solvers over many problems, with charts and a page",
    description: """
      phase-transition: for which sizes random supports are found. deconvolution: how well blurred \
      spikes are found. regression: how well few columns of your table explain and predict another. \
      scaling: how time and memory grow with m, n and k, on every device.
      Results go to results.jsonl in the folder, a line a problem. Ctrl-C leaves a file that \
      --resume goes on with. Shards, also those of a Slurm array, are joined by 'sea merge'; \
      'sea plot' draws a file of results again. Charts are drawn by gnuplot where it is installed.
      The same settings and seed give the same results, however they are shared out.
      """,
    examples: [
      Example(
        "A first look in seconds", "sea experiment phase-transition --quick -o quick"),
      Example(
        "Three solvers on correlated columns, charts in the terminal too",
        "sea experiment phase-transition --ensemble toeplitz --rho 0.9 --solvers sea,sea:omp,omp "
          + "--plot svg,terminal -o toeplitz"),
      Example(
        "The third of eight shares, for another machine",
        "sea experiment deconvolution --sparsities 2:40:2 --shard 3/8 -o spikes"),
      Example(
        "Which features of a table predict its last column",
        "sea experiment regression --data table.csv --header --degree 2 --folds 10 -o table"),
    ],
    arguments: [
      Argument("kind", .choice(of: Kind.self), help: "The experiment")
    ],
    groups: [problems, data, comparison, run, EngineChoice.options, output])

  private static let problems = OptionGroup(
    "Random problems",
    [
      Option(
        "columns", letter: "n", .integer(1...1 << 24), placeholder: "n",
        help: "Columns of a phase transition; 64 unless given"),
      Option(
        "grid", .integer(1...1024), placeholder: "count",
        help: "So many m up to n, and so many ratios k/m up to 1; 16 unless given"),
      Option(
        "rows", .text, placeholder: "list", help: "The numbers of rows m instead",
        details: "Numbers with commas; from:to:step for equal steps."),
      Option(
        "ratios", .text, placeholder: "list", help: "The ratios k/m instead, with commas"),
      Option(
        "ensemble", .choice(of: Ensemble.self),
        help: "The matrices of a phase transition; gaussian unless given"),
      Option(
        "rho", .number(), placeholder: "rho",
        help: "Correlation of neighbouring columns of toeplitz matrices; 0.5 unless given"),
      Option(
        "size", .integer(1...1 << 16), placeholder: "n",
        help: "Samples of a deconvolution; 500 unless given"),
      Option(
        "width", .number(), placeholder: "samples",
        help: "Width of the blur; 3 unless given"),
      Option(
        "kernel", .choice(of: BlurKernel.self), help: "Shape of the blur; gaussian unless given"),
      Option(
        "boundary", .choice(of: Boundary.self),
        help: "What happens at the ends of a deconvolution; circulant unless given"),
      Option(
        "sparsities", letter: "k", .text, placeholder: "list",
        help: "The numbers k of spikes or features",
        details: "1,5:50:5 for spikes and 1 to 20 for features unless given."),
      Option(
        "coefficients", .choice(of: CoefficientLaw.self),
        help: "How coefficients are drawn; uniform unless given"),
      Option(
        "snr", .number(), placeholder: "dB",
        help: "Signal-to-noise ratio in decibels; no noise unless given"),
      Option(
        "success", .choice(of: PhaseTransition.Success.self),
        help: "What charts of a phase transition count; support unless given",
        details: "support: the true support. error: a relative error of at most 0.0001."),
    ])

  private static let data = OptionGroup(
    "Data of a regression",
    [
      Option("data", .file, help: "A table of features and target"),
      Option(
        "target", .integer(0...Int.max), placeholder: "column",
        help: "The column of the target, counted from 0; the last unless given"),
      Option("matrix", .file, help: "The features, in place of --data"),
      Option("observation", letter: "y", .file, help: "The target, with --matrix"),
      Option(
        "header", .flag, help: "Skip the first line of text tables: it holds names",
        details: "Without it, a line without any number above a line of numbers is skipped."),
      Option(
        "degree", .integer(1...2), placeholder: "1|2",
        help: "2 adds all products of two features",
        details: "Features are then in standard deviations about their means."),
      Option(
        "intercept", .negatableFlag(isOn: true), help: "Fit a constant, which k does not count"),
      Option(
        "held-out", .number(0...1), placeholder: "share",
        help: "The share of samples to predict, drawn anew in every trial; 0.2 unless given"),
      Option(
        "folds", .integer(2...Int.max), placeholder: "count",
        help: "Hold out one of so many parts in turn instead"),
    ])

  private static let comparison = OptionGroup(
    "Solvers",
    [
      Option(
        "solvers", .text, placeholder: "list",
        help: "Their names with commas",
        details: """
          sea:omp is sea from the solution of omp; els, ompr and splicing start from others \
          likewise. portfolio is what 'sea solve' does by default. Known are \(Algorithm.all.map(\.name).joined(separator: ", ")).
          """),
      Option(
        "iterations", .integer(1...Int.max), placeholder: "count",
        help: "The most supports that each may evaluate; 1000 unless given"),
    ])

  private static let run = OptionGroup(
    "Run",
    [
      Option(
        "trials", .integer(1...Int.max), placeholder: "count", help: "Problems of a cell",
        details: "100 for phase-transition, 200 for deconvolution, 20 for regression unless given."),
      Option(
        "seed", .integer(0...Int.max), placeholder: "seed", default: "0",
        help: "The name of the random numbers"),
      Option(
        "shard", .text, placeholder: "i/N", help: "Solve one of N shares of the problems",
        details: "In a task of a Slurm array its share unless given."),
      Option("resume", letter: "r", .flag, help: "Go on with the results in the folder"),
      Option("quick", .flag, help: "Few and small problems: to see that everything works"),
      Option(
        "time-limit", letter: "t", .number(1...1e6), placeholder: "seconds",
        help: "How long scaling may measure; 540 unless given"),
    ])

  private static let output = OptionGroup(
    "Output",
    [
      Option(
        "output", letter: "o", .file, placeholder: "folder",
        help: "The folder for results, charts and report.html", isRequired: true),
      PlotFormats.option,
      Option("force", .flag, help: "Replace charts, and results of scaling, that exist"),
    ])
}
