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
    let checkpoint = try CheckpointChoice(arguments, files)
    let backend = try choice.makeBackend()
    let input = try SolveInput(arguments, inputs)
    let problem = input.problem
    guard input.observations.count == 1 else {
      throw RecoveryError.invalidOption(
        name: "--observation", value: "\(input.observations.count) observations", expected: "one")
    }
    let folds = try FoldChoice(arguments).plan(input, inputs)
    let sparsities = try range.sparsities(least: max(problem.model.included.count, 1))
    let cacheMemory = try method.cacheMemory()
    let watch = PathProgress(isShown: Console.isWatched && !arguments.flag("quiet"))
    let solver = try path()
    let start = try checkpoint?.start(PathCheckpoint.self)
    let opened = clock.now
    let reduction = try input.blaming { () throws(RecoveryError) in
      try Reduction(problem, method.reduction)
    }
    let solvedProblem = reduction?.problem ?? problem
    let included = reduction?.includedCount ?? 0
    let (found, warning, loaded) = try backend.withEngine(
      solvedProblem.atoms, precision: choice.precision
    ) { engine, warning in
      let loaded = reduction == nil ? clock.now : opened
      let found = try input.blaming { () throws(RecoveryError) in
        let found = try solver.solve(
          Workspace(solvedProblem, on: engine, gramMemory: cacheMemory, use: method.gramUse),
          sparsities: sparsities.lowerBound - included...sparsities.upperBound - included,
          resuming: start?.path, keeper: checkpoint?.file.keeper { PathCheckpoint(path: $0) },
          observer: watch.observe)
        return try reduction?.path(found) ?? found
      }
      return (found, warning, loaded)
    }
    let solved = clock.now
    let judgement = PathJudgement(
      of: solver, problem, on: backend, precision: choice.precision,
      reduction: method.reduction, gramMemory: cacheMemory, gramUse: method.gramUse)
    var (verdicts, errors) = ([PathReport.Verdict](), CrossValidationErrors?.none)
    for (name, criterion) in zip(criteria.names, criteria.criteria(folds)) {
      let judged = try input.blaming { () throws(RecoveryError) in
        try judgement.choice(
          from: found, by: criterion, resuming: start?.validation,
          keeper: found.checkpoint.flatMap { path in
            checkpoint?.file.keeper { PathCheckpoint(path: path, validation: $0) }
          }, observer: watch.observe)
      }
      verdicts.append(PathReport.Verdict(criterion: name.rawValue, choice: judged.choice))
      errors = errors ?? judged.errors
    }
    var resampled: ResampledPaths?
    if let resampling {
      resampled = try input.blaming { () throws(RecoveryError) in
        try judgement.resampled(
          found, by: resampling.draws, resuming: start?.resampling,
          keeper: found.checkpoint.flatMap { path in
            checkpoint?.file.keeper {
              PathCheckpoint(path: path, validation: errors?.checkpoint, resampling: $0)
            }
          }, observer: watch.observe)
      }
    }
    watch.finish()
    var report = PathReport(
      found, verdicts, input, algorithm: arguments.text("algorithm"),
      precision: choice.precision, warning: warning,
      seconds: .init(
        load: (loaded - begin).seconds, solve: (solved - loaded).seconds,
        choose: (clock.now - solved).seconds, total: (clock.now - begin).seconds))
    report.folds = errors.map { FoldReport($0.rows, rows: problem.rows) }
    report.resampling = resampled.map {
      ResamplingReport($0, input.columns, chosen: report.chosen)
    }
    report.notices =
      input.notices + (reduction.map { [$0.description] } ?? []) + report.notices
      + (report.resampling?.notice.map { [$0] } ?? [])
    try write(report, input, plots.path, plots.frequencies)
    let wasCutShort =
      found.stopReason == .interrupted
      || verdicts.contains { $0.choice.notices.contains(.unfinished) }
      || resampled?.stopReason == .interrupted
    if wasCutShort, Interrupt.wasRequested { exit(Interrupt.exitCode.rawValue) }
  }

  private func write(
    _ report: PathReport, _ input: SolveInput, _ plot: PathPlot?, _ frequencies: PathPlot?
  ) throws {
    let chosen = report.chosen
    let places = SolutionFiles(arguments, files).places(
      of: [chosen.solution], input,
      model: { FittedModel(chosen.solution, input, sparsity: chosen.sparsity, arguments) },
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
