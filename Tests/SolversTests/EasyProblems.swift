import CPUBackend
import Solvers
import SparseCore
import SyntheticProblems

/// All algorithms but the exhaustive search, which refuses problems beyond a few supports.
let scalable = Algorithm.all.filter { $0.name != Exhaustive.name }

/// Solves on the processor with the default limits.
func solve(_ algorithm: Algorithm, _ problem: RecoveryProblem, _ k: Int) throws -> SparseSolution {
  try algorithm.solver(Limits()).solve(problem, sparsity: k, on: CPUBackend())
}

/// A random problem, with its truth.
func draw(
  _ ensemble: MatrixEnsemble, _ k: Int, snr: Double? = nil, seed: UInt64
) throws -> (SyntheticProblem, RecoveryProblem) {
  let synthetic = try SyntheticProblem(
    SyntheticParameters(ensemble: ensemble, sparsity: k, snr: snr, seed: seed))
  return (
    synthetic,
    try RecoveryProblem(matrix: .double(synthetic.matrix), observation: synthetic.observation)
  )
}

/// A problem stated column by column.
func state(
  _ columns: [[Double]], _ y: [Double], normalize: Bool = true
) throws -> RecoveryProblem {
  let matrix = try Matrix(
    rows: y.count, columns: columns.count, columnMajor: columns.flatMap { $0 })
  return try RecoveryProblem(matrix: .double(matrix), observation: y, normalize: normalize)
}
