import Solvers
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport

@testable import OpenCLBackend

/// A problem that takes few calls to load and solve, in single precision.
enum SmallProblem {
  static let rows = 32
  static let columns = 48
  /// On the device.
  static let columnBytes = rows * 4
  static let iterations = 3

  static func problem() throws -> RecoveryProblem {
    var generator = SeededGenerator(seed: 61)
    let matrix = try generator.matrix(rows, columns)
    return try RecoveryProblem(matrix: .double(matrix), observation: generator.symmetric(rows))
  }

  static func solve(
    _ problem: RecoveryProblem, on backend: OpenCLBackend, gradient: SEA.Gradient,
    start: SEA.Start = .zero, isJoint: Bool = false,
    observer: SolveObserver = { _ in .proceed }
  ) throws -> SparseSolution {
    var sea = SEA(start: start, gradient: gradient)
    sea.limits.iterations = iterations
    if isJoint {
      let y = problem.scaledObservation
      return try Joint(sea).solve(
        problem, observations: [y, y.reversed()], sparsity: 3,
        with: backend.load(problem.atoms, precision: .single), observer: observer)[0]
    }
    return try sea.solve(
      problem, sparsity: 3, on: backend, precision: .single, observer: observer)
  }
}
