import Arguments
import SparseRecovery

/// An option that has an effect beside certain others only. Where it has none it is refused: nobody
/// types an option that is to do nothing.
struct IdleOption: Sendable {
  /// What is wrong with an option that was given.
  private enum Complaint {
    /// It needs this.
    case needs(String)
    /// It does nothing beside this.
    case excluded(by: String)
    /// Its value does nothing; others do.
    case expected(String)
  }

  private let name: String
  private let complaint: Complaint
  private let hasEffect: @Sendable (Given) -> Bool

  private init(
    _ name: String, _ complaint: Complaint, hasEffect: @escaping @Sendable (Given) -> Bool
  ) {
    self.name = name
    self.complaint = complaint
    self.hasEffect = hasEffect
  }

  /// - Throws: ``UsageError`` for the first option that was given and has no effect.
  static func refuse(_ arguments: ParsedArguments) throws(UsageError) {
    let given = Given(arguments)
    for rule in all where given.isGiven(rule.name) && !rule.hasEffect(given) {
      let option = "--\(rule.name)"
      switch rule.complaint {
      case .needs(let needed): throw .idleOption(option: option, needed: needed)
      case .excluded(let other): throw .excludedOption(option: option, by: other)
      case .expected(let expected):
        throw .invalidValue(
          name: option, found: given.text(rule.name) ?? "", expected: expected, suggestion: nil)
      }
    }
  }

  private static let all: [IdleOption] = [
    // Solvers.
    IdleOption("gradient", .needs("an algorithm that computes gradients")) {
      !["exhaustive", "bnb", "ols", "els", "backward", "tabu", "amp", "vamp"].contains($0.algorithm)
    },
    IdleOption("gradient", .expected("auto, direct or gram unless --algorithm is sea or omp")) {
      $0.text("gradient") != "blocked" || ["sea", "omp"].contains($0.algorithm)
    },
    IdleOption("gradient", .expected("auto, direct or gram with --joint and --algorithm omp")) {
      $0.text("gradient") != "blocked" || $0.algorithm != "omp" || !$0.isOn("joint")
    },
    IdleOption("gradient", .excluded(by: "--start warm")) {
      $0.text("start") != MethodChoice.warmStart
    },
    IdleOption("gradient", .expected("auto, direct or gram with --column-groups")) {
      $0.text("gradient") != "blocked" || !$0.isGiven("column-groups")
    },
    IdleOption("cache-memory", .needs("a gradient from products of columns: auto or gram")) {
      !["exhaustive", "bnb", "ols", "els", "backward"].contains($0.algorithm)
        && !["direct", "blocked"].contains($0.text("gradient"))
    },
    IdleOption(
      "step-size", .needs("an algorithm that takes steps, and for sea a start other than zero")
    ) {
      $0.takes("step-size") && !["zero", MethodChoice.warmStart].contains($0.text("start"))
    },
    IdleOption("options", .excluded(by: "--start warm")) {
      $0.text("start") != MethodChoice.warmStart
    },
    IdleOption("effort", .needs("--algorithm sea with --start auto")) { $0.isPortfolio },
    IdleOption("rounds", .needs("--algorithm sea with --start auto")) { $0.isPortfolio },
    IdleOption("rounds", .needs("--effort normal or thorough")) { $0.text("effort") != "quick" },
    IdleOption(
      "seed", .needs("a search with random starts, or --criterion cv or resampling of a path")
    ) {
      $0.isRandom || $0.drawsRows || !$0.isSolving
    },
    IdleOption("iterations", .needs("an algorithm that does not end by itself")) {
      !["omp", "ols", "gomp", "backward", "exhaustive", "bnb"].contains($0.algorithm)
    },
    IdleOption("stagnation", .needs("an algorithm that does not end by itself")) {
      !["omp", "ols", "gomp", "backward", "exhaustive", "bnb"].contains($0.algorithm)
    },
    // Losses.
    IdleOption("huber-threshold", .needs("--loss huber")) { $0.text("loss") == "huber" },
    IdleOption("gradient", .expected("auto or direct unless --loss is squares")) {
      $0.isOfSquares || ["auto", "direct"].contains($0.text("gradient"))
    },
    IdleOption(
      "cache-memory", .needs("--loss squares, whose gradients come from products of columns")
    ) {
      $0.isOfSquares
    },
    IdleOption("reduce", .expected("auto or off unless --loss is squares")) {
      $0.isOfSquares || $0.text("reduce") != "on"
    },
    IdleOption("normalize", .excluded(by: "--standardize, which normalises")) {
      $0.arguments.flag("normalize") || !$0.isOn("standardize")
    },
    // Tables.
    IdleOption("drop", .needs("--table")) { $0.isGiven("table") || !$0.isSolving },
    IdleOption("index", .needs("--table")) { $0.isGiven("table") },
    IdleOption("test", .needs("--table")) { $0.isGiven("table") },
    IdleOption("categorical", .needs("--table")) { $0.isGiven("table") },
    IdleOption("missing", .needs("--table")) { $0.isGiven("table") },
    // Rows that stand for several.
    IdleOption("frequency-weights", .needs("--weights")) { $0.isGiven("weights") },
    IdleOption("frequency-weights", .needs("--folds by label with --criterion cv")) {
      !$0.criteria.contains(.cv) || $0.text("folds").flatMap { Int($0) } == nil
    },
    IdleOption("bootstrap", .needs("weights that do not stand for several rows")) {
      !$0.isOn("frequency-weights")
    },
    IdleOption("subsample", .needs("weights that do not stand for several rows")) {
      !$0.isOn("frequency-weights")
    },
    IdleOption("fold-groups", .needs("--folds")) { $0.isGiven("folds") || $0.isPath },
    // Choices from a path.
    IdleOption("folds", .needs("--criterion cv")) { $0.criteria.contains(.cv) || !$0.isPath },
    IdleOption("fold-groups", .needs("--criterion cv")) { $0.criteria.contains(.cv) || !$0.isPath },
    IdleOption("fold-repeats", .needs("--criterion cv")) { $0.criteria.contains(.cv) },
    IdleOption("one-standard-error", .needs("--criterion cv")) { $0.criteria.contains(.cv) },
    IdleOption("gamma", .needs("--criterion ebic")) {
      $0.criteria.contains(.ebic) || ($0.criteria.isEmpty && !$0.isGiven("target-residual"))
    },
    IdleOption("frequencies", .needs("--bootstrap or --subsample")) { $0.isResampled },
    IdleOption("frequency-plot", .needs("--bootstrap or --subsample")) { $0.isResampled },
    // Machines.
    IdleOption("gemv", .needs("--backend opencl")) { $0.mayUseDevice },
    IdleOption("storage", .needs("--backend opencl")) { $0.mayUseDevice },
    IdleOption("device-memory", .needs("--backend opencl")) { $0.mayUseDevice },
  ]

