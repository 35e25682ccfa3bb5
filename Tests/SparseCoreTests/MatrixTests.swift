import SparseCore
import SparseRecoveryTesting
import Synchronization
import SyntheticProblems
import TestSupport
import Testing

@Suite struct MatrixTests {
  @Test(arguments: awkwardShapes) func rowMajorIsTransposed(_ m: Int, _ n: Int) throws {
    let matrix = try Matrix(rows: m, columns: n, rowMajor: (0..<m * n).map(Double.init))
    for i in 0..<m {
      for j in 0..<n { #expect(matrix[i, j] == Double(i * n + j)) }
    }
  }

  @Test func columnsKeepTheirDistance() throws {
    var generator = SeededGenerator(seed: 1)
    let padded: Matrix<Double> = try generator.matrix(3, 4, padding: 5)
    #expect(padded.leadingDimension == 8)
    #expect((0..<4).allSatisfy { padded.column($0).allSatisfy(\.isFinite) })
  }

  @Test func emptyMatricesAreRefused() {
    #expect(throws: RecoveryError.emptyMatrix(rows: 0, columns: 3)) {
      try Matrix<Double>(rows: 0, columns: 3, columnMajor: [])
    }
    #expect(throws: RecoveryError.emptyMatrix(rows: 3, columns: 0)) {
      try Matrix<Double>(rows: 3, columns: 0) { _ in }
    }
  }

  @Test func sizesThatOverflowAreRefused() {
    let huge = Int.max / 4
    #expect(throws: RecoveryError.matrixTooLarge(rows: huge, columns: 8)) {
      try Matrix<Double>(rows: huge, columns: 8) { _ in }
    }
    #expect(throws: RecoveryError.matrixTooLarge(rows: huge, columns: 1)) {
      try Matrix<Double>(rows: huge, columns: 1) { _ in }
    }
    #expect(throws: RecoveryError.matrixTooLarge(rows: huge, columns: 8)) {
      try Matrix<Double>(rows: huge, columns: 8, rowMajor: [1])
    }
  }

  @Test(arguments: [0, 5, 7]) func elementCountsAreChecked(count: Int) {
    let elements = [Float](repeating: 1, count: count)
    #expect(throws: RecoveryError.elementCount(expected: 6, found: count)) {
      try Matrix(rows: 2, columns: 3, columnMajor: elements)
    }
    #expect(throws: RecoveryError.elementCount(expected: 6, found: count)) {
      try Matrix(rows: 2, columns: 3, rowMajor: elements)
    }
  }

  @Test func memoryThatIsNotThereIsAnError() {
    let rows = 1 << 24
    #expect(throws: RecoveryError.outOfMemory(bytes: 1 << 57)) {
      try Matrix<Double>(rows: rows, columns: 1 << 30) { _ in }
    }
  }

  @Test func bytesAreAlignedToPages() throws {
    for count in [0, 1, 4097] {
      let bytes = try OwnedBytes(count: count)
      #expect(bytes.bytes.baseAddress.map { Int(bitPattern: $0) % 4096 } == 0)
    }
  }
}

/// Memory of somebody else.
@Suite struct BorrowedMatrixTests {
  private final class Owner: Sendable {
    let released: @Sendable () -> Void
    init(_ released: @escaping @Sendable () -> Void) { self.released = released }
    deinit { released() }
  }

  @Test func borrowedMemoryIsReadInPlace() throws {
    nonisolated(unsafe) let memory = UnsafeMutableBufferPointer<Double>.allocate(capacity: 7)
    defer { memory.deallocate() }
    _ = memory.initialize(from: [1, 2, .nan, 3, 4, .nan, 5])
    let releases = Mutex(0)
    do {
      let owner = Owner { releases.withLock { $0 += 1 } }
      let matrix = try Matrix(
        rows: 2, columns: 2, leadingDimension: 3, borrowing: UnsafeBufferPointer(memory),
        from: owner)
      #expect(matrix.elements == UnsafePointer(memory.baseAddress))
      let entries = [matrix[0, 0], matrix[1, 0], matrix[0, 1], matrix[1, 1]]
      #expect(entries == [1, 2, 3, 4])
      let before = releases.withLock { $0 }
      #expect(before == 0)
    }
    let after = releases.withLock { $0 }
    #expect(after == 1)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let owner = Owner {}
    try [1.0, 2, 3].withUnsafeBufferPointer { memory in
      func matrix(_ m: Int, _ n: Int, _ lda: Int?) throws {
        _ = try Matrix(rows: m, columns: n, leadingDimension: lda, borrowing: memory, from: owner)
      }
      try matrix(1, 3, nil)
      #expect(throws: RecoveryError.elementCount(expected: 4, found: 3)) { try matrix(2, 2, nil) }
      #expect(throws: RecoveryError.emptyMatrix(rows: 0, columns: 3)) { try matrix(0, 3, nil) }
      #expect(
        throws: RecoveryError.invalidOption(
          name: "leading dimension", value: "1", expected: "at least the 2 rows")
      ) { try matrix(2, 1, 1) }
    }
  }
}
