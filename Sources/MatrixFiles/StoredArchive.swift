import SparseCore

/// A .npz archive to write, as `numpy.savez` makes one: arrays stored as they are, each with its checksum.
///
/// Source: PKWARE, .ZIP File Format Specification 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
package struct StoredArchive {
  private struct Member {
    let name: [UInt8]
    let data: [UInt8]
    let checksum: UInt32
  }

  private var members: [Member] = []

  /// An archive without arrays.
  package init() {}

  /// Appends an array of doubles: one of one dimension for one column, else a column for each.
  ///
  /// - Precondition: at least one column, all of the same length.
  package mutating func append(_ name: String, columns: [[Double]]) {
    append(name, columns: columns, parts: 1)
  }

  /// Appends an array of complex numbers of doubles: one of one dimension for one column, else a column for each.
  ///
  /// - Parameter columns: each the real and the imaginary part of its first number, of its second, and so on.
  /// - Precondition: at least one column, all of the same even length.
  package mutating func append(_ name: String, complexColumns columns: [[Double]]) {
    append(name, columns: columns, parts: 2)
  }

  private mutating func append(_ name: String, columns: [[Double]], parts: Int) {
    let shape = [columns[0].count / parts] + (columns.count == 1 ? [] : [columns.count])
    append(
      name, code: NumPyFile.code(of: .double, parts: parts), shape: shape,
      columns.lazy.flatMap { $0.map(\.bitPattern) })
  }

  /// Appends an array of one dimension, of integers of 64 bits.
  package mutating func append(_ name: String, integers: [Int]) {
    append(
      name, code: "i8", shape: [integers.count], integers.map { UInt64(bitPattern: Int64($0)) })
  }

  private mutating func append(
    _ name: String, code: String, shape: [Int], _ words: some Sequence<UInt64>
  ) {
    var data = NumPyFile.head(code: code, shape: shape)
    for word in words { withUnsafeBytes(of: word) { data.append(contentsOf: $0) } }
    members.append(
      Member(name: Array("\(name).npy".utf8), data: data, checksum: CRC32.checksum(data)))
  }

  /// Writes the archive, atomically.
  ///
  /// - Parameter replacing: whether a file that exists is replaced; else it is an error.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``, also for 4 GiB and more.
  package func write(to path: String, replacing: Bool = true) throws(FileError) {
    let size = members.reduce(0) { $0 + $1.data.count + 2 * $1.name.count + 76 }
    guard size < UInt32.max else {
      throw .cannotWrite(path: path, reason: "\(size) bytes are too many for a .npz archive")
    }
    try AtomicFile.write(to: path, replacing: replacing) { (sink) throws(FileError) in
      var offset = 0
      var directory: [UInt8] = []
      for member in members {
        // Version 2.0, no flags, stored; 1 January 1980, as zip counts days.
        let facts =
          littleEndian(20, 0, 0, 0, 1 << 5 | 1, bytes: 2)
          + littleEndian(Int(member.checksum), member.data.count, member.data.count, bytes: 4)
          + littleEndian(member.name.count, 0, bytes: 2)
        try sink.write("PK\u{3}\u{4}")
        try sink.write(facts + member.name)
        try sink.write(member.data)
        directory +=
          Array("PK\u{1}\u{2}".utf8) + littleEndian(20, bytes: 2) + facts
          + [UInt8](repeating: 0, count: 10) + littleEndian(offset, bytes: 4) + member.name
        offset += 4 + facts.count + member.name.count + member.data.count
      }
      try sink.write(directory)
      try sink.write("PK\u{5}\u{6}")
      try sink.write(
        littleEndian(0, 0, members.count, members.count, bytes: 2)
          + littleEndian(directory.count, offset, bytes: 4)
          + [0, 0])
    }
  }
}

/// The checksum of zip archives: ISO 3309, polynomial EDB88320 with its bits reversed.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1) &* 0xEDB8_8320 }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }
}
