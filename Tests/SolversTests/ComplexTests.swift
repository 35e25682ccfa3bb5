import CPUBackend
import Glibc
import Losses
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import Solvers

/// Complex problems, solved by their real forms.
@Suite struct ComplexTests {
  /// A complex Gaussian matrix, or rows of a Fourier matrix, and what some of its columns make.
  struct Drawn {
    var columns: [[Complex]]
    let y: [Complex]
    let truth: [Int]

    init(
      rows m: Int, columns n: Int, active: Int, noise: Double, seed: UInt64,
      isFourier: Bool = false
    ) {
      var generator = SeededGenerator(seed: seed)
      func normal() -> Complex { Complex(generator.normal(), generator.normal()) }
      let frequencies = generator.shuffled(Array(0..<n)).prefix(m)
      columns = (0..<n).map { j in
        isFourier
          ? frequencies.map { Complex(angle: 2 * .pi * Double($0 * j % n) / Double(n)) }
          : (0..<m).map { _ in normal() }
      }
      truth = generator.shuffled(Array(0..<n)).prefix(active).sorted()
      var y = (0..<m).map { _ in Complex(noise, 0) * normal() }
      for j in truth {
        let c = normal()
        for i in y.indices { y[i] = y[i] + c * columns[j][i] }
      }
      self.y = y
    }

    func problem(_ change: (inout RecoveryModel) -> Void = { _ in }) throws -> RecoveryProblem {
      var model = RecoveryModel()
      change(&model)
      return try RecoveryProblem(
        complex: matrix(), observation: y.parts, model: model)
    }

    func matrix() throws -> ComplexMatrix {
      try ComplexMatrix(
        parts: .double(
          Matrix(
            rows: 2 * y.count, columns: columns.count,
            columnMajor: columns.flatMap(\.parts))))
    }
  }

  /// Those that select groups, and the portfolio.
  static let methods = GroupTests.methods

