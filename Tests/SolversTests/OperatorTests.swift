import CPUBackend
import Solvers
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

/// Whatever A is, it is solved as the dense matrix of its columns is.
@Suite struct OperatorTests {
  /// A with three nonzeros in four, all kinds of the model, and y of some noise.
  private static func matrix(_ m: Int, _ n: Int, seed: UInt64) throws -> Matrix<Double> {
    var generator = SeededGenerator(seed: seed)
    let dense = generator.symmetric(m * n)
    let kept = generator.symmetric(m * n)
    return try Matrix(
      rows: m, columns: n, columnMajor: zip(dense, kept).map { $1 < 0.5 ? $0 : 0 })
  }

  @Test(arguments: awkwardShapes) func samplesConform(shape: (rows: Int, columns: Int)) throws {
    let matrix = try Self.matrix(shape.rows, shape.columns, seed: 3)
    try expectConformance(of: SparseColumns(matrix), seed: 4)
    try expectConformance(of: ColumnsAlone(matrix), seed: 5)
    try expectConformance(of: DenseMatrix.double(matrix), seed: 6)
  }

  static let models: [RecoveryModel] = {
    var weighted = RecoveryModel()
    weighted.hasIntercept = true
    weighted.weights = (0..<40).map { $0 % 7 == 0 ? 0 : 1 + Double($0 % 3) }
    weighted.included = [5]
    weighted.excluded = [6, 7]
    var ridge = RecoveryModel()
    ridge.ridge = 0.1
    ridge.isStandardized = true
    var signs = RecoveryModel()
    signs.isNonnegative = true
    return [RecoveryModel(), weighted, ridge, signs]
  }()

  /// Engines that run the same loops give the same bits; others the same support.
  @Test(arguments: scalable, models.indices)
  func everySolverTakesThem(_ algorithm: Algorithm, model: Int) throws {
    let matrix = try Self.matrix(40, 90, seed: 7)
    var generator = SeededGenerator(seed: 8)
    let noise = generator.symmetric(40)
    let y = (0..<40).map { i in
      2 * matrix[i, 3] + 1.5 * matrix[i, 30] + 3 * matrix[i, 77] + 0.01 * noise[i]
    }
    let k = Self.models[model].included.isEmpty ? 3 : 4
    func solve(_ a: any LinearOperator, on backend: any Backend) throws -> SparseSolution {
      let problem = try RecoveryProblem(a, observation: y, model: Self.models[model])
      return try algorithm.solver(Limits()).solve(problem, sparsity: k, on: backend)
    }
    for backend in try everyBackend() {
      let dense: SparseSolution
      do { dense = try solve(DenseMatrix.double(matrix), on: backend) } catch {
        guard case .unsupportedModel = error as? RecoveryError else { throw error }
        return
      }
      for a in [SparseColumns(matrix), ColumnsAlone(matrix)] as [any LinearOperator] {
        let found = try solve(a, on: backend)
        #expect(found.support == dense.support)
        #expect(abs(found.residualNorm - dense.residualNorm) <= 1e-12 * (1 + dense.residualNorm))
      }
    }
  }

  /// An operator that cannot answer ends the solve with its reason, and leaves nothing wrong behind.
  @Test func failuresArriveAsTheyAre() throws {
    let matrix = try Self.matrix(40, 90, seed: 7)
    let y = (0..<40).map { matrix[$0, 3] }
    let error = RecoveryError.operatorFailure("column 20 is not there")
    #expect(throws: error) {
      try RecoveryProblem(ColumnsAlone(matrix, missing: 20), observation: y)
    }
    #expect(error.kind == .data && "\(error)".contains("column 20"))
  }

  /// What does not lie in memory is looked at as closely as what does.
  @Test func badNumbersAreFound() throws {
    let holed = try Matrix<Double>(rows: 2, columns: 2, columnMajor: [1, 2, 3, .infinity])
    #expect(
      throws: RecoveryError.nonFiniteMatrix(row: 1, column: 1, value: .infinity)
    ) { try RecoveryProblem(ColumnsAlone(holed), observation: [1, 1]) }
    // A row without weight would be multiplied by zero, which hides no infinity.
    var model = RecoveryModel()
    model.weights = [1, 0]
    #expect(
      throws: RecoveryError.nonFiniteMatrix(row: 1, column: 1, value: .infinity)
    ) { try RecoveryProblem(ColumnsAlone(holed), observation: [1, 1], model: model) }
  }
}
