import Solvers
import SparseCore
import Testing

/// Least squares without a search.
@Suite struct FixedSupportTests {
  private func problem(_ model: RecoveryModel = RecoveryModel()) throws -> RecoveryProblem {
    let columns: [[Double]] = [[1, 0, 0], [0, 2, 0], [0, 0, 0], [1, 1, 1]]
    return try RecoveryProblem(
      matrix: .double(Matrix(rows: 3, columns: 4, columnMajor: columns.flatMap { $0 })),
      observation: [3, 4, 0], model: model)
  }

  @Test func fitsWhatIsGiven() throws {
    for backend in try everyBackend() {
      let solution = try FixedSupport([1, 0, 1]).solve(problem(), sparsity: 2, on: backend)
      #expect(solution.support == [0, 1] && solution.coefficients == [3, 2])
      #expect(solution.matrixPasses == 0 && solution.stopReason == .residual)
    }
  }

  /// A zero column takes no part, and an included one takes part unasked.
  @Test func knowsTheModel() throws {
    var model = RecoveryModel()
    model.included = [3]
    let solution = try FixedSupport([0, 2]).solve(
      problem(model), sparsity: 2, on: everyBackend()[0])
    #expect(solution.support == [0, 3])
    #expect(abs(solution.coefficients[0] - 1) < 1e-14 && abs(solution.coefficients[1] - 2) < 1e-14)
  }

  @Test func refusals() throws {
    let backend = try everyBackend()[0]
    for (support, found, expected) in [
      ([0, 4], "[0, 4]", "columns from 0 to 3"), ([-1], "[-1]", "columns from 0 to 3"),
      ([0, 1], "2 columns", "at most 1"),
    ] {
      #expect(
        throws: RecoveryError.invalidOption(name: "support", value: found, expected: expected)
      ) { try FixedSupport(support).solve(problem(), sparsity: 1, on: backend) }
    }
  }
}
