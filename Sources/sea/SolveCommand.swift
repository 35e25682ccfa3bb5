import Arguments
import Glibc
import SparseRecovery

/// `sea solve`: files in, support and coefficients out.
struct SolveCommand {
  private let arguments: ParsedArguments
  private let matrixPath: String
  private let observationPath: String
  private let sparsity: Int
  private let choice: EngineChoice

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    matrixPath = arguments.text("matrix")
    observationPath = arguments.text("observation")
    sparsity = arguments.int("sparsity")
    choice = try EngineChoice(arguments)
  }

  func run() throws {
    let clock = ContinuousClock()
    let begin = clock.now
    Interrupt.listen()
    // Before any work, so that a typing error does not cost the result of a long solve.
    for option in ["output", "trace"] {
      if let path = arguments.text(ifGiven: option) { try AtomicFile.checkWritable(path) }
    }
    let solver = try self.solver()
    let backend = try choice.backend()
    let problem = try readProblem()
    let truth = try arguments.text(ifGiven: "truth").map { try readTruth($0) }
    let engine = try backend.load(problem.atoms, precision: choice.precision)
    let loaded = clock.now

    let watch = SolveWatch(
      limits: limits, traces: arguments.isGiven("trace"),
      showsProgress: Console.isWatched && !arguments.flag("quiet"))
    let solution = try blaming {
      () throws(RecoveryError) in
      try solver.solve(problem, sparsity: sparsity, with: engine, observer: watch.observe)
    }
    watch.finish()
    let solved = clock.now

    var report = SolveReport(
      solution, problem: problem, sparsity: sparsity, algorithm: type(of: solver).name,
      start: arguments.text("start"), gradient: gradient(of: solver, for: problem),
      precision: choice.precision,
      seconds: .init(
        load: (loaded - begin).seconds, solve: (solved - loaded).seconds,
        total: (clock.now - begin).seconds))
    if let truth { report.compare(withTruth: truth) }
    if arguments.flag("check"), solution.stopReason != .interrupted {
      report.check = try check(solution, solver: solver, problem: problem)
    }
    try write(report, watch: watch, columns: problem.columns)
    if solution.stopReason == .interrupted { exit(ExitCode.interrupted.rawValue) }
  }

  private func write(_ report: SolveReport, watch: SolveWatch, columns: Int) throws {
    if let path = arguments.text(ifGiven: "output") {
      try MatrixFile.write(report.solution.dense(columns: columns), to: path)
    }
    if let path = arguments.text(ifGiven: "trace") { try watch.writeTrace(to: path) }
    if arguments.flag("json") {
      try Console.write(json: report)
    } else if !arguments.flag("quiet") {
      Console.write(report.text())
    }
  }

  // MARK: Input

  private func readProblem() throws -> RecoveryProblem {
    let header = arguments.flag("header")
    let matrix = try MatrixFile.read(matrixPath, header: header)
    let observation = try MatrixFile.readVector(observationPath, header: header)
    return try blaming { () throws(RecoveryError) in
      try RecoveryProblem(
        matrix: matrix, observation: observation, normalize: arguments.flag("normalize"))
    }
  }

  private func readTruth(_ path: String) throws -> [Int] {
    let truth = try MatrixFile.readVector(path, header: arguments.flag("header"))
    return truth.indices.filter { truth[$0] != 0 }
  }

  /// Says which file holds the numbers that an error complains of.
  private func blaming<Result>(_ body: () throws(RecoveryError) -> Result) throws -> Result {
    do throws(RecoveryError) {
      return try body()
    } catch {
      switch error {
      case .observationLength, .nonFiniteObservation:
        throw BlamedError(path: observationPath, error: error)
      case .startLength, .nonFiniteStart:
        throw BlamedError(path: arguments.text("start"), error: error)
      case _ where error.kind == .data: throw BlamedError(path: matrixPath, error: error)
      default: throw error
      }
    }
  }

  // MARK: Method

  private var limits: Limits {
    var limits = Limits()
    limits.iterations = arguments.int("iterations")
    limits.time = arguments.number(ifGiven: "time-limit").map { .seconds($0) }
    limits.stagnation = arguments.int(ifGiven: "stagnation")
    limits.tolerance = arguments.number("tolerance")
    return limits
  }

  private func solver() throws -> any Solver {
    switch arguments.text("algorithm") {
    case OMP.name: return OMP(limits: limits)
    default:
      return SEA(
        start: try start(), stepSize: arguments.number(ifGiven: "step-size"),
        gradient: arguments.choice("gradient"), limits: limits)
    }
  }

  /// How gradients are computed in the end: OMP has one way only.
  private func gradient(of solver: any Solver, for problem: RecoveryProblem) -> SEA.Gradient {
    (solver as? SEA)?.gradient.resolved(for: problem, sparsity: sparsity) ?? .direct
  }

  private func start() throws -> SEA.Start {
    switch arguments.text("start") {
    case "zero": .zero
    case "correlation": .correlation
    case OMP.name: .solver(OMP(limits: limits))
    case let path: .vector(try MatrixFile.readVector(path, header: arguments.flag("header")))
    }
  }

  // MARK: Check

  /// Solves again with plain loops and direct gradients, for as many iterations as it took.
  private func check(
    _ solution: SparseSolution, solver: any Solver, problem: RecoveryProblem
  ) throws -> SolveReport.Check {
    var solver = solver
    if var sea = solver as? SEA {
      sea.gradient = .direct
      sea.limits.time = nil
      sea.limits.stagnation = nil
      sea.limits.iterations = solution.iterations
      solver = sea
    }
    let expected = try solver.solve(problem, sparsity: sparsity, on: ReferenceBackend()) { _ in
      Interrupt.wasRequested ? .stop : .proceed
    }
    return SolveReport.Check(solution, expected: expected)
  }
}
