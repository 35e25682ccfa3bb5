internal import SparseCore

/// The kernels of product.cl, in one of their two shapes.
final class NativeProducts: ProductImplementation {
  /// How the work is laid out; both shapes give results within rounding of each other.
  enum Shape: CaseIterable {
    /// Work-groups of many items share a few columns: for GPUs.
    case grouped
    /// Every item has columns of its own: for processors, which run items one after another.
    case wide

    /// What suits a device.
    init(for device: OpenCLDevice) { self = device.kind == .cpu ? .wide : .grouped }
  }

  /// As in product.cl: the most residuals that share one pass over A.
  static let residualsPerPass = 8
  /// As in product.cl: neighbouring columns that are worked on at once.
  private static let columnsAtOnce = 4
  /// Columns are added up in at most so many chunks, which bounds the work space.
  private static let mostChunks = 512
  /// The least columns in a chunk, so that the work space is a small part of A.
  private static let leastChunk = 128

  private let shape: Shape
  private let queue: CommandQueue
  private let memory: DeviceMemory
  private let precision: Precision
  private let mostGroups: Int
  /// For 1, 2, 4 and 8 residuals in one pass.
  private let correlateKernels: [(residuals: Int, kernel: Kernel)]
  private let multiplyKernel: Kernel
  private let addPartials: Kernel
  private var partials: DeviceBuffer

  init(
    _ program: Program, shape: Shape, precision: Precision, on queue: CommandQueue,
    in memory: DeviceMemory
  ) throws(RecoveryError) {
    self.shape = shape
    self.queue = queue
    self.memory = memory
    self.precision = precision
    mostGroups = 16 * queue.context.device.computeUnits
    let suffix = shape == .wide ? "Wide" : "Grouped"
    var correlateKernels: [(Int, Kernel)] = []
    for count in [1, 2, 4, Self.residualsPerPass] {
      correlateKernels.append((count, try program.kernel("correlate\(suffix)\(count)")))
    }
    self.correlateKernels = correlateKernels
    multiplyKernel = try program.kernel("multiply\(suffix)")
    addPartials = try program.kernel("addPartials")
    partials = try DeviceBuffer(1024, in: memory)
  }

  var kernels: ProductKernels { .native }

  func correlate(
    _ r: OpenCLVector, into z: OpenCLVector, with matrix: MatrixPanels
  ) throws(RecoveryError) {
    try correlate([r], into: [z], with: matrix, nil)
  }

  /// z_p ← D Aᵀ r_p for all p, finished by the epilogue: one launch for each panel and every eight.
  /// What is streamed comes once for all of them.
  func correlate(
    _ residuals: [OpenCLVector], into correlations: [OpenCLVector], with matrix: MatrixPanels,
    _ epilogue: CorrelationEpilogue?
  ) throws(RecoveryError) {
    let slots = matrix.ranges.reduce(0) { $0 + layout($1.count).groups }
    try epilogue?.makeRoom(residuals.count, slots: slots)
    var slot = 0
    try matrix.forEach { (panel) throws(RecoveryError) in
      let layout = layout(panel.columns.count)
      for start in stride(from: 0, to: residuals.count, by: Self.residualsPerPass) {
        let group = start..<min(start + Self.residualsPerPass, residuals.count)
        try launch(
          residuals[group].map(\.buffer), correlations[group].map(\.buffer), panel, layout,
          matrix, epilogue, at: start * slots + slot, slots: slots)
      }
      slot += layout.groups
    }
  }

  /// How many work-groups share the columns of a panel, and the columns of each where it is wide.
  private func layout(_ columns: Int) -> (groups: Int, chunk: Int) {
    let blocks = (columns + Self.columnsAtOnce - 1) / Self.columnsAtOnce
    switch shape {
    case .grouped: return (min(blocks, mostGroups), 0)
    case .wide:
      let chunk = (blocks + mostGroups - 1) / mostGroups * Self.columnsAtOnce
      return ((columns + chunk - 1) / chunk, chunk)
    }
  }

