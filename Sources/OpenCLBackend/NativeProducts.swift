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
    init(for device: OpenCLDevice) {
      let isGrouped = device.kind != .cpu && NativeProducts.groupSize(on: device) >= 32
      self = isGrouped ? .grouped : .wide
    }
  }

  /// As in product.cl: the most residuals of a launch.
  static let residualsInLaunch = 8
  /// As in product.cl: neighbouring columns that are worked on at once.
  private static let columnsAtOnce = 4
  /// Columns are added up in at most so many chunks, which bounds the work space.
  private static let mostChunks = 512
  /// The least columns in a chunk, so that the work space is a small part of A.
  private static let leastChunk = 128

  /// The most work-groups for each compute unit. On a GPU, groups that begin while others end keep its
  /// memory busy: 64 are up to a fifth faster than 16 (NVIDIA H100).
  private static func groupsPerUnit(_ shape: Shape) -> Int { shape == .wide ? 16 : 64 }

  /// The items of a work-group: up to 128, as many as the device allows and has local memory for.
  static func groupSize(on device: OpenCLDevice) -> Int {
    var size = device.groupSize(atMost: 128)
    while size > 1, TiledCorrelations.localBytes(groupSize: size) > device.localMemory { size /= 2 }
    return size
  }

  private let shape: Shape
  private let queue: CommandQueue
  private let memory: DeviceMemory
  private let precision: Precision
  private let mostGroups: Int
  /// For so many residuals in one launch, the fewest first.
  private let correlateKernels: [(residuals: Int, kernel: Kernel)]
  private let multiplyKernel: Kernel
  private let addPartials: Kernel
  private var partials: DeviceBuffer
  /// For more residuals than a launch takes; nil where the shape is wide.
  private let tiles: TiledCorrelations?

  /// - Parameter partialBytes: the most bytes that ``TiledCorrelations`` takes for partial sums.
  init(
    _ program: Program, shape: Shape, precision: Precision, on queue: CommandQueue,
    in memory: DeviceMemory, partialBytes: Int
  ) throws(RecoveryError) {
    self.shape = shape
    self.queue = queue
    self.memory = memory
    self.precision = precision
    mostGroups = Self.groupsPerUnit(shape) * queue.context.device.computeUnits
    let suffix = shape == .wide ? "Wide" : "Grouped"
    var correlateKernels: [(Int, Kernel)] = []
    for count in shape == .wide ? [1, 2, 4, 8] : [1, 4, 8] {
      correlateKernels.append((count, try program.kernel("correlate\(suffix)\(count)")))
    }
    self.correlateKernels = correlateKernels
    multiplyKernel = try program.kernel("multiply\(suffix)")
    addPartials = try program.kernel("addPartials")
    partials = try DeviceBuffer(1024, in: memory)
    tiles =
      shape == .wide
      ? nil
      : try TiledCorrelations(
        program, precision, on: queue, in: memory, mostPartialBytes: partialBytes)
  }

  /// The residuals that one reading of A serves.
  var residualsInPass: Int { tiles == nil ? Self.residualsInLaunch : TiledCorrelations.block }

  var kernels: ProductKernels { .native }

  func correlate(
    _ r: OpenCLVector, into z: OpenCLVector, with matrix: MatrixPanels
  ) throws(RecoveryError) {
    try correlate([r], into: [z], with: matrix, nil)
  }

  /// z_p ← D Aᵀ r_p for all p, finished by the epilogue. What is streamed comes once for all of them.
  func correlate(
    _ residuals: [OpenCLVector], into correlations: [OpenCLVector], with matrix: MatrixPanels,
    _ epilogue: CorrelationEpilogue?
  ) throws(RecoveryError) {
    let launches = launches(residuals.count)
    try epilogue?.makeRoom(
      for: launches.map { launch in
        (launch, groups: matrix.ranges.reduce(0) { $0 + groups(launch, columns: $1.count) })
      })
    let (r, z) = (residuals.map(\.buffer), correlations.map(\.buffer))
    for (place, launch) in launches.enumerated() where launch.count > Self.residualsInLaunch {
      try tiles?.pack(r[launch], at: place, stride: matrix.stride)
    }
    // The groups of each launch on the panels before.
    var before = launches.map { _ in 0 }
    try matrix.forEach { (panel) throws(RecoveryError) in
      for (place, launch) in launches.enumerated() {
        let finish = CorrelationFinish(
          epilogue, launch: place, exponent: matrix.format.exponent, unused: partials
        ).after(groups: before[place])
        if let tiles, launch.count > Self.residualsInLaunch {
          try tiles.correlate(place, into: z[launch], panel, of: matrix, finish)
        } else {
          try correlate(r[launch], into: z[launch], panel, of: matrix, finish)
        }
        before[place] += groups(launch, columns: panel.columns.count)
      }
    }
  }

  /// How many work-groups look at each residual of a launch on so many columns.
  private func groups(_ launch: Range<Int>, columns: Int) -> Int {
    if let tiles, launch.count > Self.residualsInLaunch { return tiles.groups(finishing: columns) }
    return layout(columns).groups
  }

  /// The residuals that are worked on together: as many as a pass takes, and what is left together.
  private func launches(_ count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: residualsInPass).map { $0..<min($0 + residualsInPass, count) }
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

  private func correlate(
    _ r: ArraySlice<DeviceBuffer>, into z: ArraySlice<DeviceBuffer>, _ panel: MatrixPanels.Panel,
    of matrix: MatrixPanels, _ finish: CorrelationFinish
  ) throws(RecoveryError) {
    guard let kernel = correlateKernels.first(where: { $0.residuals >= r.count })?.kernel
    else { preconditionFailure("more residuals than one launch takes") }
    let columns = panel.columns
    let layout = layout(columns.count)
    let sizes = [UInt32(columns.lowerBound), UInt32(columns.count), UInt32(matrix.stride)]
    try queue.run(
      kernel, groups: layout.groups, shape == .wide ? sizes + [UInt32(layout.chunk)] : sizes,
      panel.buffer, Self.launched(r, as: Self.residualsInLaunch),
      Self.launched(z, as: Self.residualsInLaunch), finish)
  }

  /// What a launch of `count` vectors takes: the last buffer again for those missing.
  static func launched(_ vectors: ArraySlice<DeviceBuffer>, as count: Int) -> [DeviceBuffer] {
    (0..<count).map { vectors[min(vectors.startIndex + $0, vectors.endIndex - 1)] }
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
    for count in correlateKernels.map(\.residuals) + (tiles == nil ? [] : [residualsInPass]) {
      let (residuals, correlations) = (
        [OpenCLVector](repeating: r, count: count), [OpenCLVector](repeating: z, count: count)
      )
      try correlate(residuals, into: correlations, with: matrix, nil)
    }
    try multiply(z, into: r, by: matrix)
  }
}