  @Test(arguments: methods.indices, [false, true])
  func findsWhatMadeTheObservation(number: Int, isFourier: Bool) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let drawn = Drawn(
        rows: 24, columns: 40, active: 2, noise: 0.001, seed: seed, isFourier: isFourier)
      let problem = try drawn.problem()
      for backend in try everyBackend() {
        let solution = try Self.methods[number].solve(problem, sparsity: 2, on: backend)
        let found = problem.complexForm(of: solution)
        #expect(found.support == drawn.truth)
        let residual = drawn.residual(of: found)
        #expect(abs(residual - found.residualNorm) < 1e-12 * drawn.y.norm)
      }
    }
  }

  /// Step by step what the algorithm is for complex numbers.
  @Test(arguments: 1...10) func orthogonalMatchingPursuitIsTheComplexOne(seed: UInt64) throws {
    let drawn = Drawn(rows: 20, columns: 50, active: 6, noise: 0.5, seed: seed)
    let problem = try drawn.problem()
    var (support, r) = ([Int](), drawn.y)
    for k in 1...6 {
      let next = try #require(
        drawn.columns.indices.filter { !support.contains($0) }.max {
          drawn.share(of: $0, in: r) < drawn.share(of: $1, in: r)
        })
      support = (support + [next]).sorted()
      r = drawn.remainder(beside: support)
      let found = problem.complexForm(
        of: try OMP().solve(problem, sparsity: k, on: CPUBackend()))
      #expect(found.support == support)
      #expect(abs(found.residualNorm - r.norm) < 1e-12 * drawn.y.norm)
    }
  }

  /// Of all pairs of columns, each fitted by complex Gram–Schmidt.
  @Test(arguments: 1...4) func theBestIsThatOfAllSupports(seed: UInt64) throws {
    let drawn = Drawn(rows: 8, columns: 14, active: 3, noise: 1, seed: seed)
    let problem = try drawn.problem()
    var (least, best) = (Double.infinity, [Int]())
    for i in 0..<14 {
      for j in i + 1..<14 {
        let left = drawn.remainder(beside: [i, j]).norm
        if left < least { (least, best) = (left, [i, j]) }
      }
    }
    for solver in [Exhaustive(), Portfolio()] as [any Solver] {
      let solution = try solver.solve(problem, sparsity: 2, on: CPUBackend())
      let found = problem.complexForm(of: solution)
      #expect(found.support == best && found.optimalityGap == 0)
      #expect(abs(found.residualNorm - least) < 1e-12 * drawn.y.norm)
    }
  }

  /// A phase, and a complex unit, change nothing but the coefficients: the search is that of complex numbers.
  @Test(arguments: methods.indices) func unitsChangeNoSupport(number: Int) throws {
    let drawn = Drawn(rows: 16, columns: 30, active: 3, noise: 0.2, seed: 9)
    let problem = try drawn.problem()
    let solver = Self.methods[number]
    let plain = problem.complexForm(of: try solver.solve(problem, sparsity: 3, on: CPUBackend()))
    let turned = try problem.observing(drawn.y.map { Complex(0, 1) * $0 }.parts)
    let other = problem.complexForm(of: try solver.solve(turned, sparsity: 3, on: CPUBackend()))
    #expect(other.support == plain.support)
    let imaginary = try #require(plain.imaginaryParts)
    #expect(other.imaginaryParts?.count == 3)
    for p in 0..<3 {
      // i (a + i b) = −b + i a.
      #expect(abs(other.coefficients[p] + imaginary[p]) < 1e-9)
      #expect(abs((other.imaginaryParts?[p] ?? .nan) - plain.coefficients[p]) < 1e-9)
    }
  }

  @Test func columnsThatAreZeroAreNamedOnce() throws {
    var drawn = [Complex](repeating: Complex(0, 0), count: 4)
    let zero = drawn
    drawn[1] = Complex(2, -1)
    let parts = try Matrix(rows: 8, columns: 2, columnMajor: zero.parts + drawn.parts)
    let problem = try RecoveryProblem(
      complex: ComplexMatrix(parts: .double(parts)), observation: drawn.parts)
    let found = problem.complexForm(
      of: try Portfolio().solve(problem, sparsity: 2, on: CPUBackend()))
    #expect(found.support == [1] && found.imaginaryParts?.count == 1)
    #expect(abs(found.coefficients[0] - 1) < 1e-14 && abs(found.imaginaryParts?[0] ?? 1) < 1e-14)
    #expect(found.warnings == [.zeroColumns([0]), .sparsityReduced(from: 2, to: 1)])
  }

  /// More complex columns than there are rows: coefficients of least norm.
  @Test func dependentColumnsAreCountedAsComplexOnes() throws {
    let drawn = Drawn(rows: 3, columns: 5, active: 2, noise: 0.1, seed: 4)
    let problem = try drawn.problem { $0.included = [0, 1, 2, 3, 4] }
    let found = problem.complexForm(
      of: try Portfolio().solve(problem, sparsity: 5, on: CPUBackend()))
    #expect(found.support == [0, 1, 2, 3, 4])
    #expect(found.warnings.contains(.dependentColumns(rank: 3, sparsity: 5)))
  }

  /// Weights count rows, both parts of which are left out by zero.
  @Test func weightsAreThoseOfComplexRows() throws {
    let drawn = Drawn(rows: 12, columns: 15, active: 2, noise: 0.3, seed: 6)
    let weights = (0..<12).map { $0 % 3 == 0 ? 0 : 1.0 }
    let problem = try drawn.problem {
      $0.weights = weights
      $0.excluded = [drawn.truth[0]]
    }
    let found = problem.complexForm(
      of: try Exhaustive().solve(problem, sparsity: 2, on: CPUBackend()))
    #expect(!found.support.contains(drawn.truth[0]) && problem.presentRows == 16)
    let kept = drawn.keeping { weights[$0] > 0 }
    #expect(abs(kept.remainder(beside: found.support).norm - found.residualNorm) < 1e-12)
  }

  /// Of solutions in either form: two coefficients a column, two numbers a row.
  @Test func criteriaCountParts() throws {
    let drawn = Drawn(rows: 30, columns: 8, active: 2, noise: 0.3, seed: 5)
    let problem = try drawn.problem()
    let solution = try Exhaustive().solve(problem, sparsity: 3, on: CPUBackend())
    let form = problem.complexForm(of: solution)
    let bic = try InformationCriterion.bic.value(of: form, for: problem)
    let own = try InformationCriterion.bic.value(of: solution, for: problem)
    #expect(bic == own)
    let loss = form.residualNorm * form.residualNorm
    #expect(abs(bic - (60 * log(loss / 60) + 6 * log(60))) < 1e-9)
    let cp = try MallowsCp(problem, on: CPUBackend())
    #expect(cp.value(of: form) == cp.value(of: solution))
    #expect(abs(cp.value(of: form) - (loss / cp.variance - 60 + 12)) < 1e-9)
  }

  /// Folds hold out complex rows, and errors are of these.
  @Test(arguments: [false, true]) func foldsAreOfComplexRows(isWeighted: Bool) throws {
    let drawn = Drawn(rows: 18, columns: 10, active: 2, noise: 0.4, seed: 7)
    var model = RecoveryModel()
    if isWeighted { model.weights = (0..<18).map { Double($0 % 5) } }
    let form = try model.realForm(rows: 18, columns: 10)
    let plan = FoldPlan(labels: [(0..<18).map { $0 % 3 }])
    let validation = CrossValidation(path: SparsityPath(solver: OMP()), plan: plan)
    let found = try #require(
      try validation.run(
        drawn.matrix(), observation: drawn.y.parts, model: form, sparsities: 1...2,
        on: CPUBackend()))
    let weights = model.weights ?? Array(repeating: 1, count: 18)
    for fold in 0..<3 {
      let kept = weights.indices.map { $0 % 3 == fold ? 0 : weights[$0] }
      let problem = try drawn.problem { $0.weights = kept }
      for k in 1...2 {
        let fit = problem.complexForm(
          of: try OMP().solve(problem, sparsity: k, on: CPUBackend()))
        let r = drawn.difference(from: fit)
        let own = weights.indices.filter { $0 % 3 == fold }
        let error = own.reduce(0.0) { $0 + weights[$1] * r[$1].squared }
        let expected = error / own.reduce(0.0) { $0 + weights[$1] }
        #expect(abs(found.folds[fold][k - 1] - expected) < 1e-10 * expected)
      }
    }
    let dealt = try #require(
      try CrossValidation(path: SparsityPath(solver: OMP()), folds: 6).run(
        drawn.matrix(), observation: drawn.y.parts, model: form, sparsities: 1...2,
        on: CPUBackend()))
    #expect(dealt.rows.heldOut.flatMap { $0 }.sorted() == (0..<18).filter { weights[$0] > 0 })
  }

  @Test(arguments: [Resampling.Scheme.bootstrap, .subsample])
  func drawsAreOfComplexRows(scheme: Resampling.Scheme) throws {
    let drawn = Drawn(rows: 24, columns: 12, active: 2, noise: 0.05, seed: 8)
    let found = try Resampling(scheme, draws: 5, seed: 3).run(
      drawn.matrix(), observation: drawn.y.parts,
      model: RecoveryModel().realForm(rows: 24, columns: 12), sparsities: 2...2,
      on: CPUBackend())
    #expect(found.rows == 24)
    let first = found.frequencies(at: 2).prefix(2)
    #expect(first.map(\.column).sorted() == drawn.truth && first.allSatisfy { $0.frequency == 1 })
    let error = try #require(found.heldOutError(at: 2)).mean
    // Both parts of the noise have a deviation of .05.
    #expect(error > 0.5 * 2 * 0.05 * 0.05 && error < 2 * 2 * 0.05 * 0.05)
  }

  @Test func severalObservationsHaveOneSupport() throws {
    let drawn = Drawn(rows: 12, columns: 20, active: 2, noise: 0, seed: 10)
    let second = drawn.columns[drawn.truth[0]].map { Complex(0, 2) * $0 }
    let problem = try drawn.problem()
    let workspace = Workspace(
      problem, on: try CPUBackend().load(problem.atoms, precision: .double))
    let found = try Portfolio().solve(
      workspace, jointly: [drawn.y.parts, second.parts], sparsity: 2
    ).map(problem.complexForm(of:))
    #expect(found.map(\.support) == [drawn.truth, drawn.truth])
    #expect(abs((found[1].imaginaryParts?[0] ?? 0) - 2) < 1e-12)
    #expect(abs(found[1].coefficients[0]) < 1e-12 && abs(found[1].coefficients[1]) < 1e-12)
  }

  /// As of a dense matrix.
  @Test func sparseMatricesHaveARealForm() throws {
    var drawn = Drawn(rows: 20, columns: 30, active: 3, noise: 0.1, seed: 11)
    for j in drawn.columns.indices {
      for i in 0..<20 where (3 * i + 7 * j) % 4 > 0 { drawn.columns[j][i] = Complex(0, 0) }
    }
    let entries = drawn.columns.map { column in
      column.indices.filter { column[$0].squared > 0 }
    }
    let sparse = try SparseMatrix(
      complexRows: 20, columns: 30,
      starts: entries.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) },
      rowIndices: entries.flatMap { $0 },
      parts: zip(drawn.columns, entries).flatMap { column, rows in rows.map { column[$0] } }.parts)
    let dense = try drawn.matrix()
    for j in 0..<60 { #expect(try sparse.column(j) == dense.column(j)) }
    let model = try RecoveryModel().realForm(rows: 20, columns: 30)
    let problems = try [sparse, dense].map { (a: any LinearOperator) in
      try RecoveryProblem(a, observation: drawn.y.parts, model: model)
    }
    let found = try problems.map { try Portfolio().solve($0, sparsity: 3, on: CPUBackend()) }
    #expect(found[0].support == found[1].support)
    #expect(abs(found[0].residualNorm - found[1].residualNorm) < 1e-12 * drawn.y.norm)
    #expect(throws: RecoveryError.self) {
      try SparseMatrix(
        complexRows: 2, columns: 1, starts: [0, 1], rowIndices: [2], parts: [1, 1])
    }
    #expect(throws: RecoveryError.self) {
      try SparseMatrix(complexRows: 2, columns: 1, starts: [0, 1], rowIndices: [0], parts: [1])
    }
  }

  @Test func otherLossesAreRefused() throws {
    let drawn = Drawn(rows: 6, columns: 9, active: 1, noise: 0, seed: 1)
    #expect(
      throws: RecoveryError.invalidOption(
        name: "loss", value: "huber", expected: "squares for complex columns")
    ) {
      try RecoveryProblem(
        drawn.matrix(), observation: drawn.y.parts,
        model: RecoveryModel().realForm(rows: 6, columns: 9), loss: HuberLoss(threshold: 1))
    }
  }

  @Test func algorithmsForSingleColumnsRefuseByName() throws {
    let problem = try Drawn(rows: 6, columns: 9, active: 1, noise: 0, seed: 1).problem()
    #expect(
      throws: RecoveryError.unsupportedModel(solver: "bnb", option: "complex columns")
    ) { try BranchAndBound().solve(problem, sparsity: 2, on: CPUBackend()) }
    #expect(
      throws: RecoveryError.invalidOption(
        name: "sparsity", value: "10", expected: "1 to 9, the number of columns")
    ) { try Portfolio().solve(problem, sparsity: 10, on: CPUBackend()) }
  }
}