  /// What was typed, with defaults; what the command does not declare was not given.
  private struct Given {
    let arguments: ParsedArguments
    private let names: Set<String>

    init(_ arguments: ParsedArguments) {
      self.arguments = arguments
      names = Set(arguments.command.options.map(\.name))
    }

    func isGiven(_ name: String) -> Bool { names.contains(name) && arguments.isGiven(name) }

    func isOn(_ flag: String) -> Bool { names.contains(flag) && arguments.flag(flag) }

    func text(_ name: String) -> String? {
      names.contains(name) ? arguments.text(ifGiven: name) : nil
    }

    var isSolving: Bool { names.contains("algorithm") }
    var isPath: Bool { names.contains("criterion") }
    /// The criteria of a path that were named.
    var criteria: [SparsityCriterion.Name] { isPath ? CriterionChoice.names(arguments) : [] }
    var isResampled: Bool { isGiven("bootstrap") || isGiven("subsample") }
    /// Whether rows of a path are drawn or dealt out.
    var drawsRows: Bool { criteria.contains(.cv) || isResampled }
    var isExperiment: Bool { names.contains("trials") }
    var algorithm: String { text("algorithm") ?? "sea" }
    var isPortfolio: Bool { algorithm == "sea" && text("start") == "auto" }
    var isRandom: Bool { takes("seed") || (isPortfolio && text("effort") != "quick") }
    /// Whether least squares are minimised.
    var isOfSquares: Bool { text("loss") ?? "squares" == "squares" }
    /// Whether the algorithm has an option of this name.
    func takes(_ option: String) -> Bool {
      Algorithm.named(algorithm)?.options.contains { $0.name == option } ?? false
    }

    /// Problems of experiments are small: there `auto` stands for the processor.
    var mayUseDevice: Bool {
      isGiven("device") || text("backend") == "opencl"
        || (text("backend") == "auto" && !isExperiment)
    }
  }
}
