import AllocationCounting
import Glibc
import SparseRecovery

/// Counts how often an iteration of SEA asks for memory, on problems whose atoms are all in the
/// working set, so that nothing is verified. The counts are the same in every run.
///
/// Ends with 1 where an iteration takes more than the support that it reports.
@main struct Allocations {
  static func main() throws {
    let problems: [(name: String, parameters: SyntheticParameters)] = [
      (
        "gaussian",
        .init(ensemble: .gaussian(rows: 60, columns: 200), sparsity: 12, snr: 5, seed: 1)
      ),
      (
        "deconvolution",
        .init(ensemble: .deconvolution(size: 150, width: 3), sparsity: 8, snr: 5, seed: 2)
      ),
    ]
    var isFrugal = true
    for (name, parameters) in problems {
      // What is made once in a process is not of interest.
      _ = try allocations(parameters, iterations: 300)
      let few = try allocations(parameters, iterations: 300)
      let many = try allocations(parameters, iterations: 1300)
      let iteration = Double(many - few) / 1000
      print("\(name): \(few) allocations in 300 iterations, \(iteration) in every further one")
      // The blocks of 256 iterations take some as well.
      isFrugal = isFrugal && iteration < 1.25
    }
    exit(isFrugal ? EXIT_SUCCESS : EXIT_FAILURE)
  }

  private static func allocations(
    _ parameters: SyntheticParameters, iterations: Int
  ) throws -> Int {
    let synthetic = try SyntheticProblem(parameters)
    let problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
    var limits = Limits()
    limits.iterations = iterations
    let sea = SEA(gradient: .blocked, limits: limits)
    let before = allocationsOfThisThread()
    _ = try sea.solve(problem, sparsity: parameters.sparsity, on: CPUBackend())
    return Int(allocationsOfThisThread() - before)
  }
}
