import Losses
import Solvers
import SparseCore
import SparseRecovery

/// What options by name are set on.
protocol Settings {
  /// Whose options they are, for `sr_option_name`.
  static var owner: String { get }
  /// Those that are a word or a number.
  static var options: [SolverOption<Self>] { get }
  /// Those that are a list of numbers.
  static var lists: [ListOption<Self>] { get }
}

/// An option that is a list of numbers.
struct ListOption<S>: Sendable {
  let name: String
  let help: String
  let expected: String
  let set: @Sendable (inout S, [Double]) -> Bool

  init(
    _ name: String, _ help: String, expected: String,
    set: @escaping @Sendable (inout S, [Double]) -> Bool
  ) {
    (self.name, self.help, self.expected, self.set) = (name, help, expected, set)
  }

  /// Columns, counted from zero.
  init(
    _ name: String, _ help: String, columns path: any (WritableKeyPath<S, Set<Int>> & Sendable)
  ) {
    self.init(name, help, expected: "columns, counted from zero") { settings, values in
      let columns = values.compactMap { Int(exactly: $0) }
      guard columns.count == values.count else { return false }
      settings[keyPath: path] = Set(columns)
      return true
    }
  }
}

/// What a problem is made with.
struct ProblemSettings: Settings {
  var backend = BackendChoice()
  var model = RecoveryModel()
  var loss = LossName.squares
  /// Of Huber's loss.
  var huberThreshold: Double?
  var normalizes = true
  var hasHeader = false
  var gramMemory: Int?
  var reduction = TableReduction.auto
  /// Whether numbers are a real and an imaginary part.
  var isComplex = false

  static let owner = "problem"

  static let options: [SolverOption<Self>] = [
    SolverOption("backend", "where products with the matrix are computed", choice: \.backend.name),
    SolverOption(
      "device", "the OpenCL device, by its number or a part of its name; implies backend opencl",
      expected: "a number or a name"
    ) { settings, text in
      settings.backend.device = text
      return true
    },
    SolverOption("precision", "the precision of gradients", choice: \.backend.precision),
    SolverOption("threads", "threads of the processor; one a core unless given", \.backend.threads),
    SolverOption("gemv", "whose kernels an OpenCL device uses", choice: \.backend.kernels),
    SolverOption(
      "storage", "how precisely an OpenCL device keeps the matrix", choice: \.backend.storage),
    SolverOption(
      bytes: "device-memory", "the most memory of the matrix on a device", \.backend.deviceMemory),
    SolverOption(bytes: "cache-memory", "the most memory for products of columns", \.gramMemory),
    SolverOption(
      "normalize", "whether columns are compared as if they had unit norm", \.normalizes),
    SolverOption("intercept", "whether a constant is fitted as well", \.model.hasIntercept),
    SolverOption(
      "standardize", "whether columns are measured in standard deviations about their means",
      \.model.isStandardized),
    SolverOption(
      "ridge", "λ of a term λ‖x‖²/2 of the loss", expected: "a finite number of at least 0"
    ) {
      guard let ridge = Double($1), ridge >= 0, ridge.isFinite else { return false }
      $0.model.ridge = ridge
      return true
    },
    SolverOption("nonnegative", "whether no coefficient may be negative", \.model.isNonnegative),
    SolverOption("loss", "what is minimised", choice: \.loss),
    SolverOption(
      "huber-threshold",
      "with loss huber, the residual from which on it grows as a line, in units of the observation",
      \.huberThreshold),
    SolverOption(
      "frequency-weights", "whether a row of weight w counts as w rows in criteria",
      \.model.weightsAreFrequencies),
    SolverOption("reduce", "when a tall table is solved on few rows", choice: \.reduction),
    SolverOption(
      "complex", "whether numbers are complex, a real and an imaginary part each", \.isComplex),
    SolverOption("header", "whether the first line of a text table holds names", \.hasHeader),
  ]

  static let lists: [ListOption<Self>] = [
    ListOption("weights", "the weight of every row", expected: "a number for each row") {
      $0.model.weights = $1
      return true
    },
    ListOption("include", "columns in every support", columns: \.model.included),
    ListOption("exclude", "columns in no support", columns: \.model.excluded),
    ListOption(
      "column-groups", "the group of every column, all of which are selected or none",
      expected: "a whole number for each column"
    ) {
      let groups = $1.compactMap { Int(exactly: $0) }
      $0.model.columnGroups = groups
      return groups.count == $1.count
    },
  ]

  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for options that no problem has.
  init(_ options: Options) throws(RecoveryError) {
    let others = try options.apply(to: &self)
    try options.requireLists(of: Self.self)
    if let (name, _) = others.first {
      throw .invalidOption(
        name: "option", value: name, expected: "none of that name for a problem")
    }
  }

