package import Charts
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

  package func isPossible(_ cell: Int) -> Bool { 1...largestSparsity ~= sparsities[cell] }

  /// The most features that may be selected.
  private var largestSparsity: Int {
    // The first fold is the largest.
    max(1, min(description.columns, description.rows - heldOutCount))
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

  /// The samples that solutions are judged on.
  package struct HeldOut: Sendable {
    let features: DenseMatrix
    let target: [Double]
    /// What is predicted without any feature: the mean of the other samples, or 0 without intercept.
    let constant: Double
    /// How many samples were learnt from.
    let learnt: Int
  }

  package func pose(cell: Int, trial: Int) throws(RecoveryError) -> PosedProblem<HeldOut> {
    let heldOut = heldOut(trial: trial)
    let isHeldOut = Set(heldOut)
    let learnt = try loadedData.samples((0..<description.rows).filter { !isHeldOut.contains($0) })
    let judged = try loadedData.samples(heldOut)
    var model = RecoveryModel()
    model.hasIntercept = hasIntercept
    let count = learnt.target.count
    let mean = learnt.target.reduce(0) { $0 + $1 / Double(count) }
    return PosedProblem(
      problem: try RecoveryProblem(
        matrix: learnt.features, observation: learnt.target, model: model),
      sparsity: sparsities[cell],
      truth: HeldOut(
        features: judged.features, target: judged.target, constant: hasIntercept ? mean : 0,
        learnt: count))
  }

  package func measurements(of solution: SparseSolution, for truth: HeldOut) -> [JSON.Member] {
    let errors = truth.target.indices.map { i in
      zip(solution.support, solution.coefficients).reduce(
        (solution.intercept ?? 0) - truth.target[i]
      ) { $0 + truth.features[i, $1.0] * $1.1 }
    }
    let spread = truth.target.map { $0 - truth.constant }.squaredNorm
    let trainLoss = solution.residualNorm * solution.residualNorm / Double(truth.learnt)
    return [
      JSON.Member("support", .array(solution.support.map { JSON($0) })),
      JSON.Member("trainLoss", JSON(trainLoss)),
      JSON.Member("trainError", JSON(solution.relativeResidual)),
      // Null where the samples held out do not vary.
      JSON.Member("heldOutError", JSON((errors.squaredNorm / spread).squareRoot())),
      JSON.Member("iterations", JSON(solution.iterations)),
      JSON.Member("passes", JSON(solution.matrixPasses)),
    ]
  }

  package func validate() throws(ExperimentError) {
    try validateSolversAndTrials()
    // No double is closer than 1 to its neighbours below 2⁴⁸.
    guard (2...1 << 48).contains(description.rows), description.columns > 0 else {
      throw .invalidSetting(
        name: "data", value: "\(description.rows) × \(description.columns)",
        expected: "at least two samples and one feature")
    }
    switch holdOut {
    case .share(let share):
      guard share > 0, share < 1 else {
        throw .invalidSetting(
          name: "held out", value: "\(share)", expected: "a share between 0 and 1")
      }
    case .folds(let count):
      guard 2...description.rows ~= count else {
        throw .invalidSetting(
          name: "folds", value: "\(count)", expected: "from 2 to \(description.rows), the samples")
      }
      guard trials == count else {
        throw .invalidSetting(
          name: "trials", value: "\(trials)", expected: "\(count), the number of folds")
      }
    }
    guard !sparsities.isEmpty, sparsities.allSatisfy({ $0 > 0 }), isAscending(sparsities) else {
      throw .invalidSetting(
        name: "sparsities", value: "\(sparsities)", expected: "ascending numbers of at least 1")
    }
    guard !possibleCells.isEmpty else {
      throw .invalidSetting(
        name: "sparsities", value: "\(sparsities)",
        expected:
          "at least one of at most \(largestSparsity), the features or the samples learnt from")
    }
  }

  // MARK: Pictures

  /// Errors and times against k, the best k of each solver, and tables.
  package func addPictures(of results: ResultSet, to album: inout Album) throws {
    let curves = SparsityCurves(
      results, of: solvers, over: sparsities, axis: Axis("features selected, k"),
      caption: caption)
    let measures = [Measure.trainError, .heldOutError, .iterations, .time]
    try curves.addCharts(measures, to: &album)
    album.report.add(heading: "Smallest error on samples held out (medians)")
    album.report.add(
      table: ["solver", "k", "error"],
      rows: solvers.indices.map { i in
        let best = curves.least(i, .heldOutError)
        return [solvers[i].name, best.map { "\($0.sparsity)" } ?? "–", significant(best?.value, 4)]
      })
    curves.addTables(measures, to: &album.report)
  }

  package var described: [Report.Setting] {
    [
      ("data", description.name),
      (
        "size",
        "\(description.rows) samples, \(description.columns) features"
          + (description.degree == 2 ? ", products of two included" : "")
      ),
      ("intercept", hasIntercept ? "fitted beside, not counted" : "none"),
      ("features selected k", sparsities.map(String.init).joined(separator: ", ")),
      ("held out", heldOutInWords),
    ]
  }

  private var caption: String {
    "\(description.name): \(description.rows) samples, \(description.columns) features"
      + "\(description.degree == 2 ? " with products" : ""); \(heldOutInWords); seed \(seed)"
  }

  private var heldOutInWords: String {
    switch holdOut {
    case .share(let share): "\(significant(100 * share)) % held out, \(trials) splits"
    case .folds(let count): "one of \(count) folds held out"
    }
  }
}

extension Measure {
  static let trainError = Measure(
    title: "Error on the samples learnt from", fileName: "train-error",
    axis: Axis("RMS error / that of a constant"), isMean: false, showsSpread: false,
    sample: { $0.sample("trainError") })

  static let heldOutError = Measure(
    title: "Error on the samples held out", fileName: "held-out-error",
    axis: Axis("RMS error / that of a constant"), isMean: false, showsSpread: false,
    sample: { $0.sample("heldOutError") })
}
