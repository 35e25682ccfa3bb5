import COpenBLAS
import SparseCore

/// A number that OpenBLAS computes with: `Float` or `Double`.
protocol BLASScalar: MatrixScalar {
  /// The number with these bits and no sign.
  init(magnitudeBits: Bits)

  /// y ← op(A) x.
  static func gemv(
    _ operation: CBLAS_TRANSPOSE, _ rows: Int32, _ columns: Int32, _ a: UnsafePointer<Self>,
    _ leadingDimension: Int32, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)

  /// C ← Aᵀ B for A of m × n and B of m × q, both with columns as far apart as given, and C of n × q
  /// without gaps.
  static func gemm(
    _ m: Int32, _ n: Int32, _ q: Int32, _ a: UnsafePointer<Self>, _ leadingDimension: Int32,
    _ b: UnsafePointer<Self>, _ c: UnsafeMutablePointer<Self>)
}

extension Double: BLASScalar {
  init(magnitudeBits: UInt64) { self.init(bitPattern: magnitudeBits) }

  static func gemv(
    _ operation: CBLAS_TRANSPOSE, _ rows: Int32, _ columns: Int32, _ a: UnsafePointer<Double>,
    _ leadingDimension: Int32, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemv(CblasColMajor, operation, rows, columns, 1, a, leadingDimension, x, 1, 0, y, 1)
  }

  static func gemm(
    _ m: Int32, _ n: Int32, _ q: Int32, _ a: UnsafePointer<Double>, _ leadingDimension: Int32,
    _ b: UnsafePointer<Double>, _ c: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, n, q, m, 1, a, leadingDimension, b, m, 0, c, n)
  }
}

extension Float: BLASScalar {
  init(magnitudeBits: UInt32) { self.init(bitPattern: magnitudeBits) }

  static func gemv(
    _ operation: CBLAS_TRANSPOSE, _ rows: Int32, _ columns: Int32, _ a: UnsafePointer<Float>,
    _ leadingDimension: Int32, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
  ) {
    cblas_sgemv(CblasColMajor, operation, rows, columns, 1, a, leadingDimension, x, 1, 0, y, 1)
  }

  static func gemm(
    _ m: Int32, _ n: Int32, _ q: Int32, _ a: UnsafePointer<Float>, _ leadingDimension: Int32,
    _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>
  ) {
    cblas_sgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, n, q, m, 1, a, leadingDimension, b, m, 0, c, n)
  }
}
