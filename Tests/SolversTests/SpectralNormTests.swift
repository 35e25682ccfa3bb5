import CPUBackend
import Glibc
import SparseCore
import SyntheticProblems
import Testing

@testable import Solvers

@Suite struct SpectralNormTests {
  private func estimate(_ matrix: Matrix<Double>, normalize: Bool = true) throws -> (Double, Int) {
    let atoms = try Atoms(DenseMatrix.double(matrix), normalize: normalize)
    return try estimate(CPUBackend().load(atoms, precision: .double))
  }

  private func estimate(_ engine: any Engine) throws -> (Double, Int) {
    let (value, passes) = try engine.squaredSpectralNorm()
    return (value, passes)
  }

  /// Orthonormal rows have norm one; a circulant of unit columns has that of its constant vector:
  /// the sum of a column, squared.
  @Test func knownNorms() throws {
    let dct = try MatrixEnsemble.dct(rows: 40, columns: 100).matrix(seed: 1)
    #expect(abs(try estimate(dct, normalize: false).0 - 1) < 1e-3)
    let circulant = try MatrixEnsemble.deconvolution(size: 500, width: 3).matrix(seed: 1)
    let sum = (0..<500).reduce(0) { $0 + circulant[$1, 0] }
    let (value, passes) = try estimate(circulant)
    #expect(value <= sum * sum * (1 + 1e-12) && value >= sum * sum * 0.95)
    #expect(passes <= 30)
  }

  /// Vectors of one number, or of alternating signs, are eigenvectors of every circulant: the largest eigenvalue is found
  /// whether it is theirs or not.
  @Test(arguments: [[1, -0.2, 0.25], [1, 0.6, 0.25], [0.5, 1, 0.5], [1, -1, 0.3]])
  func circulants(h: [Double]) throws {
    let n = 64
    var entries = [Double](repeating: 0, count: n * n)
    for j in 0..<n { for (i, value) in h.enumerated() { entries[j * n + (i + j) % n] = value } }
    // Of a circulant the eigenvalues are the squares of |Σ h_l e^(2πi l f / n)|.
    let squares = (0..<n).map { f in
      let angles = h.indices.map { 2 * Double.pi * Double($0 * f) / Double(n) }
      let (a, b) = zip(h, angles).reduce((0, 0)) {
        ($0.0 + $1.0 * cos($1.1), $0.1 + $1.0 * sin($1.1))
      }
      return a * a + b * b
    }
    let largest = squares.max() ?? 0
    let (value, _) = try estimate(
      Matrix(rows: n, columns: n, columnMajor: entries), normalize: false)
    #expect(value <= largest * (1 + 1e-12) && value >= 0.95 * largest)
  }

  /// A diagonal: exact after as many steps as there are different entries.
  @Test func diagonal() throws {
    let entries: [Double] = [3, 0, 0, 0, -7, 0, 0, 0, 5]
    let matrix = try Matrix(rows: 3, columns: 3, columnMajor: entries)
    #expect(abs(try estimate(matrix, normalize: false).0 - 49) < 1e-9)
    #expect(
      abs(try estimate(Matrix(rows: 1, columns: 1, columnMajor: [-4]), normalize: false).0 - 16)
        < 1e-12)
  }

  @Test func gaussianTakesFewPasses() throws {
    let (value, passes) = try estimate(
      MatrixEnsemble.gaussian(rows: 200, columns: 2000).matrix(seed: 3))
    // (√(n/m) + 1)² to within a few per cent, by Marchenko and Pastur.
    let limit = (10.0.squareRoot() + 1) * (10.0.squareRoot() + 1)
    #expect(abs(value / limit - 1) < 0.07)
    #expect(passes <= 20)
  }

  /// One row to which the signs that the estimate sets out from are orthogonal.
  @Test(arguments: [2, 4, 6, 8, 20]) func theStartIsOrthogonal(columns: Int) throws {
    var generator = SeededGenerator(seed: 0)
    let row = (0..<columns).map { generator.sign() * (2 * $0 < columns ? 1 : -1) }
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: 1, columns: columns, columnMajor: row)), observation: [1])
    func norm(_ engine: any Engine) throws -> Double {
      try Workspace(problem, on: engine).squaredSpectralNorm()
    }
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    #expect(try abs(norm(engine) - Double(columns)) < 0.01 * Double(columns))
  }
}
