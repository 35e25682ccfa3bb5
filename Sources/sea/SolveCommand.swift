import Arguments
import Glibc
import SparseRecovery

/// `sea solve`: files in, support and coefficients out.
struct SolveCommand {
  let arguments: ParsedArguments
  let sparsity: Int
  let method: MethodChoice
  let choice: EngineChoice
  let files: OutputFiles
  private let inputs: InputFiles
  private let best = BestSupport()

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    sparsity = arguments.int("sparsity")
    inputs = InputFiles(arguments)
    method = MethodChoice(arguments, inputs)
    choice = try EngineChoice(arguments)
    files = OutputFiles(arguments, goesOn: CheckpointChoice.goesOn(arguments))
  }

  func run() throws { try run { () throws(RecoveryError) in try choice.makeBackend() } }

  /// The same on another place than the one that was asked for.
  func run(on backend: () throws(RecoveryError) -> FallbackBackend) throws {
    let begin = ContinuousClock.now
    Interrupt.listen()
    try SolutionFiles(arguments, files).check(and: ["trace"])
    let solver = try method.solver()
    let checkpoint = try CheckpointChoice(arguments, files)
    let cacheMemory = try method.cacheMemory()
    let backend = try backend()
    let input = try SolveInput(arguments, inputs)
    let test = try TestRows(arguments, input, inputs)
    let loaded = ContinuousClock.now
    let reduction = try reduction(of: input)
    let solved = reduction?.problem ?? input.problem
    do {
      try backend.withEngine(solved.atoms, precision: choice.precision) {
        engine, warning in
        let clock = SolveClock(begin: begin, loaded: reduction == nil ? .now : loaded)
        let workspace = Workspace(solved, on: engine, gramMemory: cacheMemory, use: method.gramUse)
        try solve(workspace, reduction, solver, checkpoint, input, test, clock, warning)
      }
    } catch let error as RecoveryError where error.isOfDevice {
      try writeBest(after: error, input, SolveClock(begin: begin, loaded: begin))
      throw error
    }
  }

  private func solve<S: ResumableSolver>(
    _ loaded: Workspace, _ reduction: Reduction?, _ solver: S, _ checkpoint: CheckpointChoice?,
    _ input: SolveInput, _ test: TestRows?, _ clock: SolveClock, _ warning: Warning?
  ) throws {
    if input.observations.count > 1 || arguments.flag("joint") {
      return try solveMany(loaded, reduction, solver, checkpoint, input, clock, warning)
    }
    let start = try checkpoint?.start(S.Checkpoint.self)
    let watch = SolveWatch(
      limits: method.limits, traces: arguments.isGiven("trace"), showsProgress: showsProgress,
      previousSupport: start?.latestSupport ?? [], best: best,
      alternatives: arguments.int(ifGiven: "alternatives").map(Alternatives.init))
    var (solution, others) = try input.blaming {
      () throws(RecoveryError) in
      let found = try solver.solve(
        loaded, sparsity: reduction?.sparsity(sparsity) ?? sparsity, resuming: start,
        keeper: checkpoint?.file.keeper(), observer: watch.observe)
      let others = try watch.alternatives?.besides(found, loaded)
      guard let reduction else { return (found, others) }
      return (
        try reduction.solution(found),
        try others?.map { (other) throws(RecoveryError) in try reduction.solution(other) }
      )
    }
    watch.finish()
    solution = input.problem.complexForm(of: solution)
    others = others?.map(input.problem.complexForm(of:))
    if let warning { solution.warnings.append(warning) }
    let fitted = fitted(solution, input)
    var report = report(solution, input, clock)
    report.alternatives = others
    // A table that cannot be read to its end costs no result.
    let judged = Result { try fitted.flatMap { try test?.error(of: $0) } }
    if case .success(let judged?) = judged {
      report.test = judged.error
      report.notices += judged.notices
    }
    if let reduction { report.notices.append(reduction.description) }
    if let truth = input.truth { report.compare(withTruth: truth) }
    if arguments.flag("check"), solution.stopReason != .interrupted {
      report.check = try check(solution, solver: solver, problem: input.problem)
    }
    try write(report, input, fitted, watch)
    _ = try judged.get()
    if solution.stopReason == .interrupted { exit(Interrupt.exitCode.rawValue) }
  }

  /// The problem on few rows, where that pays or is asked for.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` where it cannot be.
  private func reduction(of input: SolveInput) throws -> Reduction? {
    guard sparsity > input.problem.atoms.requiredCount else {
      guard method.reduction != .on else {
        throw RecoveryError.invalidOption(
          name: "--reduce", value: "on", expected: "off where there is nothing to select")
      }
      return nil
    }
    return try input.blaming { () throws(RecoveryError) in
      try Reduction(input.problem, observations: input.observations, method.reduction)
    }
  }

  /// Shows a result and writes its files. Where a file cannot be written the result is shown, even if
  /// nothing was to be.
  private func write(
    _ report: SolveReport, _ input: SolveInput, _ fitted: FittedModel?, _ watch: SolveWatch? = nil
  ) throws {
    let isQuiet = arguments.flag("quiet") && !arguments.flag("json")
    do {
      let places = SolutionFiles(arguments, files).places(
        of: [report.solution], input, model: { fitted }, page: { try report.page(input) },
        report: report)
      try OutputFiles.writeAll(
        [{ if !isQuiet { try show(report) } }] + places + [
          {
            if let path = arguments.text(ifGiven: "trace") {
              try watch?.writeTrace(to: path, replacing: files.areReplaced)
            }
          }
        ])
    } catch {
      if isQuiet { try show(report) }
      throw error
    }
  }

  private func show(_ report: SolveReport) throws {
    if arguments.flag("json") {
      try Console.write(json: report)
    } else {
      try Console.write(report.text())
    }
  }

  /// Writes the best that was found before the engine failed.
  private func writeBest(
    after error: RecoveryError, _ input: SolveInput, _ clock: SolveClock
  ) throws {
    let solution = try best.solution(of: input.problem, sparsity: sparsity, after: error)
    if let solution = solution.map(input.problem.complexForm(of:)) {
      try write(report(solution, input, clock), input, fitted(solution, input))
    }
  }

  /// The model of a solution, where it is wanted.
  private func fitted(_ solution: SparseSolution, _ input: SolveInput) -> FittedModel? {
    arguments.isGiven("model-output") || arguments.isGiven("test")
      ? FittedModel(solution, input, sparsity: sparsity, arguments) : nil
  }

  /// Whether to show how a solve gets on.
  var showsProgress: Bool { Console.isWatched && !arguments.flag("quiet") }

  /// What is said about a solution, for one of the observations.
  func report(
    _ solution: SparseSolution, _ input: SolveInput, _ clock: SolveClock, of place: Int = 0
  ) -> SolveReport {
    SolveReport(
      solution, input, sparsity: sparsity,
      algorithm: arguments.text("algorithm"), start: arguments.text("start"),
      gradient: explores ? method.gradient.resolved(for: input.problem) : method.gradient,
      precision: choice.precision, choice: choice.verdict.text,
      seconds: clock.seconds(at: .now), observation: place)
  }

  /// Solves again with plain loops and direct gradients, for as many iterations as it took.
  private func check(
    _ solution: SparseSolution, solver: any ResumableSolver, problem: RecoveryProblem
  ) throws -> SolveReport.Check {
    var solver = solver
    if type(of: solver).has(option: "gradient") { try solver.set("gradient", to: "direct") }
    if explores {
      solver.limits.time = nil
      if method.start != "auto" {
        solver.limits.stagnation = nil
        solver.limits.iterations = solution.iterations
      }
    }
    let expected = try solver.solve(problem, sparsity: sparsity, on: ReferenceBackend()) { _ in
      Interrupt.wasRequested ? .stop : .proceed
    }
    return SolveReport.Check(solution, expected: problem.complexForm(of: expected))
  }

  /// Whether SEA is asked for, alone or in a portfolio.
  private var explores: Bool { arguments.text("algorithm") == SEA.name }
}

/// When a solve began, and when its data were in place.
struct SolveClock {
  let begin: ContinuousClock.Instant
  let loaded: ContinuousClock.Instant

  /// Where the time went until `end`.
  func seconds(at end: ContinuousClock.Instant) -> SolveReport.Seconds {
    SolveReport.Seconds(
      load: (loaded - begin).seconds, solve: (end - loaded).seconds, total: (end - begin).seconds)
  }
}