/// A complex number, with what these tests need.
struct Complex {
  var re: Double
  var im: Double

  init(_ re: Double, _ im: Double) { (self.re, self.im) = (re, im) }

  /// e^(i angle).
  init(angle: Double) { self.init(cos(angle), sin(angle)) }

  var conjugate: Complex { Complex(re, -im) }
  var squared: Double { re * re + im * im }

  static func + (a: Complex, b: Complex) -> Complex { Complex(a.re + b.re, a.im + b.im) }
  static func - (a: Complex, b: Complex) -> Complex { Complex(a.re - b.re, a.im - b.im) }
  static func * (a: Complex, b: Complex) -> Complex {
    Complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
  }
}

extension [Complex] {
  /// Real and imaginary parts in turns.
  var parts: [Double] { flatMap { [$0.re, $0.im] } }
  var norm: Double { reduce(0) { $0 + $1.squared }.squareRoot() }

  /// a* b.
  func product(_ b: [Complex]) -> Complex {
    zip(self, b).reduce(Complex(0, 0)) { $0 + $1.0.conjugate * $1.1 }
  }
}

extension ComplexTests.Drawn {
  /// |a_j* r| / ‖a_j‖.
  func share(of j: Int, in r: [Complex]) -> Double {
    columns[j].product(r).squared.squareRoot() / columns[j].norm
  }

