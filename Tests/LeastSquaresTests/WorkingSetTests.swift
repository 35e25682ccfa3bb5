import LeastSquares
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

/// Hundreds of supports that differ in a few atoms, on one projector.
@Suite struct WorkingSetTests {
  private static let (rows, columns, sparsity) = (60, 90, 12)

  /// Triples of columns `spread` apart, whose condition is about 1/`spread`; unit columns.
  private func problem(spread: Double) throws -> RecoveryProblem {
    let (m, n) = (Self.rows, Self.columns)
    var generator = SeededGenerator(seed: 11)
    var columns: [Double] = []
    for _ in 0..<n / 3 {
      let centre = generator.symmetric(m)
      for _ in 0..<3 { columns += zip(centre, generator.symmetric(m)).map { $0 + spread * $1 } }
    }
    return try RecoveryProblem(
      matrix: .double(try Matrix(rows: m, columns: n, columnMajor: columns)),
      observation: generator.symmetric(m))
  }

  /// Every support is solved as by a projector that never saw another one: r is off by at most what a
  /// backward stable method leaves, ε · (‖A_S‖ ‖c‖ + ‖y‖ + cond(A_S) ‖r‖) times a small multiple of
  /// the number of columns; and it is orthogonal to its atoms to rounding.
  @Test(arguments: [1, 1e-2, 1e-3, 1e-5, 1e-7])
  func swapsGiveTheAnswerOfAFreshProjector(spread: Double) throws {
    let problem = try problem(spread: spread)
    var generator = SeededGenerator(seed: 12)
    var projector = Projector(problem, capacity: 60)
    let yNorm = problem.scaledObservation.squaredNorm.squareRoot()
    var methods: Set<ProjectionMethod> = []
    for _ in 0..<6 {
      let atoms = Array(Array(0..<Self.columns).shuffled(using: &generator).prefix(60)).sorted()
      let set = try projector.workingSet(atoms)
      var correlations = [Double](repeating: .nan, count: 60)
      var positions = Array(0..<Self.sparsity)
      for _ in 0..<50 {
        for _ in 0..<2 {
          let arrival = Int.random(in: 0..<60, using: &generator)
          if !positions.contains(arrival) {
            positions[Int.random(in: 0..<Self.sparsity, using: &generator)] = arrival
          }
        }
        positions.sort()
        let support = positions.map { atoms[$0] }
        let fit = try projector.explore(positions, of: set, correlations: &correlations)
        methods.insert(fit.method)
        let c = projector.coefficients
        let norm = try projector.residualNorm(c[...], at: positions, of: set)
        var fresh = Projector(problem, capacity: Self.sparsity)
        let expected = try fresh.project(onto: support)

        let size = expected.coefficients.reduce(yNorm) { $0 + abs($1) }
        let condition = 16 / spread
        let allowed =
          4 * Double(Self.sparsity) * Double.ulpOfOne * (size + condition * fit.residualNorm)
        let distance = zip(projector.residual, expected.residual).map { $0 - $1 }
          .squaredNorm.squareRoot()
        #expect(distance <= allowed)
        #expect(abs(norm - expected.residualNorm) <= allowed)
        #expect(fit.leastNorm <= norm)
        #expect(abs(fit.residualNorm - norm) <= fit.residualNorm - fit.leastNorm + allowed)

        for (p, j) in atoms.enumerated() {
          let dot = zip(try problem.atoms.atom(j), projector.residual).reduce(0) {
            $0 + $1.0 * $1.1
          }
          let tolerance =
            Double(Self.sparsity)
            * dotTolerance(sumOfMagnitudes: size * Double(Self.rows).squareRoot(), .double)
          #expect(abs(correlations[p] - dot) <= tolerance)
          if positions.contains(p) { #expect(correlations[p] == 0) }
        }
      }
    }
    let expected: Set<ProjectionMethod> = spread < 1e-6 ? [.cholesky, .qr] : [.cholesky]
    #expect(methods == expected)
  }
}
