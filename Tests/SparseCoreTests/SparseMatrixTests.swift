import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import Testing

@Suite struct SparseMatrixTests {
  /// Entries in any order, some of which meet, and the dense matrix that they make.
  private func sample(
    _ m: Int, _ n: Int, entries: Int, seed: UInt64
  ) throws -> (rows: [Int], columns: [Int], values: [Double], dense: [Double]) {
    var generator = SeededGenerator(seed: seed)
    let rows = (0..<entries).map { _ in generator.int(below: m) }
    let columns = (0..<entries).map { _ in generator.int(below: n) }
    // Whole numbers: sums do not depend on their order.
    let values = (0..<entries).map { _ in Double(generator.int(below: 19) - 9) }
    var dense = [Double](repeating: 0, count: m * n)
    for ((i, j), value) in zip(zip(rows, columns), values) { dense[i + j * m] += value }
    return (rows, columns, values, dense)
  }

  @Test(arguments: [(1, 1, 3), (7, 9, 20), (40, 30, 0), (333, 101, 2000)])
  func isTheMatrixOfItsEntries(_ m: Int, _ n: Int, _ count: Int) throws {
    let (rows, columns, values, dense) = try sample(m, n, entries: count, seed: 3)
    let a = try SparseMatrix(
      rows: m, columns: n, entryRows: rows, entryColumns: columns, values: values)
    #expect(a.rows == m && a.columns == n && a.nonzeros <= count)
    for j in 0..<n { #expect(try a.column(j) == Array(dense[j * m..<(j + 1) * m])) }
    try expectConformance(of: a, seed: 4)

    // By columns, with rows in the order of the entries.
    let order = values.indices.sorted { (columns[$0], $0) < (columns[$1], $1) }
    var starts = [Int](repeating: 0, count: n + 1)
    for j in columns { starts[j + 1] += 1 }
    for j in 0..<n { starts[j + 1] += starts[j] }
    let b = try SparseMatrix(
      rows: m, columns: n, starts: starts, rowIndices: order.map { rows[$0] },
      values: order.map { values[$0] })
    #expect(b.fingerprint == a.fingerprint)
    for j in 0..<n { #expect(try b.column(j) == a.column(j)) }
  }

  /// A million columns without an entry, of a million rows: not one is written out.
  @Test(.timeLimit(.minutes(1))) func emptyColumnsCostNothing() throws {
    let size = 1_000_000
    let matrix = try SparseMatrix(
      rows: size, columns: size, entryRows: [0], entryColumns: [0], values: [2])
    let atoms = try Atoms(matrix)
    #expect(atoms.usableColumns == 1 && atoms.zeroColumns.count == size - 1)
    #expect(throws: RecoveryError.observationLength(expected: size, found: 3)) {
      try RecoveryProblem(matrix, observation: [1, 2, 3])
    }
  }

  /// As of a dense matrix: before anything is computed.
  @Test func refusesWeightedNormsBeyondTheLargestDouble() throws {
    var model = RecoveryModel()
    model.weights = [1e300, 1e300, 1]
    let matrix = try SparseMatrix(
      rows: 3, columns: 2, entryRows: [0, 1, 2], entryColumns: [0, 1, 1], values: [1, 1e160, 1])
    #expect(throws: RecoveryError.columnNormOverflow(column: 1)) {
      try Atoms(matrix, model: model)
    }
    #expect(throws: RecoveryError.columnNormOverflow(column: 1)) {
      try Atoms(
        DenseMatrix.double(Matrix(rows: 3, columns: 2, columnMajor: [1, 0, 0, 0, 1e160, 1])),
        model: model)
    }
  }

  @Test func tellsEntriesApart() throws {
    func matrix(_ row: Int, _ value: Double) throws -> SparseMatrix {
      try SparseMatrix(
        rows: 5, columns: 2, entryRows: [0, row], entryColumns: [0, 1], values: [1, value])
    }
    let prints = Set([
      try matrix(1, 2).fingerprint, try matrix(2, 2).fingerprint, try matrix(1, 3).fingerprint,
    ])
    #expect(prints.count == 3)
  }

  static let refusals: [(rows: [Int], columns: [Int], values: [Double], found: String)] = [
    ([0, 5], [0, 1], [1, 2], "5"), ([0, -1], [0, 1], [1, 2], "-1"),
    ([0, 1], [0, 2], [1, 2], "2"),
    ([0], [0, 1], [1, 2], "1 and 2"),
  ]

  @Test(arguments: refusals.indices) func refusesEntries(index: Int) throws {
    let (rows, columns, values, found) = Self.refusals[index]
    let error = #expect(throws: RecoveryError.self) {
      try SparseMatrix(
        rows: 5, columns: 2, entryRows: rows, entryColumns: columns, values: values)
    }
    guard case .malformedSparseMatrix(_, found) = error else {
      Issue.record("found \(String(describing: error))")
      return
    }
  }

  @Test(arguments: [[0, 2], [0, 2, 1], [1, 1, 2], [0, 3, 2], [0, 1, 3]])
  func refusesStarts(starts: [Int]) throws {
    #expect(throws: RecoveryError.self) {
      try SparseMatrix(
        rows: 5, columns: 2, starts: starts, rowIndices: [1, 2], values: [3, 4])
    }
  }

  @Test func refusesSizes() {
    #expect(throws: RecoveryError.emptyMatrix(rows: 0, columns: 3)) {
      try SparseMatrix(rows: 0, columns: 3, entryRows: [], entryColumns: [], values: [])
    }
    #expect(throws: RecoveryError.matrixTooLarge(rows: 1 << 40, columns: 3)) {
      try SparseMatrix(rows: 1 << 40, columns: 3, entryRows: [], entryColumns: [], values: [])
    }
  }
}
