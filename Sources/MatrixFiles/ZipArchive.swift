/// The members of a zip archive, found by its central directory.
///
/// Nothing is unpacked and nothing is written: a stored member is a range of the archive's bytes. Sizes of
/// 64 bits are read where the directory has them. Source: PKWARE, .ZIP File Format Specification
/// 6.3.10, sections 4.3 and 4.5.3.
package struct ZipArchive {
  /// One entry of the directory.
  package struct Member: Sendable {
    /// Where the name stands in the archive.
    package let name: Range<Int>
    /// 0 where the member is stored as it is, 8 where it is deflated.
    package let method: UInt16
    let isEncrypted: Bool
    /// The CRC-32 of what the member holds.
    package let checksum: UInt32
    fileprivate let storedSize: UInt64
    /// The bytes of what the member holds.
    package let size: UInt64
    fileprivate let headerOffset: UInt64
  }

  package let file: FileContents
  package let members: [Member]

  /// Reads the directory: 64 bytes of memory a member, which takes 46 or more in the archive.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``.
  package init(_ file: FileContents) throws(FileError) {
    self.file = file
    let directory = try ZipDirectory(file)
    var offset = directory.range.lowerBound
    var members: [Member] = []
    members.reserveCapacity(directory.range.count / Self.shortestEntry)
    while offset < directory.range.upperBound {
      let (member, next) = try Self.entry(of: file, at: offset, end: directory.range.upperBound)
      members.append(member)
      offset = next
    }
    guard members.count == directory.count else {
      throw file.malformed(
        expected: "\(directory.count) members", found: "\(members.count) in the directory")
    }
    self.members = members
  }

  /// The arrays of this name, with or without its ending, or all where that is nil. Takes no memory.
  package func arrays(called name: String?) -> LazyFilterSequence<[Member]> {
    let file = file
    return members.lazy.filter { member in
      let bytes = file.bytes[member.name]
      guard let name else { return bytes.suffix(4).elementsEqual(".npy".utf8) }
      return bytes.elementsEqual(name.utf8) || bytes.elementsEqual("\(name).npy".utf8)
    }
  }

  /// Where a member lies as it is stored, behind its local header.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``, also where a member that is not compressed is
  ///   of another size than it has stored.
  package func data(of member: Member) throws(FileError) -> Range<Int> {
    guard let start = Int(exactly: member.headerOffset),
      file.number(at: start, UInt32.self) == 0x0403_4B50,
      let nameLength = file.number(at: start + 26, UInt16.self),
      let extraLength = file.number(at: start + 28, UInt16.self)
    else {
      throw file.malformed(
        expected: "a member's header at byte \(member.headerOffset)", found: "none")
    }
    let first = start + 30 + Int(nameLength) + Int(extraLength)
    guard member.size == member.storedSize || member.method != 0, first <= file.bytes.count,
      member.storedSize <= UInt64(file.bytes.count - first)
    else {
      throw file.malformed(
        expected: "\(member.size) bytes stored at byte \(first)",
        found: "\(member.storedSize) declared, \(max(file.bytes.count - first, 0)) in the file")
    }
    return first..<first + Int(member.storedSize)
  }

  /// How an archive starts, with a member or without any.
  static let magics: [[UInt8]] = ["PK".utf8 + [3, 4], "PK".utf8 + [5, 6]]

  /// The bytes of a directory entry without a name.
  private static let shortestEntry = 46

  private static func entry(
    of file: FileContents, at offset: Int, end: Int
  ) throws(FileError) -> (Member, next: Int) {
    guard end - offset >= shortestEntry, file.number(at: offset, UInt32.self) == 0x0201_4B50,
      let flags = file.number(at: offset + 8, UInt16.self),
      let method = file.number(at: offset + 10, UInt16.self),
      let checksum = file.number(at: offset + 16, UInt32.self),
      let storedSize = file.number(at: offset + 20, UInt32.self),
      let size = file.number(at: offset + 24, UInt32.self),
      let nameLength = file.number(at: offset + 28, UInt16.self),
      let extraLength = file.number(at: offset + 30, UInt16.self),
      let commentLength = file.number(at: offset + 32, UInt16.self),
      let headerOffset = file.number(at: offset + 42, UInt32.self)
    else { throw file.malformed(expected: "a directory entry at byte \(offset)", found: "none") }
    let name = offset + shortestEntry..<offset + shortestEntry + Int(nameLength)
    let extra = name.upperBound..<name.upperBound + Int(extraLength)
    let next = extra.upperBound + Int(commentLength)
    guard next <= end else {
      throw file.malformed(
        expected: "a directory entry up to byte \(next)", found: "\(end) bytes")
    }
    var wide = WideSizes(file, extra)
    // The field lists what did not fit in this order.
    let wideSize = try wide.value(size)
    let wideStoredSize = try wide.value(storedSize)
    let member = Member(
      name: name, method: method, isEncrypted: flags & 1 != 0, checksum: checksum,
      storedSize: wideStoredSize, size: wideSize, headerOffset: try wide.value(headerOffset))
    return (member, next)
  }
}

