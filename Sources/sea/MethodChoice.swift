import Arguments
import SparseRecovery

/// How a problem is solved, as asked for on the command line.
struct MethodChoice {
  /// The start of `sea path` that takes the place of a solve for every sparsity.
  static let warmStart = "warm"

  /// The options that name the solver.
  static let options = options(
    pathNote: "", seedNote: "What random starts of searches are drawn from")

  /// As above, for a path.
  static let pathOptions = options(
    pathNote: """
       Every sparsity is solved as 'sea solve' would, and compared with what others lead to. warm: sea \
      from what others lead to alone, which costs far less; --iterations then holds for the largest k \
      and for all others together. omp and ols give the whole path in one run.
      """,
    seedNote: "What random starts, and the order of rows in cross-validation, are drawn from")

  private static func options(pathNote: String, seedNote: String) -> OptionGroup {
    OptionGroup(
      "Method",
      [
        Option(
          "algorithm", letter: "a", .choice(Algorithm.all.map(\.name)), default: SEA.name,
          help: "The solver",
          details: "docs/algorithms.md tells what each does and when to use it."),
        Option(
          "start", letter: "s", .text, placeholder: "start", default: "auto",
          help: "Where sea starts: auto, zero, correlation, an algorithm, or the path of a vector",
          details: """
            auto runs a portfolio: cheap solvers, then rounds of search from the best of them; the best \
            is returned. With another --loss than squares pursuits, splicing, sea and rounds of exchanges run. From an algorithm or a vector with k nonzero entries the result is \
            never worse than that. The file of a vector may be a result of --json. A file called like \
            a start is named ./zero and so on. els, ompr and splicing take an algorithm as well.\(pathNote)
            """),
        Option(
          "gradient", .choice(of: SEA.Gradient.self), default: "auto",
          help: "How gradients are computed",
          details: """
            direct: one pass over the matrix for each. gram: from products of columns that are kept. \
            blocked: iterations on a working set, verified many at a time; the same supports for a \
            few passes. auto: blocked, or gram with a ridge or with signs.
            """),
        Option(
          "cache-memory", .text, placeholder: "bytes",
          help: "The most memory for products of columns, such as 500M; a quarter of what is free"),
        Option(
          "step-size", .number(), placeholder: "eta",
          help: "The step size of sea, iht, htp, fhtp or ompr; a rule of its own unless given",
          details: "For sea 10 over the squared spectral norm; from zero it has no effect there."),
        Option(
          "effort", .choice(of: Effort.self), default: Effort.normal.rawValue,
          help: "With --start auto, how long to search",
          details: """
            quick: cheap solvers only. normal: a number of rounds of search by the size of the problem, \
            about a second of a processor. thorough: rounds until --time-limit, ten seconds unless given.
            """),
        Option(
          "rounds", .integer(1...1_000_000), placeholder: "count",
          help: "With --start auto, search for so many rounds: as many give the same answer again"),
        Option(
          "seed", .natural, default: "1", help: seedNote),
        Option(
          "reduce", .choice(of: TableReduction.self), default: TableReduction.auto.rawValue,
          help: "Solve a tall table on as many rows as it has columns, after one pass",
          details: """
            The losses of all supports are the same. auto: where rows are eight times the columns or more, \
            the columns at most 1000 and the entries a million, unless digits would be lost.
            """),
        Option(
          "options", .text, placeholder: "name=value,…",
          help: "Options of the algorithm by name, such as atoms-per-step=4 for gomp",
          details: "docs/algorithms.md lists them. An option that the algorithm has not is refused."
        ),
      ])
  }

  /// The options that say when to stop.
  static let stopping = OptionGroup(
    "Stopping",
    [
      Option(
        "iterations", letter: "n", .integer(), placeholder: "count", default: "1000",
        help: "The most supports to evaluate in one run of a solver"),
      Option(
        "time-limit", letter: "t", .number(0...1e9), placeholder: "seconds",
        help: "The longest time to solve"),
      Option(
        "stagnation", .integer(), placeholder: "count",
        help: "Stop after so many iterations without a better support"),
      Option(
        "tolerance", .number(), placeholder: "ratio", default: "1e-12",
        help: "Stop at this ‖Ax − y‖ / ‖y‖"),
    ])

  private let arguments: ParsedArguments
  private let files: InputFiles

