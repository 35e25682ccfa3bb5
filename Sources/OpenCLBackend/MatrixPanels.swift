internal import SparseCore

/// The atoms as a device works on them: A·D in column-major order, cut into panels of whole columns.
///
/// A buffer a panel keeps every buffer within what devices allow, and every index within the 32
/// bits that CLBlast counts with. Columns are padded with zero rows to a multiple of 32 numbers, so
/// that each starts on a cache line. What does not fit into the memory allowed is sent for every
/// pass.
struct MatrixPanels {
  /// Some neighbouring columns.
  struct Panel {
    let columns: Range<Int>
    let buffer: DeviceBuffer
  }

  /// The columns of all panels, in order.
  let ranges: [Range<Int>]
  /// The distance in numbers between the starts of two neighbouring columns.
  let stride: Int
  /// What these numbers are.
  let format: AtomFormat

  private let resident: [Panel]
  private let stream: PanelStream?

  /// Numbers are padded to a multiple of this.
  private static let multiple = 32

  /// The distance between columns of `rows` numbers.
  static func stride(rows: Int) -> Int { (rows + multiple - 1) / multiple * multiple }

  /// The bytes of a panel unless asked for otherwise.
  static func defaultPanelBytes(on device: OpenCLDevice) -> Int {
    min(device.maximumAllocation, 1 << 30)
  }

  /// The bytes that atoms may take unless told otherwise: vectors and other users need some as well.
  static func defaultLimit(on device: OpenCLDevice) -> Int { device.memory / 5 * 4 }

  /// How many columns there are.
  var columns: Int { ranges.last?.upperBound ?? 0 }
  /// What sending columns for passes has taken so far.
  var streamTraffic: DeviceTraffic { stream?.traffic ?? DeviceTraffic() }
  /// Whether a pass sends columns to the device.
  var isStreamed: Bool { stream != nil }

  /// Uploads all atoms in this format, or as many as stay. Host memory beyond A: staging memory.
  ///
  /// Where the device does not give what `limit` promised, half of that is tried, and so on.
  ///
  /// - Parameters:
  ///   - panelBytes: the most bytes of a panel, unless one column takes more.
  ///   - limit: the most bytes that atoms take on the device.
  /// - Throws: ``RecoveryError/deviceMemoryTooSmall(device:needed:limit:)`` where that is not enough
  ///   for single columns, and what the device throws.
  init(
    _ atoms: Atoms, as format: AtomFormat, panelBytes: Int, limit: Int, in memory: DeviceMemory,
    through staging: StagingMemory
  ) throws(RecoveryError) {
    self.format = format
    stride = Self.stride(rows: atoms.rows)
    let columnBytes = stride * format.byteCount
    let (plan, buffers, ring) = try Self.allocate(
      columns: atoms.columns, columnBytes: columnBytes, panelBytes: panelBytes,
      mostColumns: Int(Int32.max) / stride, limit: limit, in: memory, through: staging)
    ranges = plan.ranges
    resident = zip(plan.resident, buffers).map { Panel(columns: $0, buffer: $1) }
    stream =
      ring.isEmpty
      ? nil
      : try PanelStream(
        plan.streamed, of: atoms, as: format, columnBytes: columnBytes, ring: ring,
        to: staging.queue)
    for panel in resident {
      try staging.send(panel.columns.count, of: columnBytes, to: panel.buffer) {
        (range, bytes) throws(RecoveryError) in
        try format.copy(atoms, panel.columns.lowerBound + range.lowerBound, range.count, to: bytes)
      }
    }
  }

  /// A plan that the device has memory for, with its buffers.
  private static func allocate(
    columns: Int, columnBytes: Int, panelBytes: Int, mostColumns: Int, limit: Int,
    in memory: DeviceMemory, through staging: StagingMemory
  ) throws(RecoveryError) -> (PanelPlan, resident: [DeviceBuffer], ring: [DeviceBuffer]) {
    let needed = PanelPlan.leastBytes(columns: columns, columnBytes: columnBytes)
    var limit = min(limit, columns * columnBytes)
    while limit >= needed {
      let plan = PanelPlan(
        columns: columns, columnBytes: columnBytes, panelBytes: min(panelBytes, limit),
        mostColumns: mostColumns, limit: limit)
      do throws(RecoveryError) {
        let ring = plan.streamed.prefix(PanelPlan.ring).map { _ in plan.ringColumns }
        let buffers = try (plan.resident.map(\.count) + ring).map {
          (width) throws(RecoveryError) in
          try touchedBuffer(columns: width, columnBytes, in: memory, through: staging)
        }
        try staging.queue.finish()
        let split = plan.resident.count
        return (plan, Array(buffers[..<split]), Array(buffers[split...]))
      } catch {
        guard error.isOutOfDeviceMemory else { throw error }
        limit /= 2
      }
    }
    throw .deviceMemoryTooSmall(
      device: memory.context.device.name, needed: needed, limit: limit)
  }

  /// A buffer that is written to, because some drivers find out at the first use only that there is
  /// no memory behind it.
  private static func touchedBuffer(
    columns: Int, _ columnBytes: Int, in memory: DeviceMemory, through staging: StagingMemory
  ) throws(RecoveryError) -> DeviceBuffer {
    let buffer = try DeviceBuffer(columns * columnBytes, in: memory)
    try staging.send(1, of: columnBytes, to: buffer) {
      $1.initializeMemory(as: UInt8.self, repeating: 0)
    }
    return buffer
  }

  private init(_ panel: Panel, _ matrix: MatrixPanels) {
    ranges = [panel.columns]
    resident = [panel]
    stream = nil
    stride = matrix.stride
    format = matrix.format
  }

  /// Some columns that stay and lie in one panel: as many as take at most `bytes`, but at least one;
  /// nil where none stays.
  func sample(bytes: Int) -> MatrixPanels? {
    resident.first.map {
      let width = max(1, bytes / (stride * format.byteCount))
      return MatrixPanels(Panel(columns: $0.columns.prefix(width), buffer: $0.buffer), self)
    }
  }

  /// One column of zeros where columns stay, or of whatever the ring holds, to compile kernels with.
  var column: MatrixPanels? { sample(bytes: 0) ?? stream.map { MatrixPanels($0.column, self) } }

  /// Calls `body` with every panel in order, to start work on it.
  func forEach(_ body: (Panel) throws(RecoveryError) -> Void) throws(RecoveryError) {
    for panel in resident { try body(panel) }
    try stream?.forEach(body)
  }
}
