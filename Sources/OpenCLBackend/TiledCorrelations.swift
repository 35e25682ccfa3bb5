internal import SparseCore

/// The kernels of tile.cl: correlations with many residuals, for which A is read once.
final class TiledCorrelations {
  /// As in tile.cl: the residuals that share one reading of A.
  static let block = 32
  // As in tile.cl.
  private static let sharers = 4
  private static let ownColumnBytes = 64
  private static let depth = 8
  private static let quarters = block / NativeProducts.residualsInLaunch

  /// The most bytes of partial sums: columns beyond that are worked on one after another. So many that
  /// launches are long, and a small part of what a device for large matrices has.
  static let mostPartialBytes = 128 << 20
  /// The most bytes of a panel, whose places tile.cl counts by 32 bits, in vectors of four halves.
  static let mostPanelBytes = 8 << 32
  /// The work-groups that run at once on a unit: as many as their registers leave room for on NVIDIA's sm_80 and
  /// sm_90, and one less than on AMD's gfx90a and gfx1100 (`make kernel-report`).
  private static let groupsAtOnce = 2
  /// The rows whose products take as long as to write and read the partial sums of a slice: with n columns, 64 · n
  /// operations a row and 2 · 32 · n sums, at 33 TFLOP/s in double, 61 in single precision, and 3 TB/s (NVIDIA H100).
  private static let rowsOfASlice = 80
  /// The most rows of a slice, so that launches have many short groups, and the least: fastest for 2000 × 20000 and
  /// 20000 × 10000 on an NVIDIA H100, with tiles of half as many columns.
  private static let mostRows = 1280
  private static let leastRows = 400

  /// The local memory of a work-group, in bytes, of the largest of the kernels in double precision:
  /// some rows of a tile, with one vector of 16 bytes more a row, and of the residuals.
  static func localBytes(groupSize: Int) -> Int {
    depth * (groupSize / sharers * ownColumnBytes + 16)
      + depth * block * Precision.double.byteCount
  }

  private let queue: CommandQueue
  private let memory: DeviceMemory
  private let precision: Precision
  private let mostPartialBytes: Int
  private let packKernel: Kernel
  private let tileKernel: Kernel
  private let finishKernel: Kernel
  /// The residuals of each block side by side, row after row.
  private var packed: [DeviceBuffer] = []
  private var partials: DeviceBuffer

  init(
    _ program: Program, _ precision: Precision, on queue: CommandQueue, in memory: DeviceMemory,
    mostPartialBytes: Int
  ) throws(RecoveryError) {
    self.mostPartialBytes = mostPartialBytes
    self.queue = queue
    self.memory = memory
    self.precision = precision
    packKernel = try program.kernel("packResiduals")
    tileKernel = try program.kernel("correlateTile")
    finishKernel = try program.kernel("finishTiles")
    partials = try DeviceBuffer(1024, in: memory)
  }

  /// The columns of a tile.
  private var tileColumns: Int {
    tileKernel.groupSize / Self.sharers * Self.ownColumnBytes / precision.byteCount
  }

  /// Puts up to ``block`` residuals side by side as the block `place`, the last of them repeated.
  func pack(_ r: ArraySlice<DeviceBuffer>, at place: Int, stride rows: Int) throws(RecoveryError) {
    let byteCount = rows * Self.block * precision.byteCount
    while packed.count <= place { packed.append(try DeviceBuffer(byteCount, in: memory)) }
    try queue.run(
      packKernel, groups: packKernel.groups(covering: rows) * Self.quarters, UInt32(rows),
      NativeProducts.launched(r, as: Self.block), packed[place])
  }

  /// How many work-groups finish so many columns of a panel, for every eight residuals.
  func groups(finishing columns: Int) -> Int { finishKernel.groups(covering: columns) }

  /// z_p ← the correlations of a panel with the block `place`.
  func correlate(
    _ place: Int, into z: ArraySlice<DeviceBuffer>, _ panel: MatrixPanels.Panel,
    of matrix: MatrixPanels, _ finish: CorrelationFinish
  ) throws(RecoveryError) {
    let (columns, rows) = (panel.columns, UInt32(matrix.stride))
    let quarters = (z.count - 1) / NativeProducts.residualsInLaunch + 1
    let slices = slices(columns: matrix.columns, rows: matrix.stride)
    let rowBytes = slices * Self.block * precision.byteCount
    let fitting = mostPartialBytes / (rowBytes * tileColumns) * tileColumns
    let parts = (columns.count - 1) / max(fitting, tileColumns) + 1
    let tiles = (columns.count - 1) / tileColumns + 1
    for part in 0..<parts {
      let own = tiles * part / parts..<tiles * (part + 1) / parts
      let begin = own.lowerBound * tileColumns
      let count = min(own.upperBound * tileColumns, columns.count) - begin
      let width = own.count * tileColumns
      if partials.byteCount < rowBytes * width {
        partials = try DeviceBuffer(rowBytes * width, in: memory)
      }
      try queue.run(
        tileKernel, groups: own.count * slices, UInt32(begin), UInt32(columns.count), rows,
        UInt32(width), UInt32(slices), panel.buffer, packed[place], partials)
      // A part begins with a tile, which is as wide as two or four of these groups.
      try queue.run(
        finishKernel, groups: groups(finishing: count) * quarters,
        UInt32(columns.lowerBound + begin), UInt32(count), UInt32(width), UInt32(slices),
        UInt32(quarters), partials, NativeProducts.launched(z, as: Self.block),
        finish.after(groups: groups(finishing: begin)))
    }
  }

  /// How many groups share the rows of a tile: as many as end soonest, where all that run at once begin together. It
  /// depends on the matrix and the device alone, and so does every bit of a result, whatever panels the columns lie in.
  private func slices(columns: Int, rows: Int) -> Int {
    let tiles = (columns + tileColumns - 1) / tileColumns
    let atOnce = Self.groupsAtOnce * queue.context.device.computeUnits
    func time(_ slices: Int) -> Int {
      ((tiles * slices - 1) / atOnce + 1) * (rows / slices + Self.rowsOfASlice)
    }
    let fewest = (rows + Self.mostRows - 1) / Self.mostRows
    return (fewest...max(fewest, rows / Self.leastRows)).min { time($0) < time($1) } ?? fewest
  }
}
