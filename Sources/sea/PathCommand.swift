import Arguments
import Glibc
import SparseRecovery

/// `sea path`: files in, solutions for many sparsities out, and one of them chosen.
struct PathCommand {
  let arguments: ParsedArguments
  private let range: SparsityRange
  let choice: EngineChoice
  let method: MethodChoice
  private let criteria: CriterionChoice
  private let resampling: ResamplingChoice?
  private let files: OutputFiles
  private let inputs: InputFiles

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    files = OutputFiles(arguments, goesOn: CheckpointChoice.goesOn(arguments))
    inputs = InputFiles(arguments)
    method = MethodChoice(arguments, inputs)
    range = try SparsityRange(arguments.text("sparsity"))
    choice = try EngineChoice(arguments)
    criteria = try CriterionChoice(arguments)
    resampling = try ResamplingChoice(arguments)
  }

  func run() throws {
    let clock = ContinuousClock()
    let begin = clock.now
    Interrupt.listen()
    try SolutionFiles(arguments, files).check(and: ["points", "frequencies"])
    let plots = (
      path: try PathPlot(arguments, "plot", files),
      frequencies: try PathPlot(arguments, "frequency-plot", files)
    )
    let backend = try choice.makeBackend()
    let input = try SolveInput(arguments, inputs)
    let isJoint = arguments.flag("joint")
    let choice = try ShareChoice(
      arguments,
      isDivisible: input.observations.count > 1 && !isJoint || resampling != nil
        || criteria.names.contains(.cv))
    let checkpoint = try CheckpointChoice(arguments, files, naming: choice.path)
    if let note = choice.note { try Console.write(note) }
    if input.observations.count > 1 || isJoint { try refuse(optionsOf: isJoint) }
    let folds = try FoldChoice(arguments).plan(input, inputs)
    let watch = PathProgress(isShown: Console.isWatched && !arguments.flag("quiet"))
    let run = PathRun(
      input: input, solver: try path(),
      sparsities: try range.sparsities(least: max(input.problem.atoms.requiredCount, 1)),
      criteria: Array(zip(criteria.names, criteria.criteria(folds))),
      draws: resampling?.draws, backend: backend, precision: self.choice.precision, method: method,
      cacheMemory: try method.cacheMemory(), isJoint: isJoint, checkpoint: checkpoint,
      share: choice.share,
      observer: watch.observe)
    let found = try run.run()
    watch.finish()
    if choice.share != .whole {
      exitIfInterrupted(found)
      return try Console.write(choice.next(arguments.text("checkpoint")))
    }
    let seconds = PathReport.Seconds(
      load: (found.loaded - begin).seconds, solve: (found.solved - found.loaded).seconds,
      choose: (clock.now - found.solved).seconds, total: (clock.now - begin).seconds)
    let reports = found.outcomes.map { report($0, found, input, seconds) }
    if reports.count == 1 {
      try write(reports[0], input, plots.path, plots.frequencies)
    } else {
      try write(reports, input)
    }
    exitIfInterrupted(found)
  }

  private func exitIfInterrupted(_ found: PathRun.Outcomes) {
    if Interrupt.wasRequested, found.outcomes.contains(where: \.isInterrupted) {
      exit(Interrupt.exitCode.rawValue)
    }
  }

  /// - Throws: ``UsageError`` for an option that is for one observation.
  private func refuse(optionsOf isJoint: Bool) throws(UsageError) {
    let files = ["points", "plot", "frequencies", "frequency-plot", "truth"]
    let never = ["model-output", "report"]
    for option in never + (isJoint ? [] : files) where arguments.isGiven(option) {
      throw .excludedOption(
        option: "--\(option)",
        by: "several observations" + (never.contains(option) ? "" : " unless with --joint"))
    }
  }

  private func report(
    _ outcome: ObservationPaths.Outcome, _ found: PathRun.Outcomes, _ input: SolveInput,
    _ seconds: PathReport.Seconds
  ) -> PathReport {
    let verdicts = zip(criteria.names, outcome.choices).map {
      PathReport.Verdict(criterion: $0.rawValue, choice: $1)
    }
    var report = PathReport(
      outcome.path.complexForm(of: input.problem), verdicts, input,
      algorithm: arguments.text("algorithm"),
      precision: choice.precision, warning: found.warning, seconds: seconds,
      observation: outcome.observation)
    report.backendChoice = choice.verdict.text
    report.folds = outcome.errors.map { FoldReport($0.rows, rows: input.problem.givenRows) }
    report.resampling = outcome.resampled.map {
      ResamplingReport(
        $0, input.columns, chosen: report.chosen.sparsity, support: report.chosen.support)
    }
    report.notices =
      input.notices + (found.reduction.map { [$0] } ?? []) + report.notices
      + (report.resampling?.notice.map { [$0] } ?? [])
    return report
  }

  /// The paths of several observations, each with a choice of its own.
  private func write(_ reports: [PathReport], _ input: SolveInput) throws {
    let places = SolutionFiles(arguments, files).places(
      of: reports.map { $0.chosen.solutions[0] }, input, model: { nil }, page: { nil },
      report: reports)
    try OutputFiles.writeAll(
      [
        {
          if arguments.flag("json") {
            try Console.write(json: reports)
          } else if !arguments.flag("quiet") {
            try Console.write(PathReport.table(reports))
          }
        }
      ] + places)
  }

  private func write(
    _ report: PathReport, _ input: SolveInput, _ plot: PathPlot?, _ frequencies: PathPlot?
  ) throws {
    let chosen = report.chosen
    let places = SolutionFiles(arguments, files).places(
      of: chosen.solutions, input,
      model: { FittedModel(chosen.solutions[0], input, sparsity: chosen.sparsity, arguments) },
      page: { try report.page(input) }, report: report)
    try OutputFiles.writeAll(
      [
        {
          if arguments.flag("json") {
            try Console.write(json: report)
          } else if !arguments.flag("quiet") {
            try Console.write(report.text())
          }
        },
        {
          guard let path = arguments.text(ifGiven: "points") else { return }
          try AtomicFile.write(to: path, replacing: files.areReplaced) { (file) throws(FileError) in
            for line in report.csv { try file.write(line) }
          }
        },
        {
          guard let path = arguments.text(ifGiven: "frequencies"), let draws = report.resampling
          else { return }
          try AtomicFile.write(to: path, replacing: files.areReplaced) { (file) throws(FileError) in
            for line in draws.csv { try file.write(line) }
          }
        },
        { try plot?.draw(report.chart) },
        { if let draws = report.resampling { try frequencies?.draw(draws.chart) } },
      ] + places)
  }

  /// How a path is solved: every sparsity as 'sea solve' solves it, or from warm starts.
  private func path() throws -> SparsityPath {
    SparsityPath(
      solver: method.start == MethodChoice.warmStart ? nil : try method.pathSolver(),
      limits: method.limits, targetResidual: arguments.number(ifGiven: "target-residual"))
  }
}
