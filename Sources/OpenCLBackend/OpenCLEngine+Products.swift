public import SparseCore

extension OpenCLEngine {
  /// r ← A D v: sums over chunks of columns, added up in the order of the columns.
  public func multiply(_ v: OpenCLVector, into r: OpenCLVector) throws(RecoveryError) {
    precondition(v.count == columns && r.count == rows, "n numbers in, m numbers out")
    try products.multiply(v, into: r, by: matrix)
  }

  /// z ← D Aᵀ r: one product a panel.
  public func correlate(_ r: OpenCLVector, into z: OpenCLVector) throws(RecoveryError) {
    precondition(r.count == rows && z.count == columns, "m numbers in, n numbers out")
    try products.correlate(r, into: z, with: matrix)
  }

  /// z_p ← D Aᵀ r_p for every p: one launch for each panel and each 8 residuals, always of this
  /// package's own kernels.
  public func correlate(
    _ residuals: [OpenCLVector], into correlations: [OpenCLVector]
  ) throws(RecoveryError) {
    precondition(residuals.count == correlations.count, "one result a residual")
    precondition(residuals.allSatisfy { $0.count == rows }, "m numbers in")
    precondition(correlations.allSatisfy { $0.count == columns }, "n numbers out")
    try native.correlate(residuals, into: correlations, with: matrix)
  }

  /// Chooses the products, and compiles what they and the selection need, on one column, so that it
  /// counts as loading and not as the first iteration.
  func prepare(_ kernels: ProductKernels) throws(RecoveryError) {
    let (r, z) = (try makeVector(rows), try makeVector(columns))
    let column = matrix.sample(bytes: 0, precision: precision)
    try native.warmUp(r, z, on: column)
    let clblast = CLBlastProducts(queue: queue, scalar: scalar, vectors: vectors)
    var choice = kernels
    if kernels == .auto {
      let bytes = ProductMeasurement.sampleBytes(on: queue.context.device)
      choice = try ProductMeasurement.faster(
        native, clblast, r, z, with: matrix.sample(bytes: bytes, precision: precision))
    }
    if choice == .clblast {
      try clblast.warmUp(r, z, on: column)
      products = clblast
    }
    _ = try largest(1, of: z)
  }
}
