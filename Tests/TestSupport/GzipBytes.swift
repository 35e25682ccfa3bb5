/// A gzip-compressed file put together by hand, of blocks that are stored. Source: RFC 1951 and 1952.
package struct GzipBytes {
  /// What is compressed.
  package var data: [UInt8]
  /// The checksum and the size at the end, where these are lies.
  package var checksum: UInt32?
  package var size: UInt32?

  package init(_ data: some Sequence<UInt8>) { self.data = Array(data) }

  /// The whole file.
  package var bytes: [UInt8] {
    var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    var rest = data[...]
    repeat {
      let block = rest.prefix(0xFFFF)
      rest = rest.dropFirst(block.count)
      let count = UInt16(block.count)
      file.append(rest.isEmpty ? 1 : 0)
      for half in [count, ~count] { file += [UInt8(half & 0xFF), UInt8(half >> 8)] }
      file += block
    } while !rest.isEmpty
    for word in [
      checksum ?? Self.checksum(of: data), size ?? UInt32(truncatingIfNeeded: data.count),
    ] {
      file += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    return file
  }

  /// The CRC-32, bit by bit.
  package static func checksum(of data: some Sequence<UInt8>) -> UInt32 {
    var remainder = UInt32.max
    for byte in data {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~remainder
  }
}
