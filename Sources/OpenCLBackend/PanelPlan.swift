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
