import LeastSquares
import SparseCore

extension Search {
  /// The best support with the coefficients of the original columns.
  ///
  /// Projected anew, so that the answer depends on the support alone and not on the supports before.
  ///
  /// - Parameter jointSupport: the support to answer with, of which all atoms stay, or nil for the best.
  func solution(
    _ stopReason: StopReason, _ workspace: Workspace, jointly jointSupport: [Int]? = nil
  ) throws(RecoveryError) -> SparseSolution {
    var support = jointSupport ?? best?.support ?? []
    var warnings = warnings
    var atomCoefficients = SparseVector(support: [], coefficients: [])
    var fit = Fit(problem)
    var ridge = 0.0
    if let projection = try projection(onto: &support, keepsZeros: jointSupport != nil) {
      try fit.add(projection.coefficients, of: support)
      atomCoefficients = SparseVector(support: support, coefficients: projection.coefficients)
      ridge = zip(support, projection.coefficients).reduce(0) {
        $0 + problem.penalty($1.0) * $1.1 * $1.1
      }
      if projection.rank < support.count {
        warnings.append(.dependentColumns(rank: projection.rank, sparsity: support.count))
      }
    }
    try fit.complete()
    let residualNorm = fit.residual.norm
    try fit.requireFinite()
    var solution = SparseSolution(
      support: fit.support, coefficients: fit.coefficients, atomCoefficients: atomCoefficients,
      intercept: fit.intercept,
      residualNorm: residualNorm * problem.observationScale,
      relativeResidual: observationNorm == 0 ? 0 : residualNorm / observationNorm,
      lossNorm: (residualNorm * residualNorm + ridge).squareRoot(),
      iterations: iterations, bestIteration: best?.iteration ?? 0, stopReason: stopReason,
      supportsExplored: explored.count, matrixPasses: workspace.matrixPasses - passesBefore,
      warnings: warnings, engine: workspace.engine.identity)
    solution.rounds = rounds
    return solution
  }

  /// The projection onto the support, from which atoms that signs hold at zero are taken out: they are
  /// no part of the answer. Nil where none is left.
  private func projection(
    onto support: inout [Int], keepsZeros: Bool
  ) throws(RecoveryError) -> Projection? {
    while !support.isEmpty {
      let projection = try problem.projection(onto: support)
      guard problem.model.isNonnegative, !keepsZeros, projection.coefficients.contains(0) else {
        return projection
      }
      support = zip(support, projection.coefficients).filter { $0.1 > 0 }.map(\.0)
    }
    return nil
  }
}

/// A fit in terms of the columns as given: atoms, then the columns included and the intercept.
private struct Fit {
  /// W^½(A x + b − y) for y as scaled.
  private(set) var residual: [Double]
  private let problem: RecoveryProblem
  private var chosen: [(column: Int, coefficient: Double)] = []
  private var constant: Double?

  /// x = 0.
  init(_ problem: RecoveryProblem) {
    self.problem = problem
    residual = problem.atoms.weighted(problem.presentObservation.map(-))
  }

  var support: [Int] { chosen.map(\.column) }
  var coefficients: [Double] { chosen.map { $0.coefficient * problem.observationScale } }
  var intercept: Double? { constant.map { $0 * problem.observationScale } }

  /// Adds atoms with their coefficients.
  mutating func add(_ coefficients: [Double], of support: [Int]) throws(RecoveryError) {
    for (j, c) in zip(support, coefficients) { try add(c * problem.atoms.scale[j], times: j) }
  }

  /// Fits what every support contains to what the atoms leave.
  mutating func complete() throws(RecoveryError) {
    let columns = try problem.atoms.required.map { (j) throws(RecoveryError) in
      try problem.atoms.column(j)
    }
    let ones = problem.model.fitsIntercept ? [Array(repeating: 1.0, count: problem.rows)] : []
    let regressors = (columns + ones).map { problem.atoms.weighted($0) }
    guard !regressors.isEmpty else { return }
    let x = try leastSquares(regressors, residual.map(-))
    for (j, c) in zip(problem.atoms.required, x) { try add(c, times: j) }
    chosen.sort { $0.column < $1.column }
    guard let last = ones.first.flatMap({ _ in x.last }) else { return }
    constant = last
    let step = regressors[regressors.count - 1]
    for i in residual.indices { residual[i] += last * step[i] }
  }

  /// - Throws: ``RecoveryError/resultOverflow(_:)`` for the first number that is not finite.
  func requireFinite() throws(RecoveryError) {
    for (j, coefficient) in zip(support, coefficients) where !coefficient.isFinite {
      throw .resultOverflow(.coefficient(column: j))
    }
    if let intercept, !intercept.isFinite { throw .resultOverflow(.intercept) }
    guard (residual.norm * problem.observationScale).isFinite else {
      throw .resultOverflow(.residualNorm)
    }
  }

  /// r ← r + W^½ a_j c, for column `j` as given.
  private mutating func add(_ c: Double, times j: Int) throws(RecoveryError) {
    chosen.append((j, c))
    let change = problem.atoms.weighted(try problem.atoms.column(j, times: c))
    for i in residual.indices { residual[i] += change[i] }
  }
}
