/// A .npy file put together by hand.
struct NumPyBytes {
  var version: UInt8 = 1
  var code = "<f8"
  var order = "False"
  var shape = "(2, 3)"
  /// The whole dictionary, where it is not made of the fields above.
  var dictionary: String?
  /// What the header claims to be long, where that is a lie.
  var claimedLength: Int?
  /// Blanks after the dictionary so that the data starts at a multiple of this.
  var alignment = 64
  var data: [UInt8] = []

  var bytes: [UInt8] {
    let text =
      dictionary ?? "{'descr': '\(code)', 'fortran_order': \(order), 'shape': \(shape), }"
    let lengthSize = version == 1 ? 2 : 4
    let unpadded = 8 + lengthSize + text.utf8.count + 1
    let padding = (alignment - unpadded % alignment) % alignment
    let length = claimedLength ?? text.utf8.count + padding + 1
    let lengthBytes = (0..<lengthSize).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return [0x93] + "NUMPY".utf8 + [version, 0] + lengthBytes + text.utf8
      + [UInt8](repeating: 0x20, count: padding) + [0x0A] + data
  }
}

/// The bytes of `numbers`, most significant first where `isBigEndian`.
func encoded<Number: FixedWidthInteger>(
  _ numbers: [Number], isBigEndian: Bool = false
) -> [UInt8] {
  numbers.flatMap { number in
    let bytes = (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return isBigEndian ? bytes.reversed() : bytes
  }
}

/// The bytes of `numbers`, most significant first where `isBigEndian`.
func encoded(doubles numbers: [Double], isBigEndian: Bool = false) -> [UInt8] {
  encoded(numbers.map(\.bitPattern), isBigEndian: isBigEndian)
}
