internal import SparseCore

/// The atoms on the device: A·D in column-major order, cut into panels of whole columns.
///
/// A buffer a panel keeps every buffer within what devices allow, and every index within the 32
/// bits that CLBlast counts with. Columns are padded with zero rows to a multiple of 32 numbers, so
/// that each starts on a cache line.
struct MatrixPanels {
  /// Some neighbouring columns.
  struct Panel {
    let columns: Range<Int>
    let buffer: DeviceBuffer
  }

  let panels: [Panel]
  /// The distance in numbers between the starts of two neighbouring columns.
  let stride: Int

  /// Numbers are padded to a multiple of this, and panels to as many columns where they hold more.
  private static let multiple = 32

  /// The distance between columns of `rows` numbers.
  static func stride(rows: Int) -> Int { (rows + multiple - 1) / multiple * multiple }

  /// The bytes of a panel unless asked for otherwise.
  static func defaultPanelBytes(on device: OpenCLDevice) -> Int {
    min(device.maximumAllocation, 1 << 30)
  }

  /// Uploads all atoms, rounded once to `scalar`. Host memory beyond A: the staging memory.
  ///
  /// - Parameter panelBytes: the most bytes of a panel, unless one column takes more.
  init(
    _ atoms: Atoms, as scalar: any DeviceScalar.Type, panelBytes: Int, in memory: DeviceMemory,
    through staging: StagingMemory
  ) throws(RecoveryError) {
    stride = Self.stride(rows: atoms.rows)
    let columnBytes = stride * scalar.precision.byteCount
    var width = max(1, min(panelBytes / columnBytes, Int(Int32.max) / stride))
    if width > Self.multiple { width -= width % Self.multiple }

    var panels: [Panel] = []
    for first in Swift.stride(from: 0, to: atoms.columns, by: width) {
      let columns = first..<min(first + width, atoms.columns)
      let buffer = try DeviceBuffer(columns.count * columnBytes, in: memory)
      try staging.send(columns.count, of: columnBytes, to: buffer) { range, bytes in
        scalar.copy(atoms, first + range.lowerBound, range.count, to: bytes)
      }
      panels.append(Panel(columns: columns, buffer: buffer))
    }
    self.panels = panels
  }

  private init(panels: [Panel], stride: Int) {
    self.panels = panels
    self.stride = stride
  }

  /// As many of the first columns as take at most `bytes` and lie in one panel, but at least one.
  func sample(bytes: Int, precision: Precision) -> MatrixPanels {
    let width = max(1, bytes / (stride * precision.byteCount))
    return MatrixPanels(
      panels: panels.prefix(1).map {
        Panel(columns: $0.columns.prefix(width), buffer: $0.buffer)
      }, stride: stride)
  }
}
