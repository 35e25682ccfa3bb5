import CLAPACKE
package import SparseCore

/// The largest eigenvalue of a symmetric tridiagonal matrix, in O(j²) for j numbers on its diagonal.
///
/// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
package func largestEigenvalue(
  diagonal: [Double], offDiagonal: [Double]
) throws(RecoveryError) -> Double {
  var eigenvalues = diagonal
  var work = offDiagonal + [0]
  try check("dsterf", LAPACKE_dsterf(Int32(diagonal.count), &eigenvalues, &work))
  // In ascending order.
  return eigenvalues.last ?? 0
}
