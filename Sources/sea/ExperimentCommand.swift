import Arguments
import Charts
import Experiments
import Glibc
import SparseRecovery

/// `sea experiment`: many problems, several solvers, results that machines can share out.
struct ExperimentCommand {
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
        seconds: arguments.number(ifGiven: "time-limit"), threads: choice.threads,
        formats: formats, files: OutputFiles(arguments)
      ).run()
    }
  }

  private func run(_ experiment: some Experiment) throws {
    try experiment.validate()
    Interrupt.listen()
    let shard = try shard()
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

  private func shard() throws(ExperimentError) -> Shard {
    if let text = arguments.text(ifGiven: "shard") { return try Shard(text) }
    return try Shard() ?? .whole
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
    switch choice.name {
    case .auto, .cpu: CPUBackend(threads: 1)
    case .opencl, .reference: try choice.backend()
    }
  }

  private var threads: Int {
    choice.threads ?? (choice.name == .opencl ? 1 : FileStatus.cores)
  }

  // MARK: What is given

  /// An option of another experiment would be ignored, which is hardly what was meant.
  private static func refuseForeignOptions(_ arguments: ParsedArguments) throws(RecoveryError) {
    let grid = ["columns", "grid", "rows", "ratios", "ensemble", "rho", "success"]
    let blur = ["size", "width", "kernel", "boundary"]
    let data = [
      "data", "target", "matrix", "observation", "header", "degree", "intercept", "held-out",
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
