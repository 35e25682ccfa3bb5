import Solvers
import SparseCore
import SyntheticProblems
import Testing

/// The sequence of supports is what SEA is: it must be the same on every backend and equal to the
/// algorithm read word for word.
@Suite struct SupportSequenceTests {
  static let problems: [SyntheticParameters] =
    (1...10).map { seed in
      SyntheticParameters(
        ensemble: .gaussian(rows: 60, columns: 200), sparsity: 5 + Int(seed),
        snr: seed.isMultiple(of: 2) ? 20 : nil, seed: seed)
    }
    + (1...10).map { seed in
      SyntheticParameters(
        ensemble: .deconvolution(size: 150, width: 3), sparsity: 2 + Int(seed),
        snr: seed.isMultiple(of: 3) ? 20 : nil, seed: seed)
    }

  @Test(arguments: problems) func everyBackendVisitsTheSame(_ parameters: SyntheticParameters)
    throws
  {
    let synthetic = try SyntheticProblem(parameters)
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
    let literal = LiteralSEA(synthetic.matrix, synthetic.observation)
      .supports(sparsity: parameters.sparsity, iterations: 200)

    for backend in try everyBackend() {
      for gradient in SEA.Gradient.allCases {
        var visited: [[Int]] = []
        var limits = Limits()
        limits.iterations = 200
        _ = try SEA(gradient: gradient, limits: limits)
          .solve(problem, sparsity: parameters.sparsity, on: backend) {
            visited.append($0.support)
            return .proceed
          }
        #expect(visited == literal, "\(backend.identity), \(gradient)")
      }
    }
  }
}
