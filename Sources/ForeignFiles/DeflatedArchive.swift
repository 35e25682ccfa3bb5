internal import CForeignFiles
import MatrixFiles

/// Archives of NumPy and SciPy with deflated members.
enum DeflatedArchive {
  /// Writes the same archive with stored members: all arrays, or the one that is named.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)``, also for a wrong checksum or size.
  static func decode(
    _ file: FileContents, member name: String?, into output: inout LimitedOutput
  ) throws(FileError) {
    let archive = try ZipArchive(file)
    let named = archive.arrays(called: name)
    var directory: [UInt8] = []
    // Where the name is not there, the reader says which are.
    let members = named.isEmpty ? archive.members : Array(named)
    for member in members {
      let start = output.count
      let name = Array(file.bytes[member.name])
      // Sizes stand in the directory, which is what the reader looks at.
      try write(littleEndian(0x0403_4B50, bytes: 4) + [UInt8](repeating: 0, count: 22), &output)
      try write(littleEndian(name.count, bytes: 2) + [0, 0] + name, &output)
      let size = named.isEmpty ? 0 : try unpack(member, of: archive, into: &output)
      directory +=
        littleEndian(0x0201_4B50, bytes: 4) + [45, 0, 45, 0] + [UInt8](repeating: 0, count: 12)
      directory +=
        [UInt8](repeating: 0xFF, count: 8) + littleEndian(name.count, 28, bytes: 2)
      directory += [UInt8](repeating: 0, count: 10) + [UInt8](repeating: 0xFF, count: 4)
      directory += name + littleEndian(1, 24, bytes: 2)
      directory +=
        littleEndian(size, size, start, bytes: 8)
    }
    let start = output.count
    try write(directory, &output)
    let end = output.count
    // The record of 64 bits, its locator, and the short record that points to them. Source: .ZIP File Format
    // Specification 6.3.10, sections 4.3.14 to 4.3.16.
    var record =
      littleEndian(0x0606_4B50, bytes: 4) + littleEndian(44, bytes: 8) + [45, 0, 45, 0]
      + littleEndian(0, bytes: 8)
    record += littleEndian(members.count, members.count, directory.count, start, bytes: 8)
    record +=
      littleEndian(0x0706_4B50, 0, bytes: 4) + littleEndian(end, bytes: 8)
      + littleEndian(1, bytes: 4)
    record +=
      littleEndian(0x0605_4B50, 0, bytes: 4)
      + [UInt8](repeating: 0xFF, count: 12) + [0, 0]
    try write(record, &output)
  }

  /// Writes what a member holds.
  ///
  /// - Returns: how many bytes that is.
  private static func unpack(
    _ member: ZipArchive.Member, of archive: ZipArchive, into output: inout LimitedOutput
  ) throws(FileError) -> Int {
    let file = archive.file
    let range = try archive.data(of: member)
    let before = output.count
    var checksum: UInt = 0
    func take(_ piece: UnsafeRawBufferPointer) throws(FileError) {
      checksum = crc32_z(
        checksum, piece.baseAddress?.assumingMemoryBound(to: Bytef.self), piece.count)
      try output.write(piece)
    }
    if member.method == 0 {
      try take(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
    } else {
      _ = try Inflater(.bare, of: file).inflate(range, take: take)
    }
    let size = output.count - before
    guard UInt64(size) == member.size, UInt32(truncatingIfNeeded: checksum) == member.checksum
    else {
      throw .malformed(
        path: file.path, position: nil,
        expected: "\(member.size) bytes of checksum \(member.checksum) in a member",
        found: "\(size) bytes of checksum \(checksum)")
    }
    return size
  }

  private static func write(_ bytes: [UInt8], _ output: inout LimitedOutput) throws(FileError) {
    var failure: FileError?
    bytes.withUnsafeBytes { bytes in
      do throws(FileError) { try output.write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
