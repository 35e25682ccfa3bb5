public import SparseCore

/// Cross-validation of the sparsity by K folds, dealt out once or several times, or given: Stone 1974; Hastie, Tibshirani
/// and Friedman 2009, §7.10.
///
/// Each fold solves the whole path with the weights of its rows at zero, so that A is never copied:
/// means, standard deviations and norms of columns are those of the rows that stay. The error of a
/// fold is the mean of wᵢ (Ax + b − y)ᵢ² over the rows held out, Σ wᵢ for a divisor; under another loss that of
/// twice the loss, which is the deviance where there is one.
public struct CrossValidation: Sendable {
  /// How the path of each fold is solved; its target is ignored.
  public var path: SparsityPath
  /// Which rows are held out together.
  public var plan: FoldPlan
  /// The most bytes of Gram columns to keep on the engine, or nil for a quarter of what is available.
  public var gramMemory: Int?
  /// When gradients come from Gram columns.
  public var gramUse = GramUse.whenCached
  /// When folds are solved on triangles of the table: one pass over A serves all of them.
  public var reduction = TableReduction.auto
  /// Which of the folds are solved here. Of a share there is no result, but the last checkpoint handed out.
  public var share = PathShare.whole

  /// K folds, dealt out once in the order that `seed` names.
  public init(path: SparsityPath = SparsityPath(), folds: Int = 10, seed: UInt64 = 0) {
    self.init(path: path, plan: FoldPlan(folds, seed: seed))
  }

  /// The folds of a plan.
  public init(path: SparsityPath = SparsityPath(), plan: FoldPlan) {
    self.path = path
    self.plan = plan
  }

