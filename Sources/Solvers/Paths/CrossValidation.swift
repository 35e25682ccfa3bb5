public import SparseCore

/// K-fold cross-validation of the sparsity: Stone 1974; Hastie, Tibshirani and Friedman 2009, §7.10.
///
/// Each fold solves the whole path with the weights of its rows at zero, so that A is never copied:
/// means, standard deviations and norms of columns are those of the rows that stay. The error of a
/// fold is the mean of wᵢ (Ax + b − y)ᵢ² over the rows held out, Σ wᵢ for a divisor.
public struct CrossValidation: Sendable {
  /// How the path of each fold is solved; its target is ignored.
  public var path: SparsityPath
  /// K, from 2 to the number of rows.
  public var folds: Int
  /// The name of the random order in which rows are dealt out to folds.
  public var seed: UInt64
  /// The most bytes of Gram columns to keep on the engine, or nil for a quarter of what is available.
  public var gramMemory: Int?
  /// When gradients come from Gram columns.
  public var gramUse = GramUse.whenCached
  /// When folds are solved on triangles of the table: one pass over A serves all of them.
  public var reduction = TableReduction.auto

  /// K folds.
  public init(path: SparsityPath = SparsityPath(), folds: Int = 10, seed: UInt64 = 0) {
    self.path = path
    self.folds = folds
    self.seed = seed
  }

  /// Solves K paths, one after another, each with the atoms loaded anew: their norms differ. Where
  /// A lies in reach of the engine that copies nothing.
  ///
  /// - Parameters:
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called after every evaluated support; its answer may end the validation.
  /// - Returns: nil when it was ended before all folds were solved, by the observer or the time limit
  ///   of a path.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a number of folds that the
  ///   rows or the largest sparsity do not allow, what ``RecoveryProblem`` throws, and what
  ///   ``SparsityPath/solve(_:sparsities:on:precision:observer:)`` throws.
  public func run(
    _ operator: any LinearOperator, observation: [Double], normalize: Bool = true,
    model: RecoveryModel = RecoveryModel(), sparsities: ClosedRange<Int>, on backend: any Backend,
    precision: Precision = .double, resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> CrossValidationErrors? {
    // The whole problem first, for the errors it has. Its operator has nothing in rows of weight 0 that
    // every fold would have to copy A for.
    let whole = try RecoveryProblem(
      `operator`, observation: observation, normalize: normalize, model: model)
    let `operator` = whole.atoms.operator
    let weights = model.weights ?? Array(repeating: 1, count: `operator`.rows)
    let folds = try Folds(
      folds, of: weights.indices.filter { weights[$0] > 0 }, seed: seed,
      needed: sparsities.upperBound + (model.fitsIntercept ? 1 : 0))
    var path = path
    path.targetResidual = nil
    var record: CompositeRecord?
    if checkpoint != nil || keeper != nil {
      let own = [ProblemFact("folds", "\(self.folds)"), ProblemFact("seed", "\(seed)")]
      record = try CompositeRecord(
        "cross-validation", path.facts(whole, sparsities) + own, keeper: keeper,
        resuming: checkpoint)
    }
    let triangles = try FoldTriangles(whole, folds.heldOut, weights: weights, reduction)
    var errors: [[Double]] = []
    for (number, heldOut) in folds.heldOut.enumerated() {
      let known = try record?.next { (r) throws(CheckpointError) in try r.doubles() }
      if let record, let known {
        guard known.count == sparsities.count, known.allSatisfy({ $0 >= 0 }) else {
          throw record.contradiction
        }
        errors.append(known)
        continue
      }
      let reduced = try triangles?.solve(number, on: backend, precision: precision) {
        (engine, problem, included) throws(RecoveryError) in
        try solve(
          path, problem, sparsities.lowerBound - included...sparsities.upperBound - included,
          with: engine, record, observer)
      }
      if let reduced {
        guard let fold = reduced.errors else { return nil }
        record?.add { $0.write(fold) }
        errors.append(fold)
        continue
      }
      var masked = model
      var kept = weights
      for i in heldOut { kept[i] = 0 }
      masked.weights = kept
      let problem = try RecoveryProblem(
        `operator`, observation: observation, normalize: normalize, model: masked)
      let found = try solve(
        path, problem, sparsities, with: backend.load(problem.atoms, precision: precision), record,
        observer)
      guard found.stopReason == .converged else { return nil }
      let fold = try found.points.map { (point) throws(RecoveryError) in
        try point.solution.meanSquaredError(on: heldOut, of: problem, weights: weights)
      }
      record?.add { $0.write(fold) }
      errors.append(fold)
    }
    return CrossValidationErrors(sparsities: Array(sparsities), folds: errors)
  }

  private func solve(
    _ path: SparsityPath, _ problem: RecoveryProblem, _ sparsities: ClosedRange<Int>,
    with engine: any Engine, _ record: CompositeRecord?, _ observer: @escaping SolveObserver
  ) throws(RecoveryError) -> SolutionPath {
    try path.solve(
      Workspace(problem, on: engine, gramMemory: gramMemory, use: gramUse),
      sparsities: sparsities, resuming: try record?.takeUnderWay(),
      keeper: record?.memberKeeper(), observer: observer)
  }
}

extension SparseSolution {
  /// Σ wᵢ (Ax + b − y)ᵢ² / Σ wᵢ over some rows.
  fileprivate func meanSquaredError(
    on rows: [Int], of problem: RecoveryProblem, weights: [Double]
  ) throws(RecoveryError) -> Double {
    var (sum, total) = (0.0, 0.0)
    let columns = try support.map { (j) throws(RecoveryError) in try problem.atoms.column(j) }
    for i in rows {
      var deviation = (intercept ?? 0) - problem.observation[i]
      for (column, x) in zip(columns, coefficients) { deviation += x * column[i] }
      sum += weights[i] * deviation * deviation
      total += weights[i]
    }
    return sum / total
  }
}

/// What cross-validation says about every sparsity.
public struct CrossValidationErrors: Sendable {
  /// The sparsities compared, in ascending order.
  public let sparsities: [Int]
  /// The mean squared error held out, for every fold and in it every sparsity.
  public let folds: [[Double]]
  /// The mean over the folds, for every sparsity.
  public let means: [Double]
  /// The standard error of this mean: the standard deviation over the folds, divided by √K.
  public let standardErrors: [Double]

