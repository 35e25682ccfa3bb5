import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import LeastSquares

/// What is solved by inner products of an operator is what is solved from its columns.
@Suite struct AtomProductsTests {
  private static let rows = 40
  private static let columns = 30

  static let models: [RecoveryModel] = {
    var weighted = RecoveryModel()
    weighted.hasIntercept = true
    weighted.weights = (0..<rows).map { $0 % 7 == 0 ? 0 : 0.5 + Double($0 % 3) }
    weighted.included = [5]
    var ridge = RecoveryModel()
    ridge.ridge = 0.1
    ridge.isStandardized = true
    var intercept = RecoveryModel()
    intercept.hasIntercept = true
    var signs = RecoveryModel()
    signs.isNonnegative = true
    return [RecoveryModel(), weighted, ridge, intercept, signs]
  }()

  /// Columns of zeros and of ones, tiny and huge ones, nearly and exactly equal ones, and one far from zero.
  private static func matrix(seed: UInt64) throws -> Matrix<Double> {
    var generator = SeededGenerator(seed: seed)
    let keeps = generator.symmetric(rows * columns)
    var entries = zip(generator.symmetric(rows * columns), keeps).map { $1 < 0.4 ? $0 : 0 }
    func set(_ j: Int, _ value: (Int) -> Double) {
      for i in 0..<rows { entries[i + j * rows] = value(i) }
    }
    let given = entries
    func column(_ j: Int, _ i: Int) -> Double { given[i + j * rows] }
    set(20) { _ in 0 }
    set(21) { _ in 1 }
    set(22) { 1e-100 * column(0, $0) }
    set(23) { 1e100 * column(1, $0) }
    set(24) { column(2, $0) }
    set(25) { column(3, $0) + 1e-3 * column(25, $0) }
    set(26) { column(4, $0) + 1e-7 * column(26, $0) }
    set(27) { 1000 + column(27, $0) }
    return try Matrix(rows: rows, columns: columns, columnMajor: entries)
  }

  private static func problems(
    _ model: RecoveryModel, planes: Int = 1
  ) throws -> (gathered: RecoveryProblem, free: RecoveryProblem) {
    let matrix = try matrix(seed: 3)
    var generator = SeededGenerator(seed: 4)
    let ys = (0..<planes).map { _ in generator.symmetric(rows) }
    func problem(_ a: any LinearOperator) throws -> RecoveryProblem {
      try RecoveryProblem(a, observation: ys[0], model: model).observing(jointly: ys)
    }
    return (
      try problem(DenseMatrix.double(matrix)),
      try problem(SparseColumns(matrix, givesInnerProducts: true))
    )
  }

  /// Norms to 2 m roundings, but for what T takes away: a thousandth of a square at least is left.
  @Test(arguments: models.indices) func norms(model: Int) throws {
    let (gathered, free) = try Self.problems(Self.models[model])
    #expect(free.atoms.products != nil && gathered.atoms.products == nil)
    #expect(free.atoms.zeroColumns == gathered.atoms.zeroColumns)
    #expect(free.atoms.explainedColumns == gathered.atoms.explainedColumns)
    for (a, b) in zip(free.atoms.scale, gathered.atoms.scale) {
      #expect(abs(a - b) <= 1000 * Double(Self.rows) * Double.ulpOfOne * b)
    }
  }

  /// Both are as good as a backward stable method: what that may leave, for the condition of these supports, bounds
  /// their distance (Higham 2002, §20.1).
  @Test(
    arguments: models.indices,
    [
      [0], [0, 1, 2, 3], [3, 25], [4, 26], [2, 24], [2, 7, 24], [9, 27], [1, 22, 23],
      [0, 3, 8, 11, 13, 15, 25],
    ])
  func projections(model: Int, support: [Int]) throws {
    for planes in [1, 2] {
      let (gathered, free) = try Self.problems(Self.models[model], planes: planes)
      let expected = try gathered.projection(onto: support)
      let found = try free.projection(onto: support)
      let condition = support.contains(26) ? 1e7 : support.contains(25) ? 1e4 : 1e2
      let size = expected.coefficients.reduce(1) { $0 + abs($1) }
      let cancellation = support.reduce(1) { max($0, gathered.atoms.cancellation($1)) }
      let allowed =
        16 * Double(Self.rows) * Double.ulpOfOne * cancellation
        * (size + condition * expected.residualNorm)
      let distance = zip(found.residual, expected.residual).map { $0 - $1 }
        .squaredNorm.squareRoot()
      #expect(distance <= allowed)
      #expect(found.rank == expected.rank)
    }
  }

