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
  /// Columns are added up in at most so many chunks of a panel, which bounds the work space.
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
    try correlate([r], into: [z], with: matrix)
  }

  /// z_p ← D Aᵀ r_p for all p: one pass over A for every eight of them.
  func correlate(
    _ residuals: [OpenCLVector], into correlations: [OpenCLVector], with matrix: MatrixPanels
  ) throws(RecoveryError) {
    for start in stride(from: 0, to: residuals.count, by: Self.residualsPerPass) {
      let group = start..<min(start + Self.residualsPerPass, residuals.count)
      for panel in matrix.panels {
        try launch(
          residuals[group].map(\.buffer), correlations[group].map(\.buffer), panel, matrix.stride)
      }
    }
  }

  private func launch(
    _ residuals: [DeviceBuffer], _ correlations: [DeviceBuffer], _ panel: MatrixPanels.Panel,
    _ stride: Int
  ) throws(RecoveryError) {
    guard
      let kernel = correlateKernels.first(where: { $0.residuals >= residuals.count })?.kernel
    else { preconditionFailure("more residuals than one pass takes") }
    let columns = panel.columns
    let (first, count) = (UInt32(columns.lowerBound), UInt32(columns.count))
    let (r, z) = (Self.arguments(residuals), Self.arguments(correlations))
    let blocks = (columns.count + Self.columnsAtOnce - 1) / Self.columnsAtOnce
    switch shape {
    case .grouped:
      try queue.run(
        kernel, groups: min(blocks, mostGroups), first, count, UInt32(stride), panel.buffer,
        r, z)
    case .wide:
      let chunk = (blocks + mostGroups - 1) / mostGroups * Self.columnsAtOnce
      try queue.run(
        kernel, groups: (columns.count + chunk - 1) / chunk, first, count, UInt32(stride),
        UInt32(chunk), panel.buffer, r, z)
    }
  }

  /// What a kernel takes: the last buffer again for those missing.
  private static func arguments(_ vectors: [DeviceBuffer]) -> [DeviceBuffer] {
    (0..<residualsPerPass).map { vectors[min($0, vectors.count - 1)] }
  }

  /// r ← A D v, panel by panel: sums over chunks of columns, then these in the order of the columns.
  ///
  /// Device bytes beyond A: at most those of a panel, and mostly 1/128 of them.
  func multiply(
    _ v: OpenCLVector, into r: OpenCLVector, by matrix: MatrixPanels
  ) throws(RecoveryError) {
    let (rows, stride) = (UInt32(r.count), UInt32(matrix.stride))
    let tiles = shape == .wide ? 1 : multiplyKernel.groups(covering: matrix.stride / 4)
    for (index, panel) in matrix.panels.enumerated() {
      let columns = panel.columns
      let width = max(Self.leastChunk, (columns.count + Self.mostChunks - 1) / Self.mostChunks)
      let chunks = (columns.count + width - 1) / width
      let byteCount = chunks * matrix.stride * precision.byteCount
      if partials.byteCount < byteCount { partials = try DeviceBuffer(byteCount, in: memory) }
      try queue.run(
        multiplyKernel, groups: chunks * tiles, UInt32(columns.lowerBound),
        UInt32(columns.count), stride, UInt32(width), panel.buffer, v.buffer, partials)
      try queue.run(
        addPartials, groups: addPartials.groups(covering: r.count), UInt32(index == 0 ? 1 : 0),
        rows, stride, UInt32(chunks), partials, r.buffer)
    }
  }

  /// Launches every kernel, because some drivers compile them only then.
  func warmUp(
    _ r: OpenCLVector, _ z: OpenCLVector, on matrix: MatrixPanels
  ) throws(RecoveryError) {
    for (count, _) in correlateKernels {
      let (residuals, correlations) = (
        [OpenCLVector](repeating: r, count: count), [OpenCLVector](repeating: z, count: count)
      )
      try correlate(residuals, into: correlations, with: matrix)
    }
    try multiply(z, into: r, by: matrix)
  }
}