  init(sparsities: [Int], folds: [[Double]]) {
    self.sparsities = sparsities
    self.folds = folds
    let count = Double(folds.count)
    let means = sparsities.indices.map { p in folds.reduce(0) { $0 + $1[p] } / count }
    self.means = means
    standardErrors = sparsities.indices.map { p in
      let squares = folds.reduce(0) { $0 + ($1[p] - means[p]) * ($1[p] - means[p]) }
      return (squares / (count - 1) / count).squareRoot()
    }
  }

  /// The sparsity of the smallest mean, the first of those that tie.
  public var minimum: Int { sparsities[smallest] }

  /// The smallest sparsity whose mean is within one standard error of the smallest: Breiman, Friedman,
  /// Olshen and Stone 1984, §3.4.3.
  public var oneStandardError: Int {
    let bound = means[smallest] + standardErrors[smallest]
    return zip(sparsities, means).first { $0.1 <= bound }?.0 ?? minimum
  }

  private var smallest: Int { means.indices.min { means[$0] < means[$1] } ?? 0 }
}

/// The rows dealt out to folds, as equally as can be, in a random order named by a seed.
struct Folds {
  /// The rows held out by each fold, in ascending order.
  let heldOut: [[Int]]

  /// Deals out `rows`.
  ///
  /// - Parameters:
  ///   - rows: the rows that take part.
  ///   - needed: how many rows every fold must keep.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for fewer than two folds, more
  ///   than rows, or so few that a fold keeps less than needed.
  init(_ count: Int, of rows: [Int], seed: UInt64, needed: Int) throws(RecoveryError) {
    guard count >= 2, count <= rows.count else {
      throw .invalidOption(
        name: "folds", value: "\(count)",
        expected: "a number from 2 to \(rows.count), the rows that take part")
    }
    let kept = rows.count - (rows.count + count - 1) / count
    guard kept >= needed else {
      throw .invalidOption(
        name: "folds", value: "\(count), which keep \(kept) rows",
        expected: "folds that keep at least \(needed) rows for the largest sparsity")
    }
    var generator = SeededGenerator(seed: seed)
    let order = generator.shuffled(rows)
    heldOut = (0..<count).map { fold in
      stride(from: fold, to: order.count, by: count).map { order[$0] }.sorted()
    }
  }
}
