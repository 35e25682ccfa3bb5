import LeastSquares
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@Suite struct ProjectorTests {
  private func problem(
    _ matrix: Matrix<Double>, seed: UInt64 = 1, normalize: Bool = true
  ) throws -> RecoveryProblem {
    var generator = SeededGenerator(seed: seed)
    return try RecoveryProblem(
      matrix: .double(matrix), observation: generator.symmetric(matrix.rows), normalize: normalize)
  }

  /// Least squares is known by its normal equations: the residual is orthogonal to every atom. Each
  /// inner product may be off by the rounding of the residual and of the product itself.
  private func expectOrthogonal(
    _ projection: Projection, _ support: [Int], _ problem: RecoveryProblem
  ) throws {
    let size =
      problem.scaledObservation.reduce(0) { $0 + abs($1) }
      + projection.coefficients.reduce(0) { $0 + abs($1) } * Double(problem.rows).squareRoot()
    for j in support {
      let dot = zip(try problem.atoms.atom(j), projection.residual).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(
        abs(dot) <= Double(support.count) * dotTolerance(sumOfMagnitudes: size, .double))
    }
  }

  @Test(arguments: [(1, 1, 1), (7, 9, 3), (40, 60, 40), (333, 1001, 50)])
  func residualIsOrthogonal(_ m: Int, _ n: Int, _ k: Int) throws {
    var generator = SeededGenerator(seed: 3)
    let problem = try problem(try generator.matrix(m, n, padding: 2))
    var projector = Projector(problem, capacity: k)
    for _ in 0..<4 {
      let support = Array(Array(0..<n).shuffled(using: &generator).prefix(k)).sorted()
      let projection = try projector.project(onto: support)
      try expectOrthogonal(projection, support, problem)
      let square = projection.residual.reduce(0) { $0 + $1 * $1 }
      #expect(abs(projection.residualNorm - square.squareRoot()) <= 1e-14)
    }
  }

  /// A projector that has seen other supports gives what a fresh one gives, to rounding.
  @Test func reusedSlotsGiveTheSameProjection() throws {
    var generator = SeededGenerator(seed: 4)
    let problem = try problem(try generator.matrix(50, 80))
    var reused = Projector(problem, capacity: 12)
    for size in [12, 3, 12, 7, 12, 1] {
      let support = Array(Array(0..<80).shuffled(using: &generator).prefix(size))
      let projection = try reused.project(onto: support)
      var fresh = Projector(problem, capacity: size)
      let expected = try fresh.project(onto: support)
      #expect(projection.method == .cholesky && expected.method == .cholesky)
      for (a, b) in zip(projection.coefficients, expected.coefficients) {
        #expect(abs(a - b) < 1e-12)
      }
    }
  }

  /// Columns e₁ and e₁ + δe₂: the condition is about 2/δ, and y = e₂ has the exact residual 0 and
  /// the exact coefficients ∓1/δ (for the columns as given).
  @Test(arguments: [1e-2, 1e-3, 1e-5, 1e-7, 1e-11])
  func illConditionedColumnsAreSolved(delta: Double) throws {
    let matrix = try Matrix(rows: 3, columns: 2, columnMajor: [1, 0, 0, 1, delta, 0])
    let problem = try RecoveryProblem(
      matrix: .double(matrix), observation: [0, 1, 1], normalize: false)
    var projector = Projector(problem, capacity: 2)
    let projection = try projector.project(onto: [0, 1])
    #expect(projection.method == (delta < 1e-6 ? .qr : .cholesky))
    #expect(projection.rank == 2)
    // r = e₃: the condition of the problem times ε bounds its error.
    let allowed = 16 * Double.ulpOfOne * 2 / delta
    #expect(abs(projection.residual[0]) <= allowed)
    #expect(abs(projection.residual[1]) <= allowed)
    #expect(abs(projection.residual[2] - 1) <= allowed)
    #expect(abs(projection.coefficients[1] * delta - 1) <= allowed)
  }

  @Test func duplicatedColumnsShareTheCoefficient() throws {
    let matrix = try Matrix(rows: 2, columns: 3, columnMajor: [1, 0, 1, 0, 0, 1])
    let problem = try RecoveryProblem(matrix: .double(matrix), observation: [1, 1])
    var projector = Projector(problem, capacity: 3)
    let projection = try projector.project(onto: [0, 1, 2])
    #expect(projection.method == .minimumNorm)
    #expect(projection.rank == 2)
    for (c, expected) in zip(projection.coefficients, [0.5, 0.5, 1]) {
      #expect(abs(c - expected) <= 8 * Double.ulpOfOne)
    }
  }

  /// A file may say that a projector had room for anything.
  @Test func roomBeyondMemoryIsRefused() throws {
    let problem = try problem(try Matrix(rows: 1, columns: 1, columnMajor: [1]))
    let none = Projector.Arrangement(atoms: [], gram: [])
    #expect(throws: RecoveryError.outOfMemory(bytes: 8 * (1 << 26) * ((1 << 26) + 1))) {
      try Projector(problem, capacity: 1 << 26, arrangement: none)
    }
  }

  /// More columns than rows: y is explained exactly, with the coefficients of least norm.
  @Test func moreColumnsThanRows() throws {
    var generator = SeededGenerator(seed: 5)
    let problem = try problem(try generator.matrix(4, 9))
    var projector = Projector(problem, capacity: 9)
    let projection = try projector.project(onto: Array(0..<9))
    #expect(projection.method == .minimumNorm)
    #expect(projection.rank == 4)
    #expect(projection.residualNorm <= 64 * Double.ulpOfOne)
  }
}
