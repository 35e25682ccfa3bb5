import Glibc

/// A dense m × n matrix in column-major order: entry (i, j) lies at `i + j * leadingDimension`.
///
/// A matrix is immutable and shares its bytes when copied. Its memory is either its own or a mapped
/// file, which is read as the columns are touched and never copied.
public struct Matrix<Scalar: MatrixScalar>: Sendable {
  /// The number of rows, m ≥ 1.
  public let rows: Int
  /// The number of columns, n ≥ 1.
  public let columns: Int
  /// The distance in elements between the starts of two neighbouring columns, at least `rows`.
  public let leadingDimension: Int

  /// The bytes that hold the matrix, for as long as it lives.
  package let storage: any MatrixBytes
  private let byteOffset: Int

  /// Wraps bytes that already hold the matrix.
  ///
  /// - Parameter byteOffset: where entry (0, 0) starts; a multiple of the scalar's alignment.
  /// - Throws: ``RecoveryError/emptyMatrix(rows:columns:)`` or
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)``.
  package init(
    rows: Int, columns: Int, leadingDimension: Int? = nil, storage: any MatrixBytes,
    byteOffset: Int = 0
  ) throws(RecoveryError) {
    let stride = leadingDimension ?? rows
    let elements = try Self.elementCount(rows: rows, columns: columns, leadingDimension: stride)
    precondition(byteOffset % MemoryLayout<Scalar>.alignment == 0, "misaligned matrix")
    precondition(
      byteOffset + elements * MemoryLayout<Scalar>.stride <= storage.bytes.count,
      "matrix larger than its bytes")
    self.rows = rows
    self.columns = columns
    self.leadingDimension = stride
    self.storage = storage
    self.byteOffset = byteOffset
  }

  /// Makes a matrix of its own memory, whose elements `fill` writes in column-major order.
  ///
  /// - Throws: ``RecoveryError/emptyMatrix(rows:columns:)``,
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)``, ``RecoveryError/outOfMemory(bytes:)``, or what
  ///   `fill` throws.
  public init(
    rows: Int, columns: Int,
    fill: (UnsafeMutableBufferPointer<Scalar>) throws(RecoveryError) -> Void
  ) throws(RecoveryError) {
    let count = try Self.elementCount(rows: rows, columns: columns, leadingDimension: rows)
    let bytes = try OwnedBytes(count: count * MemoryLayout<Scalar>.stride)
    try fill(bytes.region.bindMemory(to: Scalar.self))
    try self.init(rows: rows, columns: columns, storage: bytes)
  }

  /// Copies `elements`, given in column-major order: m · n of them.
  ///
  /// - Throws: ``RecoveryError/elementCount(expected:found:)`` when there are more or fewer, and
  ///   what ``init(rows:columns:fill:)`` throws.
  public init(rows: Int, columns: Int, columnMajor elements: [Scalar]) throws(RecoveryError) {
    let count = try Self.elementCount(rows: rows, columns: columns, leadingDimension: rows)
    guard elements.count == count else {
      throw .elementCount(expected: count, found: elements.count)
    }
    try self.init(rows: rows, columns: columns) { _ = $0.initialize(from: elements) }
  }

  /// Reads a matrix where somebody else keeps it, without a copy.
  ///
  /// - Parameters:
  ///   - leadingDimension: the distance in elements between the starts of two neighbouring columns; m if nil.
  ///   - elements: the matrix in column-major order. They must not change while the matrix lives.
  ///   - owner: what keeps them, held for as long.
  /// - Throws: ``RecoveryError/emptyMatrix(rows:columns:)``,
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)``,
  ///   ``RecoveryError/elementCount(expected:found:)`` when there are too few, or
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` for columns that overlap.
  public init(
    rows: Int, columns: Int, leadingDimension: Int? = nil,
    borrowing elements: UnsafeBufferPointer<Scalar>, from owner: any AnyObject & Sendable
  ) throws(RecoveryError) {
    let stride = leadingDimension ?? rows
    guard stride >= rows else {
      throw .invalidOption(
        name: "leading dimension", value: "\(stride)", expected: "at least the \(rows) rows")
    }
    let count = try Self.elementCount(rows: rows, columns: columns, leadingDimension: stride)
    guard elements.count >= count else {
      throw .elementCount(expected: count, found: elements.count)
    }
    try self.init(
      rows: rows, columns: columns, leadingDimension: stride,
      storage: BorrowedBytes(UnsafeRawBufferPointer(elements), of: owner))
  }

  /// The entry in row `i` and column `j`.
  public subscript(i: Int, j: Int) -> Scalar {
    precondition(i >= 0 && i < rows && j >= 0 && j < columns, "index outside the matrix")
    return elements[i + j * leadingDimension]
  }

  /// The first entry; column j starts `j * leadingDimension` elements further.
  ///
  /// Valid for as long as this matrix, or a copy of it, is alive.
  public var elements: UnsafePointer<Scalar> {
    // The initialisers have checked that the region holds every column.
    let start = storage.bytes.baseAddress.unsafelyUnwrapped + byteOffset
    return start.assumingMemoryBound(to: Scalar.self)
  }

  /// The elements of column `j`.
  public func column(_ j: Int) -> UnsafeBufferPointer<Scalar> {
    UnsafeBufferPointer(start: elements + j * leadingDimension, count: rows)
  }

  /// The elements from the first to the last of the matrix, gaps between columns included.
  private static func elementCount(
    rows: Int, columns: Int, leadingDimension: Int
  ) throws(RecoveryError) -> Int {
    guard rows > 0, columns > 0 else { throw .emptyMatrix(rows: rows, columns: columns) }
    precondition(leadingDimension >= rows, "columns overlap")
    let (before, overflow) = leadingDimension.multipliedReportingOverflow(by: columns - 1)
    let (count, overflow2) = before.addingReportingOverflow(rows)
    let (_, overflow3) = count.multipliedReportingOverflow(by: MemoryLayout<Scalar>.stride)
    guard !overflow, !overflow2, !overflow3 else {
      throw .matrixTooLarge(rows: rows, columns: columns)
    }
    return count
  }
}

extension Matrix {
  /// Copies a row-major matrix into column-major order, once.
  ///
  /// Works on tiles one cache line high, so that whole lines are written and few are in flight,
  /// also where the lines read lie a power of two apart: 2 · m · n elements moved.
  ///
  /// - Parameter element: gives element `p = i * columns + j` of the row-major source.
  package init(
    rows: Int, columns: Int, rowMajor element: (Int) -> Scalar
  ) throws(RecoveryError) {
    try self.init(rows: rows, columns: columns) { target in
      let tileRows = 64 / MemoryLayout<Scalar>.stride
      let tileColumns = 32
      for firstRow in stride(from: 0, to: rows, by: tileRows) {
        for firstColumn in stride(from: 0, to: columns, by: tileColumns) {
          for j in firstColumn..<min(firstColumn + tileColumns, columns) {
            for i in firstRow..<min(firstRow + tileRows, rows) {
              target.initializeElement(at: i + j * rows, to: element(i * columns + j))
            }
          }
        }
      }
    }
  }

  /// Copies `elements`, given in row-major order: m · n of them.
  ///
  /// - Throws: ``RecoveryError/elementCount(expected:found:)`` when there are more or fewer, and
  ///   what ``init(rows:columns:fill:)`` throws.
  public init(rows: Int, columns: Int, rowMajor elements: [Scalar]) throws(RecoveryError) {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard overflow || elements.count == count else {
      throw .elementCount(expected: count, found: elements.count)
    }
    try self.init(rows: rows, columns: columns) { (p: Int) -> Scalar in elements[p] }
  }
}

/// Bytes that outlive every matrix that reads them: allocated here, or mapped from a file elsewhere.
///
/// The bytes never change once a matrix has been made from them, which is what makes ``Matrix``
/// safe to share between threads.
package protocol MatrixBytes: AnyObject, Sendable {
  /// The whole region.
  var bytes: UnsafeRawBufferPointer { get }
}

/// Memory of this process, aligned to a page so that devices sharing it need no copy.
package final class OwnedBytes: MatrixBytes, @unchecked Sendable {
  /// The alignment of every allocation, in bytes.
  private static let alignment = 4096

  /// The same region, for its owner to fill before a matrix is made from it.
  package let region: UnsafeMutableRawBufferPointer

  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(region) }

  /// Allocates `count` bytes without clearing them.
  ///
  /// - Throws: ``RecoveryError/outOfMemory(bytes:)``.
  package init(count: Int) throws(RecoveryError) {
    var start: UnsafeMutableRawPointer?
    // Swift's own allocation stops the process where there is no memory.
    guard posix_memalign(&start, Self.alignment, max(count, 1)) == 0 else {
      throw .outOfMemory(bytes: count)
    }
    region = UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  deinit { free(region.baseAddress) }
}

/// Memory of somebody else.
final class BorrowedBytes: MatrixBytes {
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  private let owner: any AnyObject & Sendable

  init(_ bytes: UnsafeRawBufferPointer, of owner: any AnyObject & Sendable) {
    self.bytes = bytes
    self.owner = owner
  }
}