  /// Solves a path for every fold, one after another. Atoms are loaded for each, since their norms differ. Where
  /// A lies in reach of the engine that copies nothing.
  ///
  /// - Parameters:
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  ///   - observer: called after every evaluated support; its answer may end the validation.
  /// - Returns: nil when it was ended before all folds were solved, by the observer or the time limit
  ///   of a path.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for folds that the rows or the
  ///   largest sparsity do not allow, what ``RecoveryProblem`` throws, and what
  ///   ``SparsityPath/solve(_:sparsities:on:precision:observer:)`` throws.
  public func run(
    _ operator: any LinearOperator, observation: [Double], normalize: Bool = true,
    model: RecoveryModel = RecoveryModel(), loss: any Loss = SquaredLoss(),
    sparsities: ClosedRange<Int>, on backend: any Backend,
    precision: Precision = .double, resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> CrossValidationErrors? {
    // The whole problem first, for the errors it has. Its operator has nothing in rows of weight 0 that
    // every fold would have to copy A for.
    let whole = try RecoveryProblem(
      `operator`, observation: observation, normalize: normalize, model: model, loss: loss)
    return try run(
      whole, nil, sparsities, on: backend, precision, resuming: checkpoint, keeper, observer)
  }

  /// The same for several observations with one support: a path is that of
  /// ``SparsityPath/solve(_:jointly:sparsities:resuming:keeper:observer:)``, and an error the sum of those of the
  /// observations.
  ///
  /// - Parameter observations: at least one.
  /// - Throws: what the run for one observation and that path throw.
  public func run(
    _ operator: any LinearOperator, jointly observations: [[Double]], normalize: Bool = true,
    model: RecoveryModel = RecoveryModel(), loss: any Loss = SquaredLoss(),
    sparsities: ClosedRange<Int>, on backend: any Backend, precision: Precision = .double,
    resuming checkpoint: CompositeCheckpoint? = nil,
    keeper: CheckpointKeeper<CompositeCheckpoint>? = nil,
    observer: @escaping SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> CrossValidationErrors? {
    let whole = try RecoveryProblem(
      `operator`, observation: observations.first ?? [], normalize: normalize, model: model,
      loss: loss)
    return try run(
      whole, observations, sparsities, on: backend, precision, resuming: checkpoint, keeper,
      observer)
  }

  private func run(
    _ whole: RecoveryProblem, _ joint: [[Double]]?, _ sparsities: ClosedRange<Int>,
    on backend: any Backend, _ precision: Precision, resuming checkpoint: CompositeCheckpoint?,
    _ keeper: CheckpointKeeper<CompositeCheckpoint>?, _ observer: @escaping SolveObserver
  ) throws(RecoveryError) -> CrossValidationErrors? {
    let model = whole.model
    let weights = model.weights ?? Array(repeating: 1, count: whole.rows)
    let folds = try Folds(
      plan, of: whole.givenPresentRows, total: whole.givenRows,
      needed: sparsities.upperBound + (model.fitsIntercept ? 1 : 0))
    var path = path
    path.targetResidual = nil
    let part = PathOnRows(
      whole: whole, joint: joint, path: path, sparsities: sparsities, backend: backend,
      precision: precision,
      gramMemory: gramMemory, gramUse: gramUse)
    var record: CompositeRecord?
    if checkpoint != nil || keeper != nil {
      record = try CompositeRecord(
        "cross-validation",
        path.facts(
          try joint.map { (y) throws(RecoveryError) in try whole.observing(jointly: y) } ?? whole,
          sparsities)
          + plan.facts + share.facts(), keeper: keeper, resuming: checkpoint)
    }
    var errors: [[Double]] = []
    var fold = 0
    for repetition in folds.repetitions.map({ $0.map(whole.parts(of:)) }) {
      // Several observations have a triangle for each fold, since these know of one.
      let triangles =
        joint == nil ? try FoldTriangles(whole, repetition, weights: weights, reduction) : nil
      for (number, heldOut) in repetition.enumerated() {
        // Counted through all repetitions.
        defer { fold += 1 }
        guard share.contains(fold) else { continue }
        let known = try record?.next { (r) throws(CheckpointError) in try r.doubles() }
        if let record, let known {
          guard known.count == sparsities.count, known.allSatisfy({ $0 >= 0 }) else {
            throw record.contradiction
          }
          errors.append(known)
          continue
        }
        let reduced = try triangles?.solve(number, on: backend, precision: precision, in: part.unit)
        {
          (engine, problem, included) throws(RecoveryError) in
          try part.solve(problem, included: included, with: engine, record, observer)
        }
        if let reduced {
          guard let found = reduced.errors else { return nil }
          record?.add { $0.write(found) }
          errors.append(found)
          continue
        }
        var kept = weights
        for i in heldOut { kept[i] = 0 }
        let found = try part.solve(
          weights: kept, heldOut: heldOut, countedBy: weights, joint == nil ? .off : reduction,
          record, observer)
        guard let own = found?.errors else { return nil }
        record?.add { $0.write(own) }
        errors.append(own)
      }
    }
    guard share == .whole else {
      if let record { keeper?.keep(record.checkpoint) }
      return nil
    }
    return CrossValidationErrors(
      sparsities: Array(sparsities), folds: errors, of: folds, exponent: part.unit.exponent,
      checkpoint: record?.checkpoint)
  }
}

/// What cross-validation says about every sparsity.
public struct CrossValidationErrors: Sendable {
  /// The sparsities compared, in ascending order.
  public let sparsities: [Int]
  /// The mean squared error held out, or of twice another loss, for every fold and in it every sparsity. Infinite or
  /// zero where the square of a residual is beyond the range of a double, which is no harm to a choice.
  public let folds: [[Double]]
  /// The mean over the folds, for every sparsity.
  public let means: [Double]
  /// The standard error of this mean: the standard deviation over the folds, divided by √K; with repetitions the root
  /// mean square of that of each, since they lower the noise of the deal and not that of the rows.
  public let standardErrors: [Double]
  /// The rows that the folds hold out.
  public let rows: Folds
  /// The validation as it stands, where checkpoints were asked for: going on from it gives the errors again.
  public let checkpoint: CompositeCheckpoint?
  /// The means and the standard errors in the unit in which they are compared.
  private let compared: (means: [Double], standardErrors: [Double])

  /// - Parameters:
  ///   - folds: errors in units of 4^`exponent`.
  ///   - rows: what the folds are, of one repetition or of several.
  init(
    sparsities: [Int], folds: [[Double]], of rows: Folds, exponent: Int = 0,
    checkpoint: CompositeCheckpoint? = nil
  ) {
    self.checkpoint = checkpoint
    self.sparsities = sparsities
    self.rows = rows
    let count = Double(folds.count)
    let means = sparsities.indices.map { p in folds.reduce(0) { $0 + $1[p] } / count }
    let standardErrors = sparsities.indices.map { p in
      var (first, variances) = (0, 0.0)
      for count in rows.counts {
        let errors = folds[first..<first + count].map { $0[p] }
        let mean = errors.reduce(0, +) / Double(count)
        let squares = errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        variances += squares / Double(count - 1) / Double(count)
        first += count
      }
      return (variances / Double(rows.counts.count)).squareRoot()
    }
    compared = (means, standardErrors)
    func given(_ errors: [Double]) -> [Double] { errors.map { $0.scaled(by: 2 * exponent) } }
    self.folds = folds.map(given)
    self.means = given(means)
    self.standardErrors = given(standardErrors)
  }

  /// The sparsity of the smallest mean, the first of those that tie.
  public var minimum: Int { sparsities[smallest] }

  /// The smallest sparsity whose mean is within one standard error of the smallest: Breiman, Friedman,
  /// Olshen and Stone 1984, §3.4.3.
  public var oneStandardError: Int {
    let bound = compared.means[smallest] + compared.standardErrors[smallest]
    return zip(sparsities, compared.means).first { $0.1 <= bound }?.0 ?? minimum
  }

  private var smallest: Int {
    compared.means.indices.min { compared.means[$0] < compared.means[$1] } ?? 0
  }
}
