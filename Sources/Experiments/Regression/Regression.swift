package import SparseRecovery

/// How well few columns of a table explain another one, and predict it for samples held out.
package struct Regression: Experiment {
  package static let name = "regression"
  package static let title = "Sparse regression"

  /// Which samples are held out.
  package enum HoldOut: Equatable, Sendable {
    /// This share of them, drawn anew in every trial.
    case share(Double)
    /// One of so many parts of nearly equal size in each trial.
    case folds(Int)
  }

  /// What the data are, for results that outlive them.
  package struct Description: Equatable, Sendable {
    /// A name for a reader.
    package let name: String
    /// The number of samples.
    package let rows: Int
    /// The number of features.
    package let columns: Int
    /// ``RegressionData/fingerprint``.
    package let fingerprint: UInt64
    /// 2 where products of features are features too.
    package let degree: Int
  }

  /// What the data are.
  package let description: Description
  /// The data, or nil where results are only drawn.
  private let data: RegressionData?
  /// The numbers of features to select, k, ascending: a cell each.
  package var sparsities: [Int]
  /// Which samples are held out.
  package var holdOut = HoldOut.share(0.2)
  /// Whether a constant is fitted beside. It does not count towards k.
  package var hasIntercept = true
  /// The number of splits; as many as folds where there are folds.
  package var trials = 20
  package var seed: UInt64 = 0
  package var solvers: [NamedSolver]

  /// The usual settings, up to 20 features.
  ///
  /// - Parameter degree: 2 makes all products of two features features too.
  /// - Throws: what ``RegressionData/withProducts()`` throws.
  package init(
    _ data: RegressionData, named name: String, degree: Int = 1, solvers: [NamedSolver]
  ) throws(RecoveryError) {
    let data = degree == 2 ? try data.withProducts() : data
    self.data = data
    description = Description(
      name: name, rows: data.features.rows, columns: data.features.columns,
      fingerprint: data.fingerprint, degree: degree)
    sparsities = Array(1...min(20, data.features.columns))
    self.solvers = solvers
  }

  package init(header: JSON) throws(ExperimentError) {
    let settings = try header.setting("settings") { $0 }
    data = nil
    description = Description(
      name: try settings.setting("data", \.string), rows: try settings.setting("rows", \.int),
      columns: try settings.setting("columns", \.int),
      fingerprint: try settings.setting("fingerprint") { $0.integer() },
      degree: try settings.setting("degree", \.int))
    sparsities = try settings.settings("sparsities", \.int)
    hasIntercept = try settings.setting("intercept", \.bool)
    if let folds = settings["folds"]?.int {
      holdOut = .folds(folds)
    } else {
      holdOut = .share(try settings.setting("heldOut", \.double))
    }
    trials = try header.setting("trials", \.int)
    seed = try header.setting("seed") { $0.integer() }
    solvers = try header.solvers()
    try validate()
  }

  package var settings: JSON {
    let split =
      switch holdOut {
      case .share(let share): JSON.Member("heldOut", JSON(share))
      case .folds(let count): JSON.Member("folds", JSON(count))
      }
    return .object([
      JSON.Member("data", .string(description.name)), JSON.Member("rows", JSON(description.rows)),
      JSON.Member("columns", JSON(description.columns)),
      JSON.Member("fingerprint", JSON(description.fingerprint)),
      JSON.Member("degree", JSON(description.degree)),
      JSON.Member("sparsities", .array(sparsities.map { JSON($0) })),
      JSON.Member("intercept", .bool(hasIntercept)), split,
    ])
  }

  package var cellCount: Int { sparsities.count }

  package func isPossible(_ cell: Int) -> Bool {
    // The first fold is the largest.
    let learnt = description.rows - heldOutCount
    return 1...max(1, min(description.columns, learnt)) ~= sparsities[cell]
  }

  /// Every k sees the same splits.
  package func problemSeed(cell: Int, trial: Int) -> UInt64 {
    SeededGenerator.derivedSeed(seed, trial)
  }

  /// How many samples are held out in the first trial, which no other exceeds.
  private var heldOutCount: Int {
    switch holdOut {
    case .share(let share):
      min(max(Int((share * Double(description.rows)).rounded()), 1), description.rows - 1)
    case .folds(let count): (description.rows - 1) / count + 1
    }
  }

  /// The samples held out in a trial, ascending.
  func heldOut(trial: Int) -> [Int] {
    switch holdOut {
    case .share:
      var generator = SeededGenerator(seed: problemSeed(cell: 0, trial: trial))
      return generator.sample(heldOutCount, of: description.rows)
    case .folds(let count):
      var generator = SeededGenerator(seed: SeededGenerator.derivedSeed(seed))
      let order = generator.shuffled(Array(0..<description.rows))
      return stride(from: trial, to: order.count, by: count).map { order[$0] }.sorted()
    }
  }

  /// The data.
  ///
  /// - Precondition: the experiment was not read from results.
  var loadedData: RegressionData {
    guard let data else { preconditionFailure("results hold no data to solve") }
    return data
  }
}
