package import SparseCore

extension RecoveryProblem {
  /// The projection onto one support, from atoms gathered for it alone.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package func projection(onto support: [Int]) throws(RecoveryError) -> Projection {
    var projector = Projector(self, capacity: support.count)
    return try projector.projectAllowed(onto: support)
  }
}

extension Projector {
  /// The projection that the model allows: onto the cone where coefficients must not be negative.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  package mutating func projectAllowed(onto support: [Int]) throws(RecoveryError) -> Projection {
    isNonnegative ? try projectNonnegative(onto: support) : try project(onto: support)
  }
}

/// argmin ‖C x − y‖₂ of least norm, for columns C of any length, by singular values.
///
/// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
package func leastSquares(_ columns: [[Double]], _ y: [Double]) throws(RecoveryError) -> [Double] {
  // Of unit norm, so that the rank does not depend on their units.
  let norms = columns.map { max($0.squaredNorm.squareRoot(), .leastNormalMagnitude) }
  let block = zip(columns, norms).flatMap { column, norm in column.map { $0 / norm } }
  let (x, _) = try minimumNormSolution(block, rows: y.count, columns: columns.count, y)
  return zip(x, norms).map { $0 / $1 }
}
