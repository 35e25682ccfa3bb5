import CPUBackend
import Glibc
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
    let columns: [[Complex]]
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
  func residual(of found: SparseSolution) -> Double {
    var r = y
    for (p, j) in found.support.enumerated() {
      let c = Complex(found.coefficients[p], found.imaginaryParts?[p] ?? .nan)
      for i in r.indices { r[i] = r[i] - c * columns[j][i] }
    }
    return r.norm
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