  /// Without memory for columns the Gram block gives the solution of least norm, without directions below the root of its
  /// rounding.
  @Test(arguments: [[2, 24], [2, 7, 24], [4, 26]]) func eigenvalues(support: [Int]) throws {
    let (gathered, free) = try Self.problems(RecoveryModel())
    var projector = Projector(free, capacity: support.count)
    projector.mostGatheredBytes = 0
    let found = try projector.project(onto: support)
    let expected = try gathered.projection(onto: support)
    #expect(found.method == .minimumNorm)
    #expect(found.rank == support.count - 1)
    if expected.rank == support.count {
      #expect(found.residualNorm >= expected.residualNorm)
    } else {
      #expect(abs(found.residualNorm - expected.residualNorm) <= 1e-12)
      for (c, d) in zip(found.coefficients, expected.coefficients) { #expect(abs(c - d) <= 1e-12) }
    }
  }

  /// Columns whose squares leave the range are gathered, all of them.
  @Test(arguments: [1e-200, 1e200]) func unitsOutOfRange(unit: Double) throws {
    let entries = try Self.matrix(seed: 5)
    let matrix = try Matrix(
      rows: Self.rows, columns: 3,
      columnMajor: (0..<3).flatMap { j in entries.column(j).map { $0 * (j == 1 ? unit : 1) } })
    let a = SparseColumns(matrix, givesInnerProducts: true)
    let problem = try RecoveryProblem(a, observation: Array(matrix.column(0)))
    #expect(problem.atoms.products == nil)
    #expect(problem.atoms.scale[1].isFinite && problem.atoms.scale[1] > 0)
    #expect(try problem.projection(onto: [0, 1]).rank == 2)
  }

  /// What an operator answers is looked at: a number that is not finite ends the solve with its reason.
  @Test(arguments: ["gram", "short", "apply", "adjoint"]) func answersAreChecked(
    what: String
  ) throws {
    let matrix = try Self.matrix(seed: 6)
    let problem = try RecoveryProblem(
      Faulty(base: SparseColumns(matrix, givesInnerProducts: true), fault: what),
      observation: Array(matrix.column(0)))
    let error = #expect(throws: RecoveryError.self) { try problem.projection(onto: [0, 1]) }
    #expect(error?.kind == .data)
  }

  /// An operator with one function that answers wrongly.
  private struct Faulty: LinearOperator {
    let base: SparseColumns
    let fault: String
    var rows: Int { base.rows }
    var columns: Int { base.columns }
    var fingerprint: UInt64 { base.fingerprint }

    func copyColumns(_ columns: [Int], into target: inout MutableSpan<Double>) {
      base.copyColumns(columns, into: &target)
    }

    func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
      base.apply(x, into: &y)
      if fault == "apply" { y[3] = .nan }
    }

    func adjoint(_ r: Span<Double>, into z: inout MutableSpan<Double>) {
      base.adjoint(r, into: &z)
      if fault == "adjoint" { z[1] = .infinity }
    }

    func gram(_ I: [Int], _ J: [Int], weights: [Double]?) -> [Double]? {
      var products = base.gram(I, J, weights: weights) ?? []
      if fault == "gram", I != [0] { products[0] = .nan }
      if fault == "short", I != [0] { products.removeLast() }
      return products
    }

    func squaredNorms(weights: [Double]?) -> [Double]? { base.squaredNorms(weights: weights) }
  }

  /// Exchanges: the same losses, and the same of atoms that come in groups.
  @Test(arguments: [0, 2, 3], [1, 2]) func exchanges(model: Int, planes: Int) throws {
    let (gathered, free) = try Self.problems(Self.models[model], planes: planes)
    let (atoms, support) = ([0, 1, 3, 5, 6, 7, 8, 9, 12, 14, 25], [0, 2, 4])
    let y = gathered.scaledPlanes
    let known = try SwapSet(HostAtoms(atoms, of: gathered), observation: y)
    let set = try SwapSet(HostAtoms(atoms, of: free), observation: y)
    #expect(!set.atoms.areGathered && set.atoms.entries.isEmpty)
    let (a, b) = (
      try SweptGram(known, support: support), try SweptGram(set, support: support)
    )
    let allowed = 1e-12 * y.squaredNorm
    #expect(abs(a.loss - b.loss) <= allowed)
    for place in support.indices {
      for j in atoms.indices where !support.contains(j) {
        let (expected, found) = (a.move(to: place, j)?.loss, b.move(to: place, j)?.loss)
        #expect(abs((found ?? .infinity) - (expected ?? 0)) <= 1e3 * allowed)
      }
    }

    let own = support.map { atoms[$0] }
    let scans = (
      try EntryScan(HostAtoms(own, of: gathered), observation: y),
      try EntryScan(HostAtoms(own, of: free), observation: y)
    )
    for (expected, found) in [
      (scans.0.duals, scans.1.duals), (scans.0.whitened(), scans.1.whitened()),
    ] {
      #expect(found.count == expected.count)
      let pairs = zip(
        try expected.vectors(0..<expected.count), try found.vectors(0..<found.count))
      for (v, w) in pairs { for (p, q) in zip(v, w) { #expect(abs(p - q) <= 1e-12) } }
    }
  }
}