  private func launch(
    _ residuals: [DeviceBuffer], _ correlations: [DeviceBuffer], _ panel: MatrixPanels.Panel,
    _ layout: (groups: Int, chunk: Int), _ matrix: MatrixPanels, _ epilogue: CorrelationEpilogue?,
    at slot: Int, slots: Int
  ) throws(RecoveryError) {
    guard
      let kernel = correlateKernels.first(where: { $0.residuals >= residuals.count })?.kernel
    else { preconditionFailure("more residuals than one pass takes") }
    let columns = panel.columns
    let shared = (UInt32(columns.lowerBound), UInt32(columns.count), UInt32(matrix.stride))
    let exponent = Int32(matrix.format.exponent)
    let (r, z) = (Self.arguments(residuals), Self.arguments(correlations))
    // Without an epilogue its buffers are not read: any will do.
    let tail = epilogue?.arguments ?? (flags: 0, offset: partials, zeros: partials, peaks: partials)
    switch shape {
    case .grouped:
      try queue.run(
        kernel, groups: layout.groups, shared.0, shared.1, shared.2, panel.buffer, r, z,
        exponent, tail.flags, tail.offset, tail.zeros, UInt32(slot), UInt32(slots), tail.peaks)
    case .wide:
      try queue.run(
        kernel, groups: layout.groups, shared.0, shared.1, shared.2, UInt32(layout.chunk),
        panel.buffer, r, z, exponent, tail.flags, tail.offset, tail.zeros, UInt32(slot),
        UInt32(slots),
        tail.peaks)
    }
  }

  /// What a kernel takes: the last buffer again for those missing.
  private static func arguments(_ vectors: [DeviceBuffer]) -> [DeviceBuffer] {
    (0..<residualsPerPass).map { vectors[min($0, vectors.count - 1)] }
  }

  /// r ← A D v: sums over chunks of columns, then these in the order of the columns. Chunks do not
  /// depend on panels, so neither does a bit of r.
  ///
  /// Device bytes beyond A: one column in 128, in the engine's precision, and at most 512.
  func multiply(
    _ v: OpenCLVector, into r: OpenCLVector, by matrix: MatrixPanels
  ) throws(RecoveryError) {
    let stride = UInt32(matrix.stride)
    let tiles = shape == .wide ? 1 : multiplyKernel.groups(covering: matrix.stride / 4)
    let width = max(Self.leastChunk, (v.count + Self.mostChunks - 1) / Self.mostChunks)
    let chunks = (matrix.columns - 1) / width + 1
    let byteCount = chunks * matrix.stride * precision.byteCount
    if partials.byteCount < byteCount { partials = try DeviceBuffer(byteCount, in: memory) }
    try matrix.forEach { (panel) throws(RecoveryError) in
      let columns = panel.columns
      let groups = (columns.upperBound - 1) / width - columns.lowerBound / width + 1
      try queue.run(
        multiplyKernel, groups: groups * tiles, UInt32(columns.lowerBound), UInt32(columns.count),
        stride, UInt32(width), panel.buffer, v.buffer, partials)
    }
    try queue.run(
      addPartials, groups: addPartials.groups(covering: r.count), Int32(matrix.format.exponent),
      UInt32(r.count), stride, UInt32(chunks), partials, r.buffer)
  }

  /// Launches every kernel, because some drivers compile them only then.
  func warmUp(
    _ r: OpenCLVector, _ z: OpenCLVector, on matrix: MatrixPanels
  ) throws(RecoveryError) {
    for (count, _) in correlateKernels {
      let (residuals, correlations) = (
        [OpenCLVector](repeating: r, count: count), [OpenCLVector](repeating: z, count: count)
      )
      try correlate(residuals, into: correlations, with: matrix, nil)
    }
    try multiply(z, into: r, by: matrix)
  }
}
