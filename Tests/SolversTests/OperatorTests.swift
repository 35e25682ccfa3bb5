import CPUBackend
import ReferenceBackend
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
    try expectConformance(of: SparseColumns(matrix, givesInnerProducts: true), seed: 4)
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
      let operators: [any LinearOperator] = [
        SparseColumns(matrix), SparseColumns(matrix, givesInnerProducts: true),
        ColumnsAlone(matrix), try SparseMatrix(matrix),
      ]
      for a in operators {
        let found = try solve(a, on: backend)
        #expect(found.support == dense.support)
        #expect(abs(found.residualNorm - dense.residualNorm) <= 1e-12 * (1 + dense.residualNorm))
      }
    }
  }

  /// Where inner products are given, no working set is gathered: of 3000 columns of 2500 numbers, more than the host
  /// keeps, a few are read for themselves, in the end those of the support.
  @Test(arguments: ["sea", "omp", "tabu", "portfolio", "htp"], [false, true])
  func columnsStayWhereTheyAre(_ name: String, _ hasIntercept: Bool) throws {
    var generator = SeededGenerator(seed: 31)
    let (m, n, k) = (2500, 3000, 12)
    let entries = (0..<n).map { _ in
      Set((0..<20).map { _ in generator.int(below: m) }).sorted().map {
        (row: $0, value: 2 * generator.uniform() - 0.5)
      }
    }
    let truth = (0..<k).map { 7 + 200 * $0 }
    var y = (0..<m).map { _ in 0.02 * (generator.uniform() - 0.5) + (hasIntercept ? 3 : 0) }
    for j in truth { for (row, value) in entries[j] { y[row] += (1 + Double(j % 3)) * value } }
    var model = RecoveryModel()
    model.hasIntercept = hasIntercept
    var limits = Limits()
    limits.iterations = 200
    let solver: any Solver =
      name == "portfolio"
      ? Portfolio(rounds: 2, limits: limits) : try #require(Algorithm.named(name)).solver(limits)
    func solve(_ a: SparseColumns) throws -> SparseSolution {
      try solver.solve(
        RecoveryProblem(a, observation: y, model: model), sparsity: k, on: CPUBackend())
    }
    let free = SparseColumns(rows: m, entries, givesInnerProducts: true)
    let found = try solve(free)
    let copied = free.copiedColumns
    let gathered = try solve(SparseColumns(rows: m, entries, givesInnerProducts: false))
    #expect(found.support == truth && gathered.support == truth)
    #expect(abs(found.residualNorm - gathered.residualNorm) <= 1e-12 * gathered.residualNorm)
    for (c, expected) in zip(found.coefficients, gathered.coefficients) {
      #expect(abs(c - expected) <= 1e-12)
    }
    #expect(copied <= 20 * k, "\(copied) columns were copied")
  }

  /// On the engine for them, a sparse matrix has the products of the dense one.
  @Test(arguments: awkwardShapes, [1, 2, 7, 8, 33])
  func sparseEngine(shape: (rows: Int, columns: Int), residuals: Int) throws {
    let dense = try Self.matrix(shape.rows, shape.columns, seed: 11)
    guard let atoms = try? Atoms(SparseMatrix(dense)) else { return }
    let engine = try CPUBackend(threads: 2).load(atoms, precision: .double)
    #expect(engine.residualsInPass == 32)
    let reference = try ReferenceBackend().load(atoms, precision: .double)
    var generator = SeededGenerator(seed: 12)
    let (m, n) = shape
    let rs = (0..<residuals).map { _ in generator.symmetric(m) }
    let offset = generator.symmetric(n)
    let zeros = Array(stride(from: 0, to: n, by: 3))
    func run(_ engine: any Engine) throws -> (peaks: [Double], z: [[Double]], image: [Double]) {
      let inputs = try rs.map { values in
        let r = try engine.makeVector(.residual)
        try engine.write(values, to: r)
        return r
      }
      let outputs = try rs.map { _ in try engine.makeVector(.correlation) }
      let added = try engine.makeVector(.correlation)
      try engine.write(offset, to: added)
      let peaks = try engine.correlate(inputs, into: outputs, adding: added, outside: zeros)
      try engine.multiply(added, into: inputs[0])
      return (peaks, try outputs.map(engine.read), try engine.read(inputs[0]))
    }
    let (found, expected) = (try run(engine), try run(reference))
    let allowed = 4 * Double(m + n) * Double.ulpOfOne * Double(m + n)
    for (a, b) in zip(found.peaks, expected.peaks) { #expect(abs(a - b) <= allowed) }
    for (a, b) in zip(found.z.flatMap { $0 }, expected.z.flatMap { $0 }) {
      #expect(abs(a - b) <= allowed)
    }
    for (a, b) in zip(found.image, expected.image) { #expect(abs(a - b) <= allowed) }
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
