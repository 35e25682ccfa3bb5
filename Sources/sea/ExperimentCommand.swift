import Arguments
import Charts
import Experiments
import Glibc
import SparseRecovery
import Synchronization

/// `sea experiment`: many problems, several solvers, results that machines can share out.
struct ExperimentCommand {
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
        "target", .text, placeholder: "column",
        help: "The column of the target, by its name or counted from 0; the last unless given"),
      Option(
        "drop", .text, placeholder: "columns",
        help: "Columns of the table that are not looked at, text included"),
      Option("matrix", .file, help: "The features, in place of --data"),
      Option("observation", letter: "y", .file, help: "The target, with --matrix"),
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
    ] + InputFiles.options)

  private static let comparison = OptionGroup(
    "Solvers",
    [
      Option(
        "solvers", .text, placeholder: "list",
        help: "Their names with commas",
        details: """
          sea:omp is sea from the solution of omp; els, ompr and splicing start from others \
          likewise. portfolio is what 'sea solve' does by default. Known are \
          \(Algorithm.all.map(\.name).joined(separator: ", ")).
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
        "seed", .natural, placeholder: "seed", default: "0",
        help: "The name of the random numbers"),
      Option(
        "shard", .text, placeholder: "i/N", help: "Solve one of N shares of the problems",
        details: """
          In a task of a Slurm array its share unless given, and in a step of a launcher with several tasks that of \
          the task, or of both; 1/1 solves all.
          """),
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

  /// The experiments, as they are typed.
  enum Kind: String, CaseIterable {
    case phaseTransition = "phase-transition"
    case deconvolution, regression, scaling
  }

  /// The matrices of a phase transition, as they are typed.
  enum Ensemble: String, CaseIterable {
    case gaussian, bernoulli, uniform, dct, toeplitz
  }

  let arguments: ParsedArguments
  let inputs: InputFiles
  private let folder: String
  private let formats: PlotFormats
  private let choice: EngineChoice

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    inputs = InputFiles(arguments)
    folder = arguments.text("output")
    formats = try PlotFormats(arguments)
    choice = try EngineChoice(arguments)
    try Self.refuseForeignOptions(arguments)
  }

  func run() throws {
    switch arguments.choice("kind", as: Kind.self) {
    case .phaseTransition: try run(phaseTransition())
    case .deconvolution: try run(deconvolution())
    case .regression: try run(regression())
    case .scaling:
      try ScalingExperiment(
        folder: folder, isQuick: arguments.flag("quick"),
        seconds: arguments.number(ifGiven: "time-limit"), threads: choice.backend.threads,
        formats: formats, files: OutputFiles(arguments)
      ).run()
    }
  }

  private func run(_ experiment: some Experiment) throws {
    try experiment.validate()
    Interrupt.listen()
    let (shard, note) = try shard()
    if let note { try Console.write(note) }
    let path = folder + "/" + Self.fileName(shard)
    try makeFolder(folder)
    if !arguments.flag("resume"), let size = FileStatus.size(of: path), size > 0 {
      throw FileError.cannotWrite(
        path: path, reason: "it holds results already; --resume goes on with them")
    }
    let watch = ExperimentWatch(type(of: experiment).name)
    let runner = Runner(
      threads: threads, shard: shard, backend: try backend(), precision: choice.precision,
      isCancelled: { Interrupt.wasRequested }, onProgress: { watch.show($0) })
    let summary = try runner.run(experiment, into: path)
    watch.finish()
    if summary.droppedDamagedLine {
      Console.error("sea: warning: \(path): dropped the last line, which was incomplete")
    }
    try report(summary.progress, of: experiment, in: path)
    if summary.wasCancelled {
      let resumed = CommandWords.all + (arguments.flag("resume") ? [] : ["--resume"])
      Console.error("sea: interrupted; go on with: \(CommandWords.line(resumed))")
      exit(Interrupt.exitCode.rawValue)
    }
    if shard != .whole {
      return try Console.write(
        "next      sea merge \(CommandWords.quoted(folder)) "
          + "--output \(CommandWords.quoted(folder + "/results.jsonl"))\n")
    }
    if !formats.isEmpty {
      try formats.show(
        try experiment.draw(
          resultsAt: path, into: folder, command: CommandWords.line(CommandWords.all),
          formats: formats.pictures,
          replacing: OutputFiles(arguments).areReplaced || arguments.flag("resume")))
    }
  }

  private func report(
    _ progress: Runner.Progress, of experiment: some Experiment, in path: String
  ) throws {
    try Console.write(
      "results   \(path): \(progress.finished) of \(progress.total) problems, "
        + "\(experiment.solvers.count) solvers each\n")
    if progress.impossibleCells > 0 {
      try Console.write(
        "skipped   \(progress.impossibleCells) of \(experiment.cellCount) cells: "
          + "no problems of that size\n")
    }
    for notice in inputs.notices { try Console.write("notice    \(notice)\n") }
  }

  // MARK: Where

  /// The share, and what is to be said of one that a launcher gave.
  private func shard() throws(ExperimentError) -> (Shard, note: String?) {
    if let text = arguments.text(ifGiven: "shard") { return (try Shard(text), nil) }
    let array = try Shard()
    guard let step = try LauncherStep() else { return (array ?? .whole, nil) }
    // A task of a step within a task of an array.
    let outer = array ?? .whole
    let shard = try Shard(
      index: outer.index * step.shard.count + step.shard.index,
      of: outer.count * step.shard.count)
    return (shard, LauncherStep.note(shard, step.variable))
  }

  /// Shares of one folder do not meet, and sort as they count.
  static func fileName(_ shard: Shard) -> String {
    guard shard != .whole else { return "results.jsonl" }
    let (number, count) = ("\(shard.index + 1)", "\(shard.count)")
    let zeros = String(repeating: "0", count: count.count - number.count)
    return "results-\(zeros)\(number)-of-\(count).jsonl"
  }

  /// Problems are many and small: each is given to one core, unless a device is asked for.
  private func backend() throws(RecoveryError) -> any Backend {
    switch choice.backend.name {
    case .auto, .cpu: CPUBackend(threads: 1)
    case .opencl, .reference: try choice.makeBackend()
    }
  }

  private var threads: Int {
    choice.backend.threads ?? (choice.backend.name == .opencl ? 1 : FileStatus.cores)
  }

  // MARK: What is given

  /// An option of another experiment would be ignored, which is hardly what was meant.
  private static func refuseForeignOptions(_ arguments: ParsedArguments) throws(RecoveryError) {
    let grid = ["columns", "grid", "rows", "ratios", "ensemble", "rho", "success"]
    let blur = ["size", "width", "kernel", "boundary"]
    let data = [
      "data", "target", "drop", "matrix", "observation", "header", "separator", "decimal", "degree",
      "intercept", "held-out",
      "folds",
    ]
    let random = ["coefficients", "snr"]
    let runs = ["solvers", "iterations", "trials", "seed", "shard", "resume"]
    let kind: Kind = arguments.choice("kind")
    let foreign =
      switch kind {
      case .phaseTransition: blur + data + ["sparsities", "time-limit"]
      case .deconvolution: grid + data + ["time-limit"]
      case .regression: grid + blur + random + ["time-limit"]
      case .scaling:
        grid + blur + data + random + runs
          + ["sparsities", "backend", "device", "gemv", "precision"]
      }
    for name in foreign where arguments.isGiven(name) {
      throw .invalidOption(
        name: "--\(name)", value: "a value", expected: "none for '\(kind.rawValue)'")
    }
  }
}

/// Shows how far an experiment has come, on a terminal.
private final class ExperimentWatch: Sendable {
  private let name: String
  private let lastShown = Mutex(Duration.zero)

  init(_ name: String) { self.name = name }

  /// Shows the progress, ten times a second at most.
  func show(_ progress: Runner.Progress) {
    guard Console.isWatched else { return }
    lastShown.withLock { last in
      guard progress.elapsed - last > .milliseconds(100) else { return }
      last = progress.elapsed
      let left = progress.remaining.map { ", \($0.inWords) left" } ?? ""
      Console.status("\(name): \(progress.finished) of \(progress.total) problems\(left)")
    }
  }

  /// Removes the progress from the terminal.
  func finish() {
    if lastShown.withLock({ $0 > .zero }) { Console.status("") }
  }
}

extension Duration {
  /// Such as `3 h 20 min`, `5 min 3 s` or `12 s`.
  fileprivate var inWords: String {
    let seconds = Int(self.seconds.rounded(.up))
    return switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
    default: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
  }
}

extension ExitCode {
  /// The code that says whose fault an error of an experiment is.
  init(_ error: ExperimentError) {
    switch error {
    case .differentSettings, .damaged, .conflict: self = .data
    case .busy: self = .cannotCreate
    case .invalidShard, .invalidSetting: self = .usage
    }
  }
}

extension ResultSet {
  /// The experiment that these results of the file at `path` are of.
  ///
  /// - Throws: ``ExperimentError/damaged(path:line:reason:)`` for results of another version.
  func experiment(at path: String) throws(ExperimentError) -> any Experiment {
    do {
      return try experiment()
    } catch {
      throw .damaged(path: path, line: 1, reason: error.description)
    }
  }
}
