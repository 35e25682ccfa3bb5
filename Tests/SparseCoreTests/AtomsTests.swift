import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@Suite struct AtomsTests {
  /// ‖a‖₂ of m entries is off by at most m + 2 roundings, and far less in practice.
  @Test(arguments: awkwardShapes) func atomsHaveUnitNorm(_ m: Int, _ n: Int) throws {
    var generator = SeededGenerator(seed: 2)
    let atoms = try Atoms(DenseMatrix.double(try generator.matrix(m, n, padding: 3)))
    for j in 0..<n {
      let square = try atoms.atom(j).reduce(0) { $0 + $1 * $1 }
      #expect(abs(square - 1) <= Double(m + 4) * Double.ulpOfOne)
    }
  }

  /// Squares of these entries overflow or underflow; their norms do not.
  @Test(arguments: [1e-300, 1e-160, 1e-150, 1, 1e150, 1e160, 1e300])
  func extremeColumnsKeepTheirNorm(size: Double) throws {
    let matrix = try Matrix(rows: 2, columns: 2, columnMajor: [3 * size, 4 * size, 1, 0])
    let atoms = try Atoms(DenseMatrix.double(matrix))
    #expect(abs(atoms.scale[0] * 5 * size - 1) < 8 * Double.ulpOfOne)
    #expect(atoms.scale[1] == 1)
    #expect(atoms.zeroColumns.isEmpty)
  }

  @Test func zeroAndDenormalColumnsAreNotUsable() throws {
    let matrix = try Matrix(
      rows: 2, columns: 4, columnMajor: [0, 0, 1, 0, .leastNonzeroMagnitude, 0, 0, 2])
    let atoms = try Atoms(DenseMatrix.double(matrix))
    #expect(atoms.zeroColumns == [0, 2])
    #expect(atoms.usableColumns == 2)
    #expect(atoms.scale == [0, 1, 0, 0.5])
  }

  @Test func nothingButZeroColumnsIsAnError() throws {
    let matrix = try Matrix(rows: 2, columns: 3, columnMajor: [Double](repeating: 0, count: 6))
    #expect(throws: RecoveryError.noUsableColumn(columns: 3, zero: 3, explained: 0, excluded: 0)) {
      try Atoms(DenseMatrix.double(matrix))
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func firstBadEntryIsNamed(bad: Double) throws {
    var entries = [Double](repeating: 1, count: 12)
    entries[7] = bad
    entries[10] = .nan
    let matrix = try Matrix(rows: 3, columns: 4, columnMajor: entries)
    let error = #expect(throws: RecoveryError.self) {
      try Atoms(DenseMatrix.double(matrix), normalize: false)
    }
    guard case .nonFiniteMatrix(row: 1, column: 2, let value) = error else {
      Issue.record("unexpected \(String(describing: error))")
      return
    }
    #expect(value.isNaN == bad.isNaN && (bad.isNaN || value == bad))
  }

  @Test func normsBeyondTheLargestDoubleAreRefused() throws {
    let matrix = try Matrix(rows: 2, columns: 1, columnMajor: [1.7e308, 1.7e308])
    #expect(throws: RecoveryError.columnNormOverflow(column: 0)) {
      try Atoms(DenseMatrix.double(matrix))
    }
  }

  @Test func withoutNormalisationOnlyZeroColumnsAreScaled() throws {
    let matrix = try Matrix(rows: 1, columns: 3, columnMajor: [Float(3), 0, -7])
    let atoms = try Atoms(DenseMatrix.single(matrix), normalize: false)
    #expect(atoms.scale == [1, 0, 1])
  }
}