  /// What is minimised.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a threshold that is missing, or has no effect, and
  ///   for memory of products of columns that nothing asks for.
  func statedLoss() throws(RecoveryError) -> any Loss {
    if let huberThreshold, loss != .huber {
      throw .invalidOption(
        name: "huber-threshold", value: "\(huberThreshold)", expected: "none but with loss huber")
    }
    if let gramMemory, loss != .squares {
      throw .invalidOption(
        name: "cache-memory", value: "\(gramMemory)",
        expected: "loss squares, whose gradients come from products of columns")
    }
    return try loss.loss(threshold: huberThreshold)
  }
}

/// How a problem is solved.
struct SolveSettings: Settings {
  var algorithm = Portfolio.name
  var limits = Limits()
  var isJoint = false
  var checkpoint: String?
  var checkpointInterval = 60.0
  var isResumed = false
  /// A vector to start SEA from.
  var start: [Double]?
  /// How many other supports are wanted, if any.
  var alternatives: Int?

  static let owner = "solve"

  static let options: [SolverOption<Self>] = [
    SolverOption(
      "algorithm", "the solver",
      expected: "one of \(([Portfolio.name] + Algorithm.all.map(\.name)).joined(separator: ", "))"
    ) {
      guard $1 == Portfolio.name || Algorithm.named($1) != nil else { return false }
      $0.algorithm = $1
      return true
    },
    SolverOption(
      "iterations", "the most supports to evaluate in one run of a solver", \.limits.iterations),
    SolverOption(
      "time-limit", "the longest time to solve, in seconds", expected: "seconds, at least 0"
    ) {
      guard let seconds = Double($1), seconds >= 0, seconds <= 1e9 else { return false }
      $0.limits.time = .seconds(seconds)
      return true
    },
    SolverOption(
      "stagnation", "stop after so many iterations without a better support", \.limits.stagnation),
    SolverOption("tolerance", "stop at this relative residual", fraction: \.limits.tolerance),
    SolverOption("joint", "whether all observations have one support", \.isJoint),
    SolverOption(
      "alternatives", "how many of the supports that explain one observation next best to find",
      \.alternatives, atMost: 1000),
    SolverOption("checkpoint", "the file that keeps the state of the solver", expected: "a path") {
      $0.checkpoint = $1
      return !$1.isEmpty
    },
    SolverOption("checkpoint-interval", "how often it is written, in seconds", expected: "seconds")
    {
      guard let seconds = Double($1), seconds >= 0, seconds <= 1e9 else { return false }
      $0.checkpointInterval = seconds
      return true
    },
    SolverOption("resume", "whether to go on from the checkpoint, where there is one", \.isResumed),
  ]

  static let lists: [ListOption<Self>] = [
    ListOption("start", "a vector to start sea from", expected: "a number for each column") {
      $0.start = $1
      return true
    }
  ]

  /// The solver, with its own options as they are by default.
  func solver() throws(RecoveryError) -> any ResumableSolver {
    let solver: any ResumableSolver =
      Algorithm.named(algorithm)?.solver(limits) ?? Portfolio(limits: limits)
    guard let start else { return solver }
    guard var sea = solver as? SEA else {
      throw .invalidOption(
        name: "start", value: "a vector", expected: "none with algorithm \(algorithm)")
    }
    sea.start = .vector(start)
    return sea
  }

  /// The file of checkpoints, if there is to be one.
  func checkpointFile() throws(CallError) -> CheckpointFile? {
    guard let checkpoint else {
      guard !isResumed else {
        throw .argument("resume", "true", "the option checkpoint as well")
      }
      return nil
    }
    return try filing { () throws(FileError) in
      try CheckpointFile(checkpoint, every: .seconds(checkpointInterval))
    }
  }

  /// Where to go on, if anywhere.
  func start<Checkpoint: SolverCheckpoint>(
    from file: CheckpointFile?, _ type: Checkpoint.Type = Checkpoint.self
  ) throws(CallError) -> Checkpoint? {
    guard let file, isResumed, file.exists else { return nil }
    return try filing { () throws(FileError) in try file.read(type) }
  }
}

/// What chooses from a path.
struct PathSettings: Settings {
  /// The names of what chooses, at least one unless that is left to the default.
  var criteria: [SparsityCriterion.Name] = []
  var gamma = 1.0
  var folds = FoldPlan()
  var isCautious = false
  var target: Double?
  var bootstrap: Int?
  var subsample: Int?
  var startsWarm = false

  static let owner = "path"
  /// As `sea` has it: of draws, and of orders of the rows.
  private static let mostRepetitions = 1_000_000

