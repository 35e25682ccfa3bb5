import CPUBackend
import Solvers
import SparseCore
import SyntheticProblems

/// What a solver found in many problems of one kind, with the seeds 1, 2, ….
struct RecoveryStatistics {
  /// The support distance in every problem.
  let distances: [Double]

  init(_ solver: any Solver, _ ensemble: MatrixEnsemble, sparsity k: Int, problems: Int = 60)
    throws
  {
    distances = try (1...problems).map { seed in
      let synthetic = try SyntheticProblem(
        SyntheticParameters(ensemble: ensemble, sparsity: k, seed: UInt64(seed)))
      let problem = try RecoveryProblem(
        matrix: .double(synthetic.matrix), observation: synthetic.observation)
      let solution = try solver.solve(problem, sparsity: k, on: CPUBackend())
      return supportDistance(solution.support, from: synthetic.support)
    }
  }

  /// The mean support distance.
  var distance: Double { distances.reduce(0, +) / Double(distances.count) }

  /// The share of problems whose support was found exactly.
  var successRate: Double { Double(distances.count { $0 == 0 }) / Double(distances.count) }

  /// The standard error of the difference of this mean distance and that of `others` problems with
  /// the same variance.
  func distanceError(against others: Int) -> Double {
    let mean = distance
    let variance =
      distances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(distances.count - 1)
    return (variance * (1 / Double(distances.count) + 1 / Double(others))).squareRoot()
  }

  /// The standard error of the difference of this success rate and `rate`, found in `others`
  /// problems, were both estimates of one rate: the mean of all problems.
  func rateError(against rate: Double, in others: Int) -> Double {
    let (mine, theirs) = (Double(distances.count), Double(others))
    let pooled = (successRate * mine + rate * theirs) / (mine + theirs)
    return (pooled * (1 - pooled) * (1 / mine + 1 / theirs)).squareRoot()
  }
}
