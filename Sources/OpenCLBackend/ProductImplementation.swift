internal import SparseCore

/// An implementation of the products with A that have one vector.
protocol ProductImplementation {
  /// Which one this is.
  var kernels: ProductKernels { get }

  /// r ← A D v.
  func multiply(_ v: OpenCLVector, into r: OpenCLVector, by matrix: MatrixPanels)
    throws(RecoveryError)

  /// z ← D Aᵀ r.
  func correlate(_ r: OpenCLVector, into z: OpenCLVector, with matrix: MatrixPanels)
    throws(RecoveryError)
}