  static let options: [SolverOption<Self>] = [
    SolverOption(
      "criterion",
      "what chooses the sparsity, one name or several with commas between; ebic unless given, cv with loss huber",
      expected: "some of "
        + SparsityCriterion.Name.allCases.map(\.rawValue).joined(separator: ", ") + ", each once"
    ) { settings, text in
      let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      settings.criteria = words.compactMap { SparsityCriterion.Name(rawValue: $0) }
      return settings.criteria.count == words.count && Set(words).count == words.count
    },
    SolverOption(
      "gamma", "the weight of the number of supports in ebic", expected: "a number from 0 to 1"
    ) {
      guard let gamma = Double($1), gamma >= 0, gamma <= 1 else { return false }
      $0.gamma = gamma
      return true
    },
    SolverOption("folds", "the folds of cross-validation", \.folds.count, atLeast: 2),
    SolverOption(
      "fold-repeats", "how often rows are dealt out to folds, each time in another order",
      \.folds.repeats, atMost: Self.mostRepetitions),
    SolverOption(
      "one-standard-error", "choose the smallest k within a standard error of the smallest error",
      \.isCautious),
    SolverOption(
      "target-residual", "end at the first k with this relative residual, and choose it",
      expected: "a number from 0 up to 1"
    ) {
      guard let target = Double($1), target >= 0, target < 1 else { return false }
      $0.target = target
      return true
    },
    SolverOption(
      "bootstrap", "solve the path again on so many draws of rows with replacement", \.bootstrap,
      atMost: Self.mostRepetitions),
    SolverOption(
      "subsample", "the same on so many pairs of halves of the rows without one in common",
      \.subsample, atMost: Self.mostRepetitions),
    SolverOption(
      "warm-start", "whether sparsities start from each other, by sea, for a tenth of the time",
      \.startsWarm),
    SolverOption(
      "seed", "what random starts and the order of rows are drawn from", seed: \.folds.seed),
  ]

  static let lists: [ListOption<Self>] = [
    ListOption(
      "fold-labels", "the fold of every row, by any whole number, in the place of folds",
      expected: "a whole number for each row"
    ) {
      guard let labels = Self.labels($1) else { return false }
      $0.folds.labels = [labels]
      return true
    },
    ListOption(
      "fold-groups", "rows of one number are held out together",
      expected: "a whole number for each row"
    ) {
      guard let labels = Self.labels($1) else { return false }
      $0.folds.groups = labels
      return true
    },
  ]

  private static func labels(_ numbers: [Double]) -> [Int]? {
    let labels = numbers.compactMap { Int(exactly: $0) }
    return labels.count == numbers.count ? labels : nil
  }

  /// The random parts of the rows on which the path is solved again, if any.
  func resampling() throws(RecoveryError) -> Resampling? {
    if let bootstrap, subsample != nil {
      throw .invalidOption(
        name: "bootstrap", value: "\(bootstrap)", expected: "none together with subsample")
    }
    if let bootstrap { return Resampling(.bootstrap, draws: bootstrap, seed: folds.seed) }
    return subsample.map { Resampling(.subsample, draws: $0, seed: folds.seed) }
  }

  /// What chooses, by name, with its parameters: where that is left to the default, what the loss allows.
  func sparsityCriteria(
    for loss: LossName
  ) throws(RecoveryError) -> [(name: String, criterion: SparsityCriterion)] {
    if loss == .huber, let name = criteria.first(where: { $0 != .cv && $0 != .largest }) {
      throw .invalidOption(
        name: "criterion", value: name.rawValue,
        expected: "cv or none with loss huber, which is no likelihood")
    }
    if let target {
      guard criteria.isEmpty || criteria == [.largest] else {
        throw .invalidOption(
          name: "criterion", value: criteria.map(\.rawValue).joined(separator: ","),
          expected: "none with target-residual")
      }
      return [(SparsityCriterion.Name.largest.rawValue, .residual(target))]
    }
    return (criteria.isEmpty ? [loss == .huber ? .cv : .ebic] : criteria).map {
      let criterion = SparsityCriterion(
        $0, γ: gamma, folds: folds, withinOneStandardError: isCautious)
      return ($0.rawValue, criterion)
    }
  }
}

extension SolverOption {
  /// A number of bytes such as 500M.
  fileprivate init(
    bytes name: String, _ help: String, _ path: any (WritableKeyPath<S, Int?> & Sendable)
  ) {
    self.init(name, help, expected: "a number of bytes, such as 500M or 2G") {
      guard let bytes = Int(bytes: $1) else { return false }
      $0[keyPath: path] = bytes
      return true
    }
  }
}
