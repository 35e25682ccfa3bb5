internal import CForeignFiles
import MatrixFiles

/// Whether a file of MATLAB is whole: libmatio takes zeros, or what lies behind, for numbers that are not there.
///
/// Of versions 4 and 5 every length is compared with the file and with the shape that it belongs to, and compressed
/// variables with their checksums: one pass over the file. HDF5 looks after version 7.3 itself. Source: MATLAB, MAT-File
/// Format.
enum MATLABStructure {
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``.
  static func check(_ file: FileContents) throws(FileError) {
    if file.bytes.starts(with: "MATLAB 7.3".utf8) { return }
    if file.bytes.starts(with: "MATLAB 5.0".utf8) {
      try checkElements(file)
    } else {
      try checkMatrices(file)
    }
  }

  /// Version 4: one matrix after another, each a header of five numbers, a name and its entries.
  private static func checkMatrices(_ file: FileContents) throws(FileError) {
    var place = 0
    while place < file.bytes.count {
      guard file.bytes.count - place >= 20 else { throw damaged(file, at: place) }
      // The first number is at most 4-digit in the right order of bytes.
      let isSwapped = word(file, place, false) > 9999
      let words = (0..<5).map { word(file, place + 4 * $0, isSwapped) }
      let sizes = [8, 4, 4, 2, 2, 1]
      let kind = words[0] / 10 % 10
      guard words[0] <= 9999, kind < sizes.count, words[3] <= 1 else {
        throw damaged(file, at: place)
      }
      let (count, overflow) = words[1].multipliedReportingOverflow(by: words[2])
      let (bytes, overflow2) = count.multipliedReportingOverflow(by: sizes[kind] * (words[3] + 1))
      guard !overflow, !overflow2, words[4] <= file.bytes.count - place - 20,
        bytes <= file.bytes.count - place - 20 - words[4]
      else { throw damaged(file, at: place) }
      place += 20 + words[4] + bytes
    }
  }

  /// Version 5: variables behind a header of 128 bytes, compressed or not, each a type, a length and that many bytes.
  private static func checkElements(_ file: FileContents) throws(FileError) {
    let bytes = file.bytes
    guard bytes.count >= 128 else { throw damaged(file, at: 0) }
    let isSwapped = bytes[126] == UInt8(ascii: "M")
    let inflater = try Inflater(.zlib, of: file)
    var place = 128
    while place < bytes.count {
      guard bytes.count - place >= 8 else { throw damaged(file, at: place) }
      let length = word(file, place + 4, isSwapped)
      guard length <= bytes.count - place - 8 else { throw damaged(file, at: place) }
      let body = place + 8..<place + 8 + length
      var walker = ElementWalker(isSwapped: isSwapped)
      switch word(file, place, isSwapped) {
      case 15:
        _ = try inflater.inflate(body) { (piece) throws(FileError) in walker.take(piece) }
        guard walker.isWhole else { throw damaged(file, at: place) }
      case 14:
        walker.take(UnsafeRawBufferPointer(rebasing: bytes[place..<body.upperBound]))
        guard walker.isWhole else { throw damaged(file, at: place) }
      default: throw damaged(file, at: place)
      }
      place = body.upperBound
    }
  }

  private static func word(_ file: FileContents, _ place: Int, _ isSwapped: Bool) -> Int {
    let word = file.bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
    return Int(isSwapped ? word.byteSwapped : word)
  }

  private static func damaged(_ file: FileContents, at place: Int) -> FileError {
    file.malformed(
      expected: "a whole variable at byte \(place)", found: "one that is damaged or cut off")
  }
}

