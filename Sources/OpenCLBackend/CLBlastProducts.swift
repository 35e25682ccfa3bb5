internal import SparseCore
internal import Synchronization

/// Products by CLBlast: one call a panel, added up in the order of the columns.
struct CLBlastProducts: ProductImplementation {
  let queue: CommandQueue
  let scalar: any DeviceScalar.Type
  let vectors: VectorKernels

  var kernels: ProductKernels { .clblast }

  // CLBlast multiplies what it finds in its result even by zero, so NaN would live on: results start
  // as zeros.

  func multiply(
    _ v: OpenCLVector, into r: OpenCLVector, by matrix: MatrixPanels
  ) throws(RecoveryError) {
    try vectors.zero(r.buffer, count: r.count)
    try matrix.forEach { (panel) throws(RecoveryError) in
      try add(
        PanelProduct(
          transposed: false, rows: r.count, columns: panel.columns.count, stride: matrix.stride,
          panel: panel.buffer, x: (v.buffer, panel.columns.lowerBound), y: (r.buffer, 0)))
    }
  }

  func correlate(
    _ r: OpenCLVector, into z: OpenCLVector, with matrix: MatrixPanels
  ) throws(RecoveryError) {
    try vectors.zero(z.buffer, count: z.count)
    try matrix.forEach { (panel) throws(RecoveryError) in
      try add(
        PanelProduct(
          transposed: true, rows: r.count, columns: panel.columns.count, stride: matrix.stride,
          panel: panel.buffer, x: (r.buffer, 0), y: (z.buffer, panel.columns.lowerBound)))
    }
  }

  /// Calls each routine, so that it is compiled.
  ///
  /// One engine of the process at a time: the first call of a CLBlast routine fills a table that is
  /// not guarded.
  func warmUp(
    _ r: OpenCLVector, _ z: OpenCLVector, on matrix: MatrixPanels
  ) throws(RecoveryError) {
    try Self.firstCalls.withLock { _ throws(RecoveryError) in
      try correlate(r, into: z, with: matrix)
      try multiply(z, into: r, by: matrix)
    }
  }

  private static let firstCalls = Mutex(())

  private func add(_ product: PanelProduct) throws(RecoveryError) {
    try queue.context.addProduct(product, of: scalar, on: queue.handle)
  }
}