  /// - Parameter files: what reads a start, where others are to know what it guessed.
  init(_ arguments: ParsedArguments, _ files: InputFiles? = nil) {
    self.arguments = arguments
    self.files = files ?? InputFiles(arguments)
  }

  /// When to stop.
  var limits: Limits {
    var limits = Limits()
    limits.iterations = arguments.int("iterations")
    limits.time = arguments.number(ifGiven: "time-limit").map { .seconds($0) }
    limits.stagnation = arguments.int(ifGiven: "stagnation")
    limits.tolerance = arguments.number("tolerance")
    limits.isCancelled = { Interrupt.wasRequested }
    return limits
  }

  /// The start of `sea` as given.
  var start: String { arguments.text("start") }

  /// How `sea` computes gradients.
  var gradient: SEA.Gradient { arguments.choice("gradient") }

  /// When other solvers take gradients from products of columns.
  var gramUse: GramUse { gradient.gramUse }

  /// When a tall table is solved on few rows.
  var reduction: TableReduction { arguments.choice("reduce") }

  /// The most bytes of products of columns, or nil for a quarter of what is free.
  func cacheMemory() throws(RecoveryError) -> Int? {
    guard let text = arguments.text(ifGiven: "cache-memory") else { return nil }
    guard let bytes = Int(bytes: text) else {
      throw .invalidOption(
        name: "--cache-memory", value: text, expected: "a number of bytes, such as 500M or 2G")
    }
    return bytes
  }

  /// The solver, with the options that were given.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``, also for one that does not minimise the loss.
  func solver() throws -> any ResumableSolver {
    let name = arguments.text("algorithm")
    let loss = LossChoice(arguments)
    try loss.require(name, option: "--algorithm")
    try loss.require(start, option: "--start")
    guard name == SEA.name else {
      var solver: any ResumableSolver = Algorithm.named(name)?.solver(limits) ?? SEA(limits: limits)
      if arguments.isGiven("start") {
        guard type(of: solver).has(option: "start"), Algorithm.named(start) != nil else {
          throw refusedStart(name, startsFromAnother: type(of: solver).has(option: "start"))
        }
        try solver.set("start", to: start)
      }
      try configure(&solver)
      return solver
    }
    guard start != "auto" else {
      var portfolio: any ResumableSolver = try portfolio()
      try configure(&portfolio)
      return portfolio
    }
    var sea = SEA(limits: limits)
    if ["zero", "correlation"].contains(start) || Algorithm.named(start) != nil, start != name {
      try sea.set("start", to: start)
    } else {
      sea.start = .vector(try files.coefficients(start).numbers[0])
    }
    var solver: any ResumableSolver = sea
    try configure(&solver)
    return solver
  }

  /// Sets what was given of the options that the solver has, and those of `--options`.
  private func configure(_ solver: inout any ResumableSolver) throws {
    for name in ["gradient", "step-size", "seed", "effort", "rounds", "threads"]
    where type(of: solver).has(option: name) {
      guard let text = arguments.spelling(ifGiven: name) else { continue }
      try solver.set(name, to: text)
    }
    let settings = arguments.text(ifGiven: "options")?.split(separator: ",") ?? []
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw RecoveryError.invalidOption(
          name: "--options", value: String(setting), expected: "NAME=VALUE, several with commas")
      }
      try solver.set(parts[0], to: parts[1])
    }
  }

  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for an effort that a clock bounds
  ///   where none may.
  private func portfolio() throws(RecoveryError) -> Portfolio {
    let effort = arguments.text("effort")
    if effort == Effort.thorough.rawValue, !arguments.isGiven("rounds"),
      arguments.flag("deterministic")
    {
      throw .invalidOption(
        name: "--effort", value: effort,
        expected: "--rounds as well with --deterministic, since a clock ends it else")
    }
    return Portfolio(limits: limits)
  }

  /// The solver of every sparsity of a path, whose time is that of the whole.
  ///
  /// - Throws: what ``solver()`` throws.
  func pathSolver() throws -> any Solver {
    var solver = try solver()
    solver.limits.time = nil
    return solver
  }

  private func refusedStart(_ algorithm: String, startsFromAnother: Bool) -> RecoveryError {
    .invalidOption(
      name: "--start", value: start,
      expected: startsFromAnother
        ? "an algorithm with --algorithm \(algorithm)" : "none with --algorithm \(algorithm)")
  }
}
