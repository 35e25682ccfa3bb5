import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import Testing

@Suite struct ComplexMatrixTests {
  @Test(arguments: [(1, 1), (1, 7), (7, 1), (33, 20)], [0, 5])
  func isTheRealFormOfItsParts(_ shape: (m: Int, n: Int), padding: Int) throws {
    var generator = SeededGenerator(seed: 31)
    let parts = try generator.matrix(2 * shape.m, shape.n, padding: padding)
    let a = try ComplexMatrix(parts: .double(parts))
    #expect(a.rows == 2 * shape.m && a.columns == 2 * shape.n)
    for j in 0..<shape.n {
      let column = Array(parts.column(j))
      #expect(try a.column(2 * j) == column)
      // i (re + i im) = −im + i re.
      let turned = column.indices.map { (i: Int) -> Double in
        i % 2 == 0 ? -column[i + 1] : column[i - 1]
      }
      #expect(try a.column(2 * j + 1) == turned)
    }
    try expectConformance(of: a, seed: 32)
    let single = try Matrix(rows: 2 * shape.m, columns: shape.n) {
      (target: UnsafeMutableBufferPointer<Float>) in
      for p in target.indices {
        target.initializeElement(at: p, to: Float(parts[p % (2 * shape.m), p / (2 * shape.m)]))
      }
    }
    try expectConformance(of: ComplexMatrix(parts: .single(single)), seed: 33)
  }

  @Test func everyPartChangesTheFingerprint() throws {
    let (one, other) = ([1.0, 2, 3, 4], [1.0, 2, 3, 5])
    let fingerprints = try [one, other].flatMap { entries in
      let parts = DenseMatrix.double(try Matrix(rows: 2, columns: 2, columnMajor: entries))
      return [parts.fingerprint, try ComplexMatrix(parts: parts).fingerprint]
    }
    #expect(Set(fingerprints).count == 4)
  }

  @Test func refusesAnOddNumberOfRows() throws {
    let parts = DenseMatrix.double(try Matrix(rows: 3, columns: 1, columnMajor: [1, 2, 3]))
    #expect(
      throws: RecoveryError.invalidOption(
        name: "parts", value: "3 rows",
        expected: "a real and an imaginary part of every row, an even number")
    ) { try ComplexMatrix(parts: parts) }
  }

  @Test func theModelOfTheRealFormHasPairs() throws {
    var model = RecoveryModel()
    model.weights = [1, 0, 2]
    model.included = [1]
    model.excluded = [0]
    model.ridge = 0.5
    let form = try model.realForm(rows: 3, columns: 4)
    #expect(form.weights == [1, 1, 0, 0, 2, 2])
    #expect(form.included == [2, 3] && form.excluded == [0, 1] && form.ridge == 0.5)
    #expect(form.columnGroups == [0, 0, 1, 1, 2, 2, 3, 3])
    #expect(form.isOfRealForm && !form.selectsGroups)
    model.columnGroups = [7, 8, 7, 9]
    let grouped = try model.realForm(rows: 3, columns: 4)
    #expect(grouped.columnGroups == [7, 7, 8, 8, 7, 7, 9, 9] && grouped.selectsGroups)
  }

  @Test func whatComplexNumbersDoNotHaveIsRefused() throws {
    let changes: [(name: String, change: (inout RecoveryModel) -> Void)] = [
      ("nonnegative", { $0.isNonnegative = true }), ("intercept", { $0.hasIntercept = true }),
      ("standardize", { $0.isStandardized = true }),
    ]
    for (name, change) in changes {
      var model = RecoveryModel()
      change(&model)
      #expect(
        throws: RecoveryError.invalidOption(
          name: name, value: "on", expected: "off for complex columns")
      ) { try model.realForm(rows: 2, columns: 2) }
    }
    var model = RecoveryModel()
    model.included = [5]
    #expect(throws: RecoveryError.self) { try model.realForm(rows: 2, columns: 2) }
    let form = try RecoveryModel().realForm(rows: 2, columns: 2)
    #expect(throws: RecoveryError.self) { try form.realForm(rows: 4, columns: 4) }
  }
}
