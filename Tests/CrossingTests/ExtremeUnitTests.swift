import SparseRecovery
import Testing

/// Coefficients beyond the largest double: a refusal that blames the data or the request, or finite
/// numbers, and never the end of the process.
@Suite struct ExtremeUnitTests {
  /// The factors of A and of y: ‖x‖ is about 10³¹⁰, and a number of the middle.
  static let units = [(1e-160, 1e150), (1e-150, 1e-150)]
  static let ridges = [Ridge.none, .large]

  @Test(arguments: Method.allCases.filter { !Method.joint.contains($0) }, ridges)
  func coefficientsAreFiniteOrRefused(method: Method, ridge: Ridge) throws {
    for ((unit, observationUnit), normalize) in [(0, true), (1, true), (0, false), (1, false)].map({
      (Self.units[$0], $1)
    }) {
      var numbers = Row.factors.map { _ in 0 }
      numbers[Row.place(of: Method.self)] = Method.allCases.firstIndex(of: method) ?? 0
      let trial = Trial(Row(numbers))
      var model = RecoveryModel()
      model.ridge = ridge.value
      let columns = trial.table.columns.map { $0.map { $0 * unit } }
      let label =
        "\(method.rawValue), ridge \(ridge.value), A · \(unit), y · \(observationUnit), \(normalize)"
      do {
        let problem = try RecoveryProblem(
          matrix: .double(
            Matrix(
              rows: trial.table.rows, columns: columns.count, columnMajor: columns.flatMap(\.self))),
          observation: trial.table.observations[0].map { $0 * observationUnit },
          normalize: normalize, model: model)
        let solutions = try trial.solutions(problem)
        #expect(
          solutions.allSatisfy { solution in
            solution.coefficients.allSatisfy(\.isFinite) && solution.residualNorm.isFinite
          }, "\(label): \(solutions.map(\.coefficients))")
      } catch let error as RecoveryError {
        #expect(error.kind == .data || error.kind == .request, "\(label): \(error)")
      }
    }
  }
}
