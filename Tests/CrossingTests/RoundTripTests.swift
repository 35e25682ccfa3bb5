import SparseRecovery
import TestSupport
import Testing

/// What one command writes, another one reads: coefficients as a start, and as an observation.
@Suite struct RoundTripTests {
  private static let rows = [
    "method: omp", "method: omp; weights: steep; centre: intercept",
    "method: omp; matrix: coherent; sparsity: four; lengths: given",
    "method: omp; signs: nonnegative; matrix: wide",
    "method: omp; include: two; exclude: some; centre: standardize; ridge: small",
  ]

  @Test(arguments: rows, ["csv", "tsv", "npy", "mtx"])
  func coefficientsAreReadBackAsAStart(row: String, suffix: String) throws {
    let trial = Trial(try #require(Row(row)))
    let problem = try trial.problem()
    let found = try OMP().solve(problem, sparsity: trial.sparsity, on: CPUBackend(threads: 1))
    let x = found.dense(columns: problem.columns)
    let folder = TemporaryFolder()
    let path = folder("x.\(suffix)")
    try MatrixFile.write(x, to: path)
    let read = try MatrixFile.readVector(path)
    #expect(read.map(\.bitPattern) == x.map(\.bitPattern))

    var first: [Int]?
    let sea = SEA(start: .vector(read), limits: Trial.limits)
    let explored = try sea.solve(problem, sparsity: trial.sparsity, on: CPUBackend(threads: 1)) {
      first = first ?? $0.support
      return .proceed
    }
    // The columns included are in no report.
    let selected = found.support.filter { !trial.model.included.contains($0) }
    if selected.count == trial.sparsity - trial.model.included.count { #expect(first == selected) }
    let oracle = trial.oracles[0]
    #expect(
      oracle.loss(of: explored)
        <= oracle.loss(of: found) + oracle.lossTolerance(oracle.observationNorm))
  }

  @Test(arguments: ["csv", "tsv", "npy", "mtx"])
  func coefficientsAreReadBackAsAnObservation(suffix: String) throws {
    let trial = Trial(try #require(Row("method: omp; matrix: coherent")))
    let problem = try trial.problem()
    let found = try OMP().solve(problem, sparsity: 4, on: CPUBackend(threads: 1))
    let folder = TemporaryFolder()
    let path = folder("x.\(suffix)")
    // A matrix of 40 × 40: coefficients are as many as observations.
    try MatrixFile.write(found.dense(columns: problem.columns), to: path)
    let (written, read) = (found.dense(columns: problem.columns), try MatrixFile.readVector(path))
    let solutions = try [written, read].map {
      Outcome(
        try OMP().solve(problem.observing($0), sparsity: 4, on: CPUBackend(threads: 1)))
    }
    #expect(solutions[0] == solutions[1])
  }
}
