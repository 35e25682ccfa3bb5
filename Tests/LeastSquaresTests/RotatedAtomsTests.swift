import SparseCore
import SyntheticProblems
import TestSupport
import Testing

@testable import LeastSquares

/// B = QᵀA with AAᵀ = QΛQᵀ.
@Suite struct RotatedAtomsTests {
  /// Gaussian columns of lengths 1, 2, 3, …, taken as they are.
  private func atoms(_ rows: Int, _ columns: Int, normalize: Bool) throws -> HostAtoms {
    var generator = SeededGenerator(seed: 5)
    let entries = (0..<rows * columns).map { generator.normal() * Double(1 + $0 / rows) }
    return try HostAtoms(
      try RecoveryProblem(
        matrix: .double(try Matrix(rows: rows, columns: columns, columnMajor: entries)),
        observation: [Double](repeating: 1, count: rows), normalize: normalize))
  }

  /// BᵀB = AᵀA for unit columns, BBᵀ = Λ, and the trace of Λ is the sum of squared lengths: to some
  /// hundred roundings of ‖A‖², which is below n.
  @Test(arguments: [(20, 50), (50, 20), (1, 4), (4, 1)], [true, false])
  func rotationKeepsProducts(shape: (Int, Int), normalize: Bool) throws {
    let (m, n) = shape
    let atoms = try atoms(m, n, normalize: normalize)
    let rotated = try RotatedAtoms(atoms)
    let tolerance = 200 * Double.ulpOfOne * Double(n)
    let original = innerProducts(atoms.entries, rows: m, count: n)
    let products = innerProducts(rotated.entries, rows: m, count: n)
    for p in 0..<n {
      #expect(abs(rotated.lengths[p] - original[p * (n + 1)].squareRoot()) < 1e-12 * Double(n * m))
      for q in 0..<n {
        let unit = original[p + q * n] / (rotated.lengths[p] * rotated.lengths[q])
        #expect(abs(products[p + q * n] - unit) < tolerance)
      }
    }
    for i in 0..<m {
      for j in 0..<m {
        let product = (0..<n).reduce(0) {
          $0 + rotated.entries[i + $1 * m] * rotated.entries[j + $1 * m]
        }
        #expect(abs(product - (i == j ? rotated.eigenvalues[i] : 0)) < tolerance)
      }
    }
    #expect(abs(rotated.eigenvalues.reduce(0, +) - Double(n)) < tolerance)
    #expect(rotated.eigenvalues.allSatisfy { $0 >= 0 })
    #expect(rotated.eigenvalues.count { $0 > tolerance } == min(m, n))
  }

  /// Qᵀ keeps lengths, and Qᵀ(A x) = B x.
  @Test(arguments: [(20, 50), (50, 20)]) func observationsTurnAlong(shape: (Int, Int)) throws {
    let (m, n) = shape
    let rotated = try RotatedAtoms(try atoms(m, n, normalize: true))
    let atoms = try atoms(m, n, normalize: true)
    var generator = SeededGenerator(seed: 6)
    var x = (0..<n).map { _ in generator.normal() }
    let y = (0..<m).map { i in (0..<n).reduce(0) { $0 + atoms.entries[i + $1 * m] * x[$1] } }
    var rest = rotated.rotated(y)
    #expect(abs(rest.squaredNorm.squareRoot() - y.norm) < 1e-13 * y.norm)
    rest.withUnsafeMutableBufferPointer { rest in
      x.withUnsafeMutableBufferPointer { x in rotated.subtractImage(of: x, from: rest) }
    }
    // Sums of n products, then of m: some ten roundings of ‖A‖ ‖x‖.
    #expect(rest.norm < 1e-13 * Double(n))
  }
}
