import Arguments
import Glibc
import SparseRecovery

/// `sea path`: files in, solutions for many sparsities out, and one of them chosen.
struct PathCommand {
  let arguments: ParsedArguments
  let sparsities: ClosedRange<Int>
  let choice: EngineChoice
  let criterion: Criterion

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    let text = arguments.text("sparsity")
    guard let range = Self.range(text) else {
      throw RecoveryError.invalidOption(
        name: "--sparsity", value: text, expected: "a range such as 1:50, from 1 on")
    }
    sparsities = range
    choice = try EngineChoice(arguments)
    let isTargeted = arguments.isGiven("target-residual")
    criterion = arguments.choice(ifGiven: "criterion") ?? (isTargeted ? .none : .ebic)
    if isTargeted, criterion != .none {
      throw RecoveryError.invalidOption(
        name: "--criterion", value: criterion.rawValue, expected: "none with --target-residual")
    }
  }

  /// `a:b`, or `b` for `1:b`.
  private static func range(_ text: String) -> ClosedRange<Int>? {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    switch ends.count {
    case 1: if let b = ends[0], b >= 1 { return 1...b }
    case 2: if let a = ends[0], let b = ends[1], a >= 1, b >= a { return a...b }
    default: break
    }
    return nil
  }

  func run() throws {
    let clock = ContinuousClock()
    let begin = clock.now
    Interrupt.listen()
    // Before any work, so that a typing error does not cost the result of a long solve.
    for option in ["output", "table"] {
      if let path = arguments.text(ifGiven: option) { try AtomicFile.checkWritable(path) }
    }
    let plot = try arguments.text(ifGiven: "plot").map { try PathPlot($0) }
    let backend = try choice.backend()
    let input = try SolveInput(arguments)
    let problem = input.problem
    guard input.observations.count == 1 else {
      throw RecoveryError.invalidOption(
        name: "--observation", value: "\(input.observations.count) observations", expected: "one")
    }
    let engine = try backend.load(problem.atoms, precision: choice.precision)
    let loaded = clock.now

    let watch = PathProgress(isShown: Console.isWatched && !arguments.flag("quiet"))
    let solver = path
    let found: SolutionPath = try input.blaming { () throws(RecoveryError) in
      try solver.solve(
        problem, sparsities: sparsities, with: engine, observer: watch.observe)
    }
    let solved = clock.now
    let judgement: PathJudgement = try input.blaming { () throws(RecoveryError) in
      try judge(found, problem, on: backend, watch)
    }
    watch.finish()
    let report = PathReport(
      found, judgement, problem: problem, algorithm: arguments.text("algorithm"),
      truth: input.truth,
      criterion: criterion.rawValue, precision: choice.precision,
      seconds: .init(
        load: (loaded - begin).seconds, solve: (solved - loaded).seconds,
        choose: (clock.now - solved).seconds, total: (clock.now - begin).seconds))
    try write(report, columns: problem.columns, plot: plot)
    if found.stopReason == .interrupted || judgement.isInterrupted {
      exit(ExitCode.interrupted.rawValue)
    }
  }

  private func write(_ report: PathReport, columns: Int, plot: PathPlot?) throws {
    if let path = arguments.text(ifGiven: "output") {
      try MatrixFile.write(report.chosen.solution.dense(columns: columns), to: path)
    }
    if let path = arguments.text(ifGiven: "table") {
      try AtomicFile.write(to: path) { (file) throws(FileError) in
        for line in report.csv { try file.write(line) }
      }
    }
    if arguments.flag("json") {
      try Console.write(json: report)
    } else if !arguments.flag("quiet") {
      Console.write(report.text())
    }
    try plot?.draw(report.chart)
  }

  /// How a path is solved.
  var path: SparsityPath {
    let limits = MethodChoice(arguments).limits
    let name = arguments.text("algorithm")
    return SparsityPath(
      solver: name == SEA.name ? nil : Algorithm.named(name)?.solver(limits), limits: limits,
      targetResidual: arguments.number(ifGiven: "target-residual"))
  }
}
