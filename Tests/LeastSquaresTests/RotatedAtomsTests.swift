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
    #expect(rotated.rank == min(m, n))
    let products = innerProducts(rotated.entries, rows: rotated.rank, count: n)
    for p in 0..<n {
      #expect(abs(rotated.lengths[p] - original[p * (n + 1)].squareRoot()) < 1e-12 * Double(n * m))
      for q in 0..<n {
        let unit = original[p + q * n] / (rotated.lengths[p] * rotated.lengths[q])
        #expect(abs(products[p + q * n] - unit) < tolerance)
      }
    }
    for i in 0..<rotated.rank {
      for j in 0..<rotated.rank {
        let product = (0..<n).reduce(0) {
          $0 + rotated.entries[i + $1 * rotated.rank] * rotated.entries[j + $1 * rotated.rank]
        }
        #expect(abs(product - (i == j ? rotated.eigenvalues[i] : 0)) < tolerance)
      }
    }
    #expect(abs(rotated.eigenvalues.reduce(0, +) - Double(n)) < tolerance)
    #expect(rotated.eigenvalues.allSatisfy { $0 > tolerance })
  }

  /// Rows of zeros, rows again, and columns again: directions without an atom are no rows of B, and the products are those
  /// of the atoms.
  @Test(arguments: [(12, 30), (30, 12)]) func whatIsEmptyIsLeftOut(shape: (Int, Int)) throws {
    let (m, n) = shape
    var generator = SeededGenerator(seed: 7)
    let rows = (0..<m).map { _ in (0..<n).map { _ in generator.normal() } }
    let empty = (0..<20).map { _ in [Double](repeating: 0, count: n) }
    for rows in [rows + empty, rows + rows, rows.map { $0 + $0 }] {
      let (m, n) = (rows.count, rows[0].count)
      let problem = try RecoveryProblem(
        matrix: .double(
          try Matrix(
            rows: m, columns: n, columnMajor: (0..<n).flatMap { j in rows.map { $0[j] } })),
        observation: [Double](repeating: 1, count: m))
      let atoms = try HostAtoms(problem)
      let rotated = try RotatedAtoms(atoms)
      #expect(rotated.rank == 12 && rotated.eigenvalues.count == 12)
      #expect(rotated.areIndependent == (n == 12))
      let products = innerProducts(rotated.entries, rows: 12, count: n)
      for (own, wanted) in zip(products, innerProducts(atoms.entries, rows: m, count: n)) {
        #expect(abs(own - wanted) < 200 * Double.ulpOfOne * Double(n))
      }
    }
  }

  /// Qᵀ keeps what atoms explain, and Qᵀ(A x) = B x.
  @Test(arguments: [(20, 50), (50, 20)]) func observationsTurnAlong(shape: (Int, Int)) throws {
    let (m, n) = shape
    let rotated = try RotatedAtoms(try atoms(m, n, normalize: true))
    let atoms = try atoms(m, n, normalize: true)
    var generator = SeededGenerator(seed: 6)
    var x = (0..<n).map { _ in generator.normal() }
    let y = (0..<m).map { i in (0..<n).reduce(0) { $0 + atoms.entries[i + $1 * m] * x[$1] } }
    var rest = rotated.rotated(y)
    #expect(rest.count == min(shape.0, shape.1))
    #expect(abs(rest.squaredNorm.squareRoot() - y.norm) < 1e-13 * y.norm)
    rest.withUnsafeMutableBufferPointer { rest in
      x.withUnsafeMutableBufferPointer { x in rotated.subtractImage(of: x, from: rest) }
    }
    // Sums of n products, then of m: some ten roundings of ‖A‖ ‖x‖.
    #expect(rest.norm < 1e-13 * Double(n))
  }
}
