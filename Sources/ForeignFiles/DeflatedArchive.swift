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
      try write(little(0x0403_4B50, 4) + [UInt8](repeating: 0, count: 22), &output)
      try write(little(name.count, 2) + [0, 0] + name, &output)
      let size = named.isEmpty ? 0 : try unpack(member, of: archive, into: &output)
      directory += little(0x0201_4B50, 4) + [45, 0, 45, 0] + [UInt8](repeating: 0, count: 12)
      directory += [UInt8](repeating: 0xFF, count: 8) + little(name.count, 2) + little(28, 2)
      directory += [UInt8](repeating: 0, count: 10) + [UInt8](repeating: 0xFF, count: 4)
      directory += name + little(1, 2) + little(24, 2)
      directory += little(size, 8) + little(size, 8) + little(start, 8)
    }
    let start = output.count
    try write(directory, &output)
    let end = output.count
    // The record of 64 bits, its locator, and the short record that points to them. Source: .ZIP File Format
    // Specification 6.3.10, sections 4.3.14 to 4.3.16.
    var record = little(0x0606_4B50, 4) + little(44, 8) + [45, 0, 45, 0] + little(0, 8)
    record += little(members.count, 8) + little(members.count, 8)
    record += little(directory.count, 8) + little(start, 8)
    record += little(0x0706_4B50, 4) + little(0, 4) + little(end, 8) + little(1, 4)
    record += little(0x0605_4B50, 4) + little(0, 4) + [UInt8](repeating: 0xFF, count: 12) + [0, 0]
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

  private static func little(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
