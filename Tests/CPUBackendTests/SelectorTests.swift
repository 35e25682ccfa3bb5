import CPUBackend
import SparseCore
import SparseRecoveryTesting
import TestSupport
import Testing

@Suite struct SelectorTests {
  @Test(arguments: Distribution.allCases, [1, 2, 7, 1000, 4096, 20011])
  func selectionIsExact(distribution: Distribution, count: Int) throws {
    let atoms = try Atoms(DenseMatrix.double(Matrix(rows: 1, columns: 1, columnMajor: [1])))
    for precision in Precision.allCases {
      let engine = try CPUBackend().load(atoms, precision: precision)
      for k in Set([1, 2, 25, count / 2, count - 1, count]).filter({ (1...count).contains($0) }) {
        try expectSelection(k, distribution.values(count), engine)
      }
    }
  }

  /// A vector whose sampled entries are all large: the guessed bound is too high and is mended.
  @Test func aBadGuessIsMended() throws {
    var values = [Double](repeating: 0.5, count: 1024 * 8)
    for i in stride(from: 0, to: values.count, by: 8) { values[i] = 2 + Double(i) }
    let atoms = try Atoms(DenseMatrix.double(Matrix(rows: 1, columns: 1, columnMajor: [1])))
    try expectSelection(900, values, CPUBackend().load(atoms, precision: .double))
    // Sampled entries hold the lowest positions of a descending order.
    let peaks = values.indices.map { $0 % 8 == 0 ? 3.0 : 1.0 }
    try expectSelection(2000, peaks, CPUBackend().load(atoms, precision: .single))
  }

  /// In double, what rounding may have told apart ties; what is further apart does not.
  @Test func roundingDoesNotBreakTies() throws {
    let atoms = try Atoms(DenseMatrix.double(Matrix(rows: 1, columns: 1, columnMajor: [1])))
    let engine = try CPUBackend().load(atoms, precision: .double)
    #expect(try select(1, [1, 1 + 1e-13, 1 - 1e-13], engine).indices == [0])
    #expect(try select(1, [1, 1 + 1e-9], engine).indices == [1])
  }

  private func expectSelection(_ k: Int, _ values: [Double], _ engine: any Engine) throws {
    let expected = selection(k, of: values, ranking(of: values, engine.precision))
    #expect(try select(k, values, engine) == expected)
  }

  private func select(_ k: Int, _ values: [Double], _ engine: any Engine) throws -> Selection {
    let vector = try engine.makeVector(.numbers(values.count))
    try engine.write(values, to: vector)
    return try engine.largest(k, of: vector)
  }
}
