import LeastSquares
import SparseCore

/// What every solver keeps beside its own state: the best support seen, and the reasons to stop.
struct Search {
  /// k, after columns that cannot be selected are discounted.
  let sparsity: Int
  /// How many times A was read from end to end.
  var matrixPasses = 0

  private let solver: String
  private let problem: RecoveryProblem
  private let limits: Limits
  private let observationNorm: Double
  private let start = ContinuousClock.now
  private var warnings: [Warning] = []
  private var iterations = 0
  private var explored = SupportCount()
  private var best: (support: [Int], residualNorm: Double, iteration: Int)?

  /// Checks the request and notes what is unusual about the problem.
  init(
    _ solver: String, _ problem: RecoveryProblem, sparsity: Int, limits: Limits
  ) throws(RecoveryError) {
    guard sparsity >= 1, sparsity <= problem.columns else {
      throw .sparsityOutOfRange(sparsity: sparsity, columns: problem.columns)
    }
    try limits.validate()
    self.solver = solver
    self.problem = problem
    self.limits = limits
    let usable = problem.atoms.usableColumns
    self.sparsity = min(sparsity, usable)
    observationNorm = problem.scaledObservation.squaredNorm.squareRoot()
    if usable < problem.columns { warnings.append(.zeroColumns(problem.atoms.zeroColumns)) }
    if usable < sparsity { warnings.append(.sparsityReduced(from: sparsity, to: usable)) }
  }

  /// Whether y = 0, which no support explains better than the empty one.
  var isTrivial: Bool { observationNorm == 0 }

  /// How many more supports may be evaluated.
  var iterationsLeft: Int { limits.iterations - iterations }

  /// Whether a residual of this norm leaves nothing to explain.
  func isExplained(by residualNorm: Double) -> Bool {
    residualNorm <= limits.tolerance * observationNorm
  }

  /// Notes an evaluated support and says whether to stop.
  ///
  /// - Parameter method: how its projection was computed, or nil when only its norm is remembered.
  mutating func record(
    _ support: [Int], residualNorm: Double, method: ProjectionMethod?, observer: Observer
  ) -> StopReason? {
    // A strict comparison: of supports with one loss, the first seen is kept.
    if best.map({ residualNorm < $0.residualNorm }) ?? true {
      best = (support, residualNorm, iterations)
    }
    let isNew = explored.insert(support)
    let bestResidual = (best?.residualNorm ?? residualNorm) / observationNorm
    let elapsed = ContinuousClock.now - start
    let report = IterationReport(
      solver: solver, iteration: iterations, support: support,
      relativeResidual: residualNorm / observationNorm,
      bestRelativeResidual: bestResidual, isNew: isNew, projection: isNew ? method : nil,
      elapsed: elapsed)
    iterations += 1
    let control = observer(report)
    if isExplained(by: residualNorm) { return .residual }
    if control == .stop { return .interrupted }
    if iterations >= limits.iterations { return .iterations }
    if let time = limits.time, elapsed >= time { return .time }
    if let patience = limits.stagnation, iterations - 1 - (best?.iteration ?? 0) >= patience {
      return .stagnation
    }
    return nil
  }

  /// The best support with the coefficients of the original columns.
  ///
  /// Projected anew, so that the answer depends on the support alone and not on the supports before.
  func solution(
    _ stopReason: StopReason, _ engine: EngineIdentity
  ) throws(RecoveryError) -> SparseSolution {
    let support = best?.support ?? []
    var warnings = warnings
    var coefficients: [Double] = []
    if !support.isEmpty {
      var projector = Projector(problem, capacity: support.count)
      let projection = try projector.project(onto: support)
      coefficients = projection.coefficients
      if projection.rank < support.count {
        warnings.append(.dependentColumns(rank: projection.rank, sparsity: support.count))
      }
    }
    let residualNorm = originalResidual(coefficients, support).squaredNorm.squareRoot()
    return SparseSolution(
      support: support,
      coefficients: problem.originalCoefficients(coefficients, support: support),
      residualNorm: residualNorm * problem.observationScale,
      relativeResidual: isTrivial ? 0 : residualNorm / observationNorm,
      iterations: iterations, bestIteration: best?.iteration ?? 0, stopReason: stopReason,
      supportsExplored: explored.count, matrixPasses: matrixPasses, warnings: warnings,
      engine: engine)
  }

  /// A_S x_S − y from the columns of A as given, for y as scaled.
  private func originalResidual(_ coefficients: [Double], _ support: [Int]) -> [Double] {
    var residual = problem.scaledObservation.map(-)
    var column = residual
    for (j, c) in zip(support, coefficients) {
      column.withUnsafeMutableBufferPointer { target in
        guard let start = target.baseAddress else { return }
        problem.atoms.matrix.copyColumn(j, times: c * problem.atoms.scale[j], to: start)
      }
      for i in residual.indices { residual[i] += column[i] }
    }
    return residual
  }
}
