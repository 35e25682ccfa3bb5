import CPUBackend
import Solvers
import SparseCore
import SyntheticProblems

/// All algorithms but those that prove the optimum: without a ridge they refuse wide problems beyond a few supports.
let scalable = Algorithm.all.filter { !exact.contains($0.name) }

/// The names of those that prove the optimum.
let exact = [Exhaustive.name, BranchAndBound.name]

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

/// Columns of few random factors and noise: correlated, so that greedy searches err.
func factorColumns(
  _ count: Int, rows: Int, factors: Int, noise: Double, _ generator: inout SeededGenerator
) -> [[Double]] {
  let shared = (0..<factors * rows).map { _ in generator.normal() }
  return (0..<count).map { _ in
    let loadings = (0..<factors).map { _ in generator.normal() }
    return (0..<rows).map { i in
      noise * generator.normal()
        + (0..<factors).reduce(0) { $0 + loadings[$1] * shared[$1 * rows + i] }
    }
  }
}

/// A problem stated column by column.
func state(
  _ columns: [[Double]], _ y: [Double], normalize: Bool = true
) throws -> RecoveryProblem {
  let matrix = try Matrix(
    rows: y.count, columns: columns.count, columnMajor: columns.flatMap { $0 })
  return try RecoveryProblem(matrix: .double(matrix), observation: y, normalize: normalize)
}
