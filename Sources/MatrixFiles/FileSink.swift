import Glibc

/// A file being written, through a buffer.
package struct FileSink: ~Copyable {
  private static let capacity = 1 << 16

  private let path: String
  private let descriptor: CInt
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
  private var filled = 0

  /// Takes over `descriptor`, which is closed with this value; `path` is for messages.
  package init(descriptor: CInt, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Appends `text` in UTF-8.
  ///
  /// - Throws: ``FileError/cannotWrite(path:reason:)``, as the other methods do.
  package mutating func write(_ text: String) throws(FileError) { try write(text.utf8) }

  /// Appends `bytes`.
  package mutating func write(_ bytes: some Sequence<UInt8>) throws(FileError) {
    for byte in bytes {
      if filled == Self.capacity { try flush() }
      buffer[filled] = byte
      filled += 1
    }
  }

  /// Appends a region of memory; a large one is not copied.
  package mutating func write(_ region: UnsafeRawBufferPointer) throws(FileError) {
    if region.count > Self.capacity - filled { try flush() }
    guard region.count <= Self.capacity else { return try writeThrough(region) }
    UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(from: region)
    filled += region.count
  }

  /// Hands everything written so far to the system.
  package mutating func flush() throws(FileError) {
    try writeThrough(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
    filled = 0
  }

  /// Waits until everything written so far is on the disk.
  mutating func synchronize() throws(FileError) {
    try flush()
    guard fsync(descriptor) == 0 else { throw failure() }
  }

  private func writeThrough(_ region: UnsafeRawBufferPointer) throws(FileError) {
    var written = 0
    while written < region.count {
      let rest = UnsafeRawBufferPointer(rebasing: region[written...])
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      guard count >= 0 || errno == EINTR else { throw failure() }
      written += max(count, 0)
    }
  }

  private func failure() -> FileError { .cannotWrite(path: path, reason: systemReason()) }

  deinit {
    buffer.deallocate()
    close(descriptor)
  }
}

/// The lowest bytes of numbers, the lowest first, as files of other programs have them.
package func littleEndian(_ numbers: Int..., bytes count: Int) -> [UInt8] {
  numbers.flatMap { number in
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
