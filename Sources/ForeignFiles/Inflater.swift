internal import CForeignFiles
import MatrixFiles

/// One stream of zlib, unpacked from front to back.
struct Inflater: ~Copyable {
  /// How a stream is framed.
  enum Frame: CInt {
    /// With the header and the checksum of gzip, which are compared. 16 and the largest window.
    case gzip = 31
    /// With those of zlib.
    case zlib = 15
    /// Without any.
    case bare = -15
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let file: FileContents

  init(_ frame: Frame, of file: FileContents) throws(FileError) {
    self.file = file
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let code = inflateInit2_(
      stream, frame.rawValue, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      throw .cannotRead(path: file.path, reason: "zlib does not start (\(code))")
    }
  }

  /// Unpacks one stream that begins at `start` of the file and hands out its bytes piece by piece.
  ///
  /// - Returns: where it ends.
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` where it is damaged or cut off, or what `take`
  ///   throws.
  func inflate(
    _ range: Range<Int>, take: (UnsafeRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) -> Int {
    guard inflateReset(stream) == Z_OK else { throw damaged("no state of zlib") }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { piece.deallocate() }
    let bytes = file.bytes
    var place = range.lowerBound
    while true {
      let input = min(range.upperBound - place, 1 << 30)
      // zlib does not write to its input, but older headers do not say so.
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: (bytes.baseAddress.unsafelyUnwrapped + place).assumingMemoryBound(to: Bytef.self))
      stream.pointee.avail_in = UInt32(input)
      stream.pointee.next_out = piece.baseAddress?.assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_out = UInt32(piece.count)
      let code = CForeignFiles.inflate(stream, Z_NO_FLUSH)
      let taken = input - Int(stream.pointee.avail_in)
      let made = piece.count - Int(stream.pointee.avail_out)
      place += taken
      if made > 0 { try take(UnsafeRawBufferPointer(rebasing: piece[..<made])) }
      if code == Z_STREAM_END { return place }
      guard code == Z_OK || code == Z_BUF_ERROR else {
        throw damaged(stream.pointee.msg.map { String(cString: $0) } ?? "error \(code)")
      }
      guard taken > 0 || made > 0 else { throw damaged("its end after \(place) bytes") }
    }
  }

  private func damaged(_ found: String) -> FileError {
    .malformed(
      path: file.path, position: nil, expected: "a whole compressed stream", found: found)
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }
}

/// Files compressed by gzip. Source: RFC 1952.
enum Gzip {
  /// Unpacks all members, one after another; zero bytes may follow the last.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``, also for a wrong checksum.
  static func decode(_ file: FileContents, into output: inout LimitedOutput) throws(FileError) {
    let inflater = try Inflater(.gzip, of: file)
    var place = 0
    while place < file.bytes.count {
      if place > 0, file.bytes[place...].allSatisfy({ $0 == 0 }) { return }
      place = try inflater.inflate(place..<file.bytes.count) { (piece) throws(FileError) in
        try output.write(piece)
      }
    }
  }
}
