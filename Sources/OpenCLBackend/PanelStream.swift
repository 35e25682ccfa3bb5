internal import SparseCore

/// Panels that do not stay on the device: each is sent while the one before is worked on.
///
/// Two queues: one sends, the other computes, and events keep a buffer from being filled before its
/// work is done and worked on before it is filled. The atoms are converted on the way, so that host
/// memory holds nothing but A and the staging memory.
final class PanelStream {
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
      try CommandQueue(queue.context), capacity: max(4 << 20, columnBytes))
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
