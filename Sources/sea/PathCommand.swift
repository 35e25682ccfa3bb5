import Arguments
import Glibc
import SparseRecovery

/// `sea path`: files in, solutions for many sparsities out, and one of them chosen.
struct PathCommand {
  let arguments: ParsedArguments
  private let range: SparsityRange
  let choice: EngineChoice
  let method: MethodChoice
  let criterion: SparsityCriterion.Name
  private let files: OutputFiles

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    files = OutputFiles(arguments, goesOn: CheckpointChoice.goesOn(arguments))
    method = MethodChoice(arguments)
    range = try SparsityRange(arguments.text("sparsity"))
    choice = try EngineChoice(arguments)
    let isTargeted = arguments.isGiven("target-residual")
    criterion = arguments.choice(ifGiven: "criterion") ?? (isTargeted ? .largest : .ebic)
    if isTargeted, criterion != .largest {
      throw RecoveryError.invalidOption(
        name: "--criterion", value: criterion.rawValue, expected: "none with --target-residual")
    }
  }

  func run() throws {
    let clock = ContinuousClock()
    let begin = clock.now
    Interrupt.listen()
    try SolutionFiles(arguments, files).check(and: ["points"])
    let plot = try arguments.text(ifGiven: "plot").map { try PathPlot($0, files) }
    let checkpoint = try CheckpointChoice(arguments, files)
    let backend = try choice.makeBackend()
    let input = try SolveInput(arguments)
    let problem = input.problem
    guard input.observations.count == 1 else {
      throw RecoveryError.invalidOption(
        name: "--observation", value: "\(input.observations.count) observations", expected: "one")
    }
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
      of: solver, problem, on: backend, precision: self.choice.precision,
      reduction: method.reduction, gramMemory: cacheMemory, gramUse: method.gramUse)
    let choice = try input.blaming { () throws(RecoveryError) in
      try judgement.choice(
        from: found, by: sparsityCriterion, resuming: start?.validation,
        keeper: found.checkpoint.flatMap { path in
          checkpoint?.file.keeper { PathCheckpoint(path: path, validation: $0) }
        }, observer: watch.observe
      ).choice
    }
    watch.finish()
    var report = PathReport(
      found, choice, input, algorithm: arguments.text("algorithm"),
      criterion: criterion.rawValue, precision: self.choice.precision, warning: warning,
      seconds: .init(
        load: (loaded - begin).seconds, solve: (solved - loaded).seconds,
        choose: (clock.now - solved).seconds, total: (clock.now - begin).seconds))
    report.notices =
      input.notices + (reduction.map { [$0.description] } ?? []) + report.notices
    try write(report, input, plot: plot)
    if found.stopReason == .interrupted
      || choice.notices.contains(.unfinished) && Interrupt.wasRequested
    {
      exit(Interrupt.exitCode.rawValue)
    }
  }

  private func write(
    _ report: PathReport, _ input: SolveInput, plot: PathPlot?
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
        { try plot?.draw(report.chart) },
      ] + places)
  }

  /// What chooses, with its parameters.
  private var sparsityCriterion: SparsityCriterion {
    if let target = arguments.number(ifGiven: "target-residual") { return .residual(target) }
    return SparsityCriterion(
      criterion, γ: arguments.number("gamma"), folds: arguments.int("folds"),
      seed: UInt64(arguments.int("seed")),
      withinOneStandardError: arguments.flag("one-standard-error"))
  }

  /// How a path is solved: every sparsity as 'sea solve' solves it, or from warm starts.
  private func path() throws -> SparsityPath {
    SparsityPath(
      solver: method.start == MethodChoice.warmStart ? nil : try method.pathSolver(),
      limits: method.limits, targetResidual: arguments.number(ifGiven: "target-residual"))
  }
}
