import SparseRecovery
import Synchronization

@testable import Experiments

/// A few hundred tiny problems: two thirds of the cells are possible.
func tinyTransition(_ solvers: [NamedSolver] = tinySolvers) -> PhaseTransition {
  var experiment = PhaseTransition(solvers: solvers)
  experiment.columns = 16
  experiment.rows = [1, 6, 12]
  experiment.ratios = [0.2, 0.5, 1.5]
  experiment.trials = 5
  experiment.seed = 7
  return experiment
}

let tinySolvers: [NamedSolver] = {
  var limits = Limits()
  limits.iterations = 20
  return [NamedSolver("sea", SEA(limits: limits)), NamedSolver("omp", OMP())]
}()

/// A solver that always fails.
struct FailingSolver: Solver {
  static let name = "failing"
  let error: RecoveryError

  func solve(
    _ problem: Workspace, sparsity: Int, observer: SolveObserver
  ) throws(RecoveryError) -> SparseSolution { throw error }
}

/// A counter that threads share.
final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func increment() { count.withLock { $0 += 1 } }
}
