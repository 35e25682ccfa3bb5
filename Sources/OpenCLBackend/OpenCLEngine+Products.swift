public import SparseCore

extension OpenCLEngine {
  /// r ← A D v: sums over chunks of columns, added up in the order of the columns.
  public func multiply(_ v: EngineVector, into r: EngineVector) throws(RecoveryError) {
    let (v, r) = (v.own(OpenCLVector.self), r.own(OpenCLVector.self))
    precondition(v.count == columns && r.count == rows, "n numbers in, m numbers out")
    try products.multiply(v, into: r, by: matrix)
  }

  /// z ← D Aᵀ r: one product a panel.
  public func correlate(_ r: EngineVector, into z: EngineVector) throws(RecoveryError) {
    let (r, z) = (r.own(OpenCLVector.self), z.own(OpenCLVector.self))
    precondition(r.count == rows && z.count == columns, "m numbers in, n numbers out")
    try products.correlate(r, into: z, with: matrix)
  }

  /// z_p ← D Aᵀ r_p for every p: one launch for each panel and each 8 residuals, always of this
  /// package's own kernels.
  public func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector]
  ) throws(RecoveryError) {
    let (residuals, correlations) = own(residuals, correlations)
    try native.correlate(residuals, into: correlations, with: matrix, nil)
  }

  /// The same with an offset added and zeros at `indices` by the same kernels, which leave the largest
  /// magnitude of each work-group behind; one more launch and one transfer gather these.
  public func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int]
  ) throws(RecoveryError) -> [Double] {
    let (residuals, correlations) = own(residuals, correlations)
    let offset = offset?.own(OpenCLVector.self)
    precondition(offset?.count ?? columns == columns, "an offset of n numbers")
    try epilogue.prepare(offset: offset, zeros: indices, columns: columns)
    try native.correlate(residuals, into: correlations, with: matrix, epilogue)
    let peaks = try epilogue.largest(residuals.count)
    // A selection finds out which column it is.
    for (z, peak) in zip(correlations, peaks) where peak.isNaN { _ = try largest(1, of: z) }
    return peaks
  }

  /// The same vectors as this engine made them, of the right shapes.
  private func own(
    _ residuals: [EngineVector], _ correlations: [EngineVector]
  ) -> ([OpenCLVector], [OpenCLVector]) {
    let residuals = residuals.map { $0.own(OpenCLVector.self) }
    let correlations = correlations.map { $0.own(OpenCLVector.self) }
    precondition(residuals.count == correlations.count, "one result a residual")
    precondition(residuals.allSatisfy { $0.count == rows }, "m numbers in")
    precondition(correlations.allSatisfy { $0.count == columns }, "n numbers out")
    return (residuals, correlations)
  }

  /// Chooses the products, and compiles what they and the selection need, on one column, so that it
  /// counts as loading and not as the first iteration.
  ///
  /// - Parameter file: where measurements are remembered.
  func prepare(_ kernels: ProductKernels, file: ChoiceFile?) throws(RecoveryError) {
    let (r, z) = (try makeVector(rows), try makeVector(columns))
    guard let column = matrix.column else { return }
    try native.warmUp(r, z, on: column)
    let clblast = CLBlastProducts(queue: queue, scalar: scalar, vectors: vectors)
    // CLBlast knows no matrix that is stored less precisely than its vectors. Where a pass waits for
    // the bus, kernels make no difference.
    var choice = storageRoundoff > 0 ? .native : kernels
    if choice == .auto {
      let bytes = ProductMeasurement.sampleBytes(on: queue.context.device)
      choice =
        if !matrix.isStreamed, let sample = matrix.sample(bytes: bytes) {
          try ProductMeasurement.faster(native, clblast, r, z, with: sample, file: file)
        } else { .native }
    }
    if choice == .clblast {
      do {
        try clblast.warmUp(r, z, on: column)
        products = clblast
      } catch {
        // Remembered from a day when it worked.
        if kernels == .clblast { throw error }
      }
    }
    _ = try largest(1, of: z)
  }
}