/// Where the central directory of a zip archive lies.
private struct ZipDirectory {
  let range: Range<Int>
  /// The number of members that it claims to list.
  let count: UInt64

  /// Finds the record at the end of the archive, which a comment may follow.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``.
  init(_ file: FileContents) throws(FileError) {
    let size = file.bytes.count
    let candidates = stride(from: size - 22, through: max(0, size - 22 - 0xFFFF), by: -1)
    guard
      let end = candidates.first(where: {
        file.number(at: $0, UInt32.self) == 0x0605_4B50
          && file.number(at: $0 + 20, UInt16.self).map(Int.init) == size - $0 - 22
      }),
      let shortCount = file.number(at: end + 10, UInt16.self),
      let shortSize = file.number(at: end + 12, UInt32.self),
      let shortStart = file.number(at: end + 16, UInt32.self)
    else { throw file.malformed(expected: "the end of a zip archive", found: "none") }
    var (count, length, start) = (UInt64(shortCount), UInt64(shortSize), UInt64(shortStart))
    if shortCount == .max || shortSize == .max || shortStart == .max {
      guard let wide = Self.wideRecord(file, before: end) else {
        throw file.malformed(expected: "the 64-bit end of a zip archive", found: "none")
      }
      (count, length, start) = wide
    }
    let (stop, overflow) = start.addingReportingOverflow(length)
    guard !overflow, stop <= end else {
      throw file.malformed(
        expected: "\(length) bytes of directory at byte \(start)", found: "\(size) bytes")
    }
    range = Int(start)..<Int(stop)
    self.count = count
  }

  /// The number, length and start of the directory, in 64 bits, found by the locator before `end`.
  private static func wideRecord(
    _ file: FileContents, before end: Int
  ) -> (count: UInt64, length: UInt64, start: UInt64)? {
    guard file.number(at: end - 20, UInt32.self) == 0x0706_4B50,
      let place = file.number(at: end - 12, UInt64.self), let offset = Int(exactly: place),
      file.number(at: offset, UInt32.self) == 0x0606_4B50,
      let count = file.number(at: offset + 32, UInt64.self),
      let length = file.number(at: offset + 40, UInt64.self),
      let start = file.number(at: offset + 48, UInt64.self)
    else { return nil }
    return (count, length, start)
  }
}

/// The 64-bit values of a directory entry, which stand in an extra field in a fixed order, each only
/// where its 32-bit field is full of ones.
private struct WideSizes {
  private let file: FileContents
  private var offset = 0
  private var end = 0

  /// Finds the field with the tag 1 among the extra fields in `extra`.
  init(_ file: FileContents, _ extra: Range<Int>) {
    self.file = file
    var field = extra.lowerBound
    while extra.upperBound - field >= 4, let tag = file.number(at: field, UInt16.self),
      let length = file.number(at: field + 2, UInt16.self)
    {
      let next = field + 4 + Int(length)
      if tag == 1, next <= extra.upperBound {
        (offset, end) = (field + 4, next)
        return
      }
      field = next
    }
  }

  /// `short`, or where that says so the next 64-bit value.
  mutating func value(_ short: UInt32) throws(FileError) -> UInt64 {
    guard short == .max else { return UInt64(short) }
    guard end - offset >= 8, let value = file.number(at: offset, UInt64.self) else {
      throw file.malformed(expected: "a 64-bit size in the directory", found: "none")
    }
    offset += 8
    return value
  }
}

extension FileContents {
  /// The little-endian number at `offset`, or nil where the contents do not hold it.
  func number<Number: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, _ type: Number.Type
  ) -> Number? {
    let size = MemoryLayout<Number>.size
    guard offset >= 0, bytes.count >= size, offset <= bytes.count - size else { return nil }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}
