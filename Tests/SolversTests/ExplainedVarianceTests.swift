import SparseRecovery
import Testing

/// Shares of variance against sums worked out by hand.
@Suite struct ExplainedVarianceTests {
  /// Numbers of any size are measured without a square beyond all doubles.
  @Test(arguments: [1e-200, 1, 1e200]) func variancesOfAnySize(unit: Double) throws {
    let numbers = [1, 2, 3, 6].map { $0 * unit }
    let variance = try #require(ExplainedVariance(residualNorm: unit, of: numbers))
    #expect(abs(variance.rSquared - (1 - 1.0 / 14)) < 1e-12)
    let adjusted = try #require(variance.adjusted(columns: 1))
    #expect(abs(adjusted - (1 - 1.0 / 14 * 3 / 2)) < 1e-12)
    #expect(variance.adjusted(columns: 3) == nil)
  }

  @Test func variancesOfNothing() {
    #expect(ExplainedVariance(residualNorm: 1, of: [2, 2, 2]) == nil)
    #expect(ExplainedVariance(residualNorm: 0, of: [0, 0]) == nil)
    #expect(ExplainedVariance(residualNorm: 0, of: [0.1, 0.1, 0.1], weights: [1, 0.3, 2]) == nil)
    let weighted = ExplainedVariance(residualNorm: 1, of: [1, .nan, 3], weights: [1, 0, 1])
    #expect(weighted?.rSquared == 0.5 && weighted?.rows == 2)
  }

  @Test func needsAConstant() throws {
    var model = RecoveryModel()
    func variance(_ numbers: [Double]) throws -> ExplainedVariance? {
      let matrix = try Matrix<Double>(rows: 3, columns: 1, columnMajor: [1, -2, 3])
      let problem = try RecoveryProblem(
        matrix: .double(matrix), observation: numbers, model: model)
      return ExplainedVariance(of: numbers, residualNorm: 1, problem)
    }
    #expect(try variance([1, 2, 4]) == nil)
    model.isStandardized = true
    #expect(try variance([1, 2, 4]) != nil)
    model.weights = [1, 0, 2]
    #expect(try variance([1, .infinity, 4])?.rows == 2)
    model.weightsAreFrequencies = true
    #expect(try variance([1, .infinity, 4])?.rows == 3)
  }
}