  /// y less its projection onto columns, by Gram–Schmidt, twice.
  func remainder(beside support: [Int]) -> [Complex] {
    var (basis, r) = ([[Complex]](), y)
    func without(_ v: [Complex], _ q: [Complex]) -> [Complex] {
      let c = q.product(v)
      return zip(v, q).map { $0 - c * $1 }
    }
    for j in support {
      var q = columns[j]
      for _ in 0..<2 { for b in basis { q = without(q, b) } }
      let norm = q.norm
      q = q.map { Complex(1 / norm, 0) * $0 }
      basis.append(q)
      r = without(r, q)
    }
    return r
  }

  /// ‖y − A x‖ of a solution.
  func residual(of found: SparseSolution) -> Double { difference(from: found).norm }

  /// y − A x of a solution.
  func difference(from found: SparseSolution) -> [Complex] {
    var r = y
    for (p, j) in found.support.enumerated() {
      let c = Complex(found.coefficients[p], found.imaginaryParts?[p] ?? .nan)
      for i in r.indices { r[i] = r[i] - c * columns[j][i] }
    }
    return r
  }

  private init(_ columns: [[Complex]], _ y: [Complex], _ truth: [Int]) {
    (self.columns, self.y, self.truth) = (columns, y, truth)
  }

  /// Some rows of it.
  func keeping(_ isKept: (Int) -> Bool) -> ComplexTests.Drawn {
    func kept(_ v: [Complex]) -> [Complex] { v.indices.filter(isKept).map { v[$0] } }
    return ComplexTests.Drawn(columns.map(kept), kept(y), truth)
  }
}
