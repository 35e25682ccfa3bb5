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

  /// The bytes of a panel unless asked for otherwise: a sixteenth of the memory, at least 1 GiB. Each panel
  /// takes launches of its own, which end with units that have nothing to do.
  static func defaultPanelBytes(on device: OpenCLDevice) -> Int {
    min(
      device.maximumAllocation, max(1 << 30, device.memory / 16), TiledCorrelations.mostPanelBytes)
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

/// Which columns of A stay on a device, and which are sent anew for every pass.
struct PanelPlan: Equatable {
  /// What stays: neighbouring columns, a buffer each.
  let resident: [Range<Int>]
  /// What is sent: neighbouring columns, through a ring of buffers.
  let streamed: [Range<Int>]

  /// How many buffers the ring has: while one is worked on, the other is filled.
  static let ring = 2
  /// Panels are as many columns as a multiple of this where they hold more.
  private static let multiple = 32
  /// The bytes of a panel sent: enough for a bus to be busy, and little that could stay instead.
  private static let streamedBytes = 64 << 20

  /// Everything, streamed or not, in order.
  var ranges: [Range<Int>] { resident + streamed }
  /// The columns that the buffers of the ring have room for.
  var ringColumns: Int { streamed.first?.count ?? 0 }

  /// The bytes that `columns` columns take at the least.
  static func leastBytes(columns: Int, columnBytes: Int) -> Int {
    min(columns, ring) * columnBytes
  }

  /// Everything stays where it takes no more than `limit` bytes; else a ring is taken off first.
  ///
  /// - Parameters:
  ///   - panelBytes: the most bytes of a panel, unless one column takes more.
  ///   - mostColumns: the most columns of a panel.
  /// - Precondition: the limit has room for ``leastBytes(columns:columnBytes:)``.
  init(columns: Int, columnBytes: Int, panelBytes: Int, mostColumns: Int, limit: Int) {
    func width(_ bytes: Int) -> Int {
      let width = max(1, min(bytes / columnBytes, mostColumns))
      return width > Self.multiple ? width - width % Self.multiple : width
    }
    func panels(_ columns: Range<Int>, _ width: Int) -> [Range<Int>] {
      stride(from: columns.lowerBound, to: columns.upperBound, by: width).map {
        $0..<min($0 + width, columns.upperBound)
      }
    }
    let fitting = limit / columnBytes
    guard fitting < columns else {
      resident = panels(0..<columns, width(panelBytes))
      streamed = []
      return
    }
    precondition(fitting >= Self.ring, "room for a ring of single columns")
    let streamedWidth = width(min(panelBytes, Self.streamedBytes, limit / 8))
    let staying = fitting - Self.ring * streamedWidth
    resident = panels(0..<staying, width(panelBytes))
    streamed = panels(staying..<columns, streamedWidth)
  }
}

/// Panels that do not stay on the device: each is sent while the one before is worked on.
///
/// Two queues: one sends, the other computes, and events keep a buffer from being filled before its
/// work is done and worked on before it is filled. The atoms are converted on the way, so that host
/// memory holds nothing but A and the staging memory.
private final class PanelStream {
  private let panels: [Range<Int>]
  private let atoms: Atoms
  private let format: AtomFormat
  private let columnBytes: Int
  private let ring: [Slot]
  private let uploads: StagingMemory
  private let queue: CommandQueue

  /// A buffer, and the end of the last work on it.
  private final class Slot {
    let buffer: DeviceBuffer
    var consumed: Event?

    init(_ buffer: DeviceBuffer) { self.buffer = buffer }
  }

  /// - Parameters:
  ///   - ring: buffers that hold the widest panel.
  ///   - queue: where the work on the panels is queued.
  init(
    _ panels: [Range<Int>], of atoms: Atoms, as format: AtomFormat, columnBytes: Int,
    ring: [DeviceBuffer], to queue: CommandQueue
  ) throws(RecoveryError) {
    self.panels = panels
    self.atoms = atoms
    self.format = format
    self.columnBytes = columnBytes
    self.ring = ring.map { Slot($0) }
    self.queue = queue
    uploads = StagingMemory(
      try CommandQueue(queue.context),
      capacity: StagingMemory.capacity(columns: panels[0].count, columnBytes: columnBytes))
  }

  /// What was sent so far.
  var traffic: DeviceTraffic { uploads.queue.traffic }

  /// One column, of whatever the ring holds.
  var column: MatrixPanels.Panel {
    MatrixPanels.Panel(columns: panels[0].prefix(1), buffer: ring[0].buffer)
  }

  /// Calls `body` with every panel in order, to queue work on it.
  func forEach(_ body: (MatrixPanels.Panel) throws(RecoveryError) -> Void) throws(RecoveryError) {
    for (turn, columns) in panels.enumerated() {
      let slot = ring[turn % ring.count]
      // What one queue waits for, the other must have been told to begin.
      try queue.flush()
      try slot.consumed?.delay(uploads.queue)
      try uploads.send(columns.count, of: columnBytes, to: slot.buffer) {
        (range, bytes) throws(RecoveryError) in
        try format.copy(atoms, columns.lowerBound + range.lowerBound, range.count, to: bytes)
      }
      let filled = try uploads.queue.mark()
      try uploads.queue.flush()
      try filled.delay(queue)
      try body(MatrixPanels.Panel(columns: columns, buffer: slot.buffer))
      slot.consumed = try queue.mark()
    }
    try queue.flush()
  }
}
