import Arguments
import Glibc
import SparseRecovery

/// `sea path`: files in, solutions for many sparsities out, and one of them chosen.
struct PathCommand {
  let arguments: ParsedArguments
  let sparsities: ClosedRange<Int>
  let choice: EngineChoice
  let criterion: Criterion
  private let files: OutputFiles

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    files = OutputFiles(arguments)
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
    try files.check(["output", "table"], of: arguments)
    let plot = try arguments.text(ifGiven: "plot").map { try PathPlot($0, files) }
    let backend = try choice.backend()
    let input = try SolveInput(arguments)
    let problem = input.problem
    guard input.observations.count == 1 else {
      throw RecoveryError.invalidOption(
        name: "--observation", value: "\(input.observations.count) observations", expected: "one")
    }
    let watch = PathProgress(isShown: Console.isWatched && !arguments.flag("quiet"))
    let solver = path
    let (found, warning, loaded) = try backend.withEngine(
      problem.atoms, precision: choice.precision
    ) { engine, warning in
      let loaded = clock.now
      let found = try input.blaming { () throws(RecoveryError) in
        try solver.solve(problem, sparsities: sparsities, with: engine, observer: watch.observe)
      }
      return (found, warning, loaded)
    }
    let solved = clock.now
    let judgement: PathJudgement = try input.blaming { () throws(RecoveryError) in
      try judge(found, problem, on: backend, watch)
    }
    watch.finish()
    var report = PathReport(
      found, judgement, problem: problem, algorithm: arguments.text("algorithm"),
      truth: input.truth,
      criterion: criterion.rawValue, precision: choice.precision, warning: warning,
      seconds: .init(
        load: (loaded - begin).seconds, solve: (solved - loaded).seconds,
        choose: (clock.now - solved).seconds, total: (clock.now - begin).seconds))
    report.notices += input.notices
    try write(report, columns: problem.columns, plot: plot)
    if found.stopReason == .interrupted || judgement.isInterrupted {
      exit(Interrupt.exitCode.rawValue)
    }
  }

  private func write(_ report: PathReport, columns: Int, plot: PathPlot?) throws {
    if arguments.flag("json") {
      try Console.write(json: report)
    } else if !arguments.flag("quiet") {
      Console.write(report.text())
    }
    if let path = arguments.text(ifGiven: "output") {
      try MatrixFile.write(
        report.chosen.solution.dense(columns: columns), to: path, replacing: files.areReplaced)
    }
    if let path = arguments.text(ifGiven: "table") {
      try AtomicFile.write(to: path, replacing: files.areReplaced) { (file) throws(FileError) in
        for line in report.csv { try file.write(line) }
      }
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