/// Goes through the bytes of one variable, piece by piece, and compares its lengths with its shape.
private struct ElementWalker {
  let isSwapped: Bool
  /// The next bytes that are looked at, of which these are there, and how many are passed over before.
  private var wanted = 8
  private var held: [UInt8] = []
  private var passed = 0
  /// The bytes that the variable has left, once its own length is known.
  private var left: Int?
  /// The elements of the variable so far: flags, dimensions, name, then its numbers.
  private var parts = 0
  /// The part whose bytes are looked at, or nil where a type and a length are.
  private var part: Int?
  /// Its bytes without padding.
  private var partLength = 0
  private var kind = 0
  private var isComplex = false
  private var count = 1
  private var columns = 0
  /// The real numbers of a complex sparse matrix.
  private var realNumbers = 0
  private var isWrong = false

  init(isSwapped: Bool) { self.isSwapped = isSwapped }

  /// Whether the variable was there to its end, and as long as its shape says.
  var isWhole: Bool {
    // Imaginary parts are behind the real ones; and those of sparse matrices behind where they are.
    let expected =
      Self.numeric ~= kind && count > 0
      ? isComplex ? 5 : 4 : kind == Self.sparse && isComplex ? 7 : 0
    let lacksNumbers = parts < expected
    return !isWrong && !lacksNumbers && left == 0 && held.isEmpty && passed == 0 && part == nil
  }

  /// The classes of arrays of numbers, and of sparse ones and objects of newer versions.
  private static let numeric = 6...15
  private static let (sparse, opaque) = (5, 17)

  mutating func take(_ piece: UnsafeRawBufferPointer) {
    var rest = piece[...]
    while !rest.isEmpty, !isWrong {
      guard left != 0 else {
        isWrong = true
        return
      }
      let skipped = min(passed, rest.count)
      passed -= skipped
      left = left.map { $0 - skipped }
      rest = rest.dropFirst(skipped)
      let taken = rest.prefix(wanted - held.count)
      guard passed == 0 else { return }
      held += taken
      left = left.map { $0 - taken.count }
      rest = rest.dropFirst(taken.count)
      guard held.count == wanted else { return }
      if let part { look(at: part) } else { lookAtTag() }
      held = []
      if let left, passed + (part == nil ? 0 : wanted) > left { isWrong = true }
    }
  }

  private func word(_ index: Int) -> Int {
    let word = held.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self) }
    return Int(isSwapped ? word.byteSwapped : word)
  }

  private mutating func lookAtTag() {
    guard left != nil else {
      // The tag of the variable itself.
      isWrong = word(0) != 14
      left = word(1)
      return
    }
    // At most four bytes may stand in the place of a length, with their number before their type.
    let isSmall = word(0) >> 16 != 0
    let (type, length) = isSmall ? (word(0) & 0xFFFF, word(0) >> 16) : (word(0), word(1))
    let padded = isSmall ? 0 : (length + 7) / 8 * 8
    defer { parts += 1 }
    switch parts {
    case 0...1 where parts == 0 || kind != Self.opaque:
      // Flags and dimensions are looked at, and are never small.
      isWrong = isSmall || length < 8 || length > 512
      (part, wanted, partLength) = (parts, padded, length)
    case 1, 2: passed = padded
    default:
      let sizes = [1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8]
      if Self.numeric ~= kind {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: sizes[type] ?? 0)
        isWrong = overflow || sizes[type] == nil || length != bytes
      } else if kind == Self.sparse, parts == 4 {
        isWrong = length != 4 * (columns + 1)
      } else if kind == Self.sparse, isComplex, parts > 4 {
        let (numbers, rest) = length.quotientAndRemainder(dividingBy: sizes[type] ?? .max)
        isWrong = sizes[type] == nil || rest != 0 || parts > 5 && numbers != realNumbers
        realNumbers = numbers
      }
      passed = padded
      // The last padding of a variable may be left out of its length.
      if let left, passed > left, length <= left { passed = left }
    }
  }

  private mutating func look(at number: Int) {
    (part, wanted) = (nil, 8)
    if number == 0 {
      kind = word(0) & 0xFF
      isComplex = word(0) & 0x0800 != 0
    } else {
      for index in 0..<partLength / 4 {
        let (product, overflow) = count.multipliedReportingOverflow(by: word(index))
        isWrong = isWrong || overflow
        count = product
      }
      columns = word(1)
    }
  }
}
