import CSparseRecovery
import SparseCore
import SparseRecovery

/// A column-major matrix of the caller's, in the precision that `numberSize` names.
///
/// - Parameter parts: how many rows each of the caller's is: 2 of complex numbers.
func borrowed(
  _ start: UnsafeRawPointer?, _ numberSize: Int32, _ rows: Int64, _ columns: Int64, _ stride: Int64,
  parts: Int = 1
) throws(CallError) -> DenseMatrix {
  guard let start else { throw .null("matrix") }
  return switch numberSize {
  case Int32(SR_SINGLE): .single(try borrowed(start, as: Float.self, rows, columns, stride, parts))
  case Int32(SR_DOUBLE): .double(try borrowed(start, as: Double.self, rows, columns, stride, parts))
  default: throw .argument("number size", "\(numberSize)", "SR_SINGLE or SR_DOUBLE")
  }
}

/// A column-major matrix of the caller's.
private func borrowed<Scalar: MatrixScalar>(
  _ start: UnsafeRawPointer, as type: Scalar.Type, _ rows: Int64, _ columns: Int64, _ stride: Int64,
  _ parts: Int
) throws(CallError) -> Matrix<Scalar> {
  guard rows > 0, columns > 0 else {
    throw .recovery(.emptyMatrix(rows: Int(rows), columns: Int(columns)))
  }
  guard stride >= rows else {
    throw .argument("leading dimension", "\(stride)", "at least the \(rows) rows")
  }
  guard Int(bitPattern: start) % MemoryLayout<Scalar>.alignment == 0 else {
    throw .argument("matrix", "an odd address", "one that its numbers may have")
  }
  let (before, overflow) = Int(stride).multipliedReportingOverflow(by: Int(columns) - 1)
  let (count, overflow2) = before.addingReportingOverflow(Int(rows))
  guard !overflow, !overflow2, count <= Int.max / (parts * MemoryLayout<Scalar>.stride)
  else {
    throw .recovery(.matrixTooLarge(rows: Int(rows), columns: Int(columns)))
  }
  let elements = UnsafeBufferPointer(
    start: start.assumingMemoryBound(to: Scalar.self), count: parts * count)
  return try recovering { () throws(RecoveryError) in
    try Matrix(
      rows: parts * Int(rows), columns: Int(columns), leadingDimension: parts * Int(stride),
      borrowing: elements, from: Caller.shared)
  }
}

/// Who owns what is borrowed: not this library.
private final class Caller: Sendable {
  static let shared = Caller()
}
