import CCorrelation
import COpenBLAS
import SparseCore

/// A number that products are computed with: `Float` or `Double`.
protocol BLASScalar: MatrixScalar {
  /// The number with these bits and no sign.
  init(magnitudeBits: Bits)

  /// How many numbers fill a vector of the kernels: the residuals of a group are as many as a multiple of this.
  static var laneMultiple: Int { get }

  /// y ← op(A) x.
  static func gemv(
    _ operation: CBLAS_TRANSPOSE, _ rows: Int32, _ columns: Int32, _ a: UnsafePointer<Self>,
    _ leadingDimension: Int32, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)

  /// sums[p + j · lanes] ← aⱼᵀ r_p for columns of m numbers, and residuals whose numbers lie side by side: those of
  /// row i from i · `lanes` on. 2 · m · columns · lanes flops, A once.
  ///
  /// - Parameter lanes: 32 at most, a multiple of ``laneMultiple``.
  static func correlate(
    _ rows: Int, _ columns: Int, _ a: UnsafePointer<Self>, _ leadingDimension: Int,
    _ residuals: UnsafePointer<Self>, lanes: Int, _ sums: UnsafeMutablePointer<Self>,
    _ instructions: correlation_instructions)
}

extension Double: BLASScalar {
  init(magnitudeBits: UInt64) { self.init(bitPattern: magnitudeBits) }

  static var laneMultiple: Int { 8 }

  static func gemv(
    _ operation: CBLAS_TRANSPOSE, _ rows: Int32, _ columns: Int32, _ a: UnsafePointer<Double>,
    _ leadingDimension: Int32, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemv(CblasColMajor, operation, rows, columns, 1, a, leadingDimension, x, 1, 0, y, 1)
  }

  static func correlate(
    _ rows: Int, _ columns: Int, _ a: UnsafePointer<Double>, _ leadingDimension: Int,
    _ residuals: UnsafePointer<Double>, lanes: Int, _ sums: UnsafeMutablePointer<Double>,
    _ instructions: correlation_instructions
  ) {
    correlate_double(instructions, rows, columns, a, leadingDimension, residuals, lanes, sums)
  }
}

extension Float: BLASScalar {
  init(magnitudeBits: UInt32) { self.init(bitPattern: magnitudeBits) }

  static var laneMultiple: Int { 16 }

  static func gemv(
    _ operation: CBLAS_TRANSPOSE, _ rows: Int32, _ columns: Int32, _ a: UnsafePointer<Float>,
    _ leadingDimension: Int32, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
  ) {
    cblas_sgemv(CblasColMajor, operation, rows, columns, 1, a, leadingDimension, x, 1, 0, y, 1)
  }

  static func correlate(
    _ rows: Int, _ columns: Int, _ a: UnsafePointer<Float>, _ leadingDimension: Int,
    _ residuals: UnsafePointer<Float>, lanes: Int, _ sums: UnsafeMutablePointer<Float>,
    _ instructions: correlation_instructions
  ) {
    correlate_float(instructions, rows, columns, a, leadingDimension, residuals, lanes, sums)
  }
}
