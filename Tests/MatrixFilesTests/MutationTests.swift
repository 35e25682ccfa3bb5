import MatrixFiles
import SparseCore
import SyntheticProblems
import TestSupport
import Testing

/// Damaged files are refused with an error or read as a matrix; they never trap.
@Suite struct MutationTests {
  static let originals: [[UInt8]] = [
    NumPyBytes(data: encoded(doubles: [1, 2, 3, 4, 5, 6])).bytes,
    NumPyBytes(
      version: 2, code: ">i4", order: "True", data: encoded([1, 2, 3, 4, 5, 6] as [Int32])
    )
    .bytes,
    NumPyBytes(version: 3, code: "|u1", shape: "(6,)", alignment: 1, data: [1, 2, 3, 4, 5, 6])
      .bytes,
    Array(
      "%%MatrixMarket matrix coordinate real general\n% x\n3 4 3\n1 1 1.5\n2 4 -2\n3 1 7\n".utf8),
    Array("%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n".utf8),
    NumPyBytes(code: "<c16", shape: "(3,)", data: encoded(doubles: [1, 2, 3, 4, 5, 6])).bytes,
    NumPyBytes(code: ">c8", data: encoded([UInt32](0..<12))).bytes,
    Array(
      "%%MatrixMarket matrix coordinate complex hermitian\n3 3 3\n1 1 1.5 0\n3 1 7 -2\n2 1 1 1\n"
        .utf8),
    Array("%%MatrixMarket matrix array complex skew-symmetric\n2 2\n1 2\n".utf8),
    Array("1.5,2,nan\n-4,5e3,6\n".utf8),
    Array("1 2 3\n 4 5 6".utf8),
  ]

  @Test(arguments: originals.indices)
  func damagedFilesNeverTrap(index: Int) throws {
    let folder = TemporaryFolder()
    let original = Self.originals[index]
    var generator = SeededGenerator(seed: UInt64(index))
    var read = 0
    for _ in 0..<1500 {
      let path = try folder.file("a", mutate(original, &generator))
      do throws(FileError) {
        let complex = try MatrixFile.readComplex(path)
        let matrix = if let complex { complex } else { try MatrixFile.read(path) }
        #expect(matrix.rows > 0 && matrix.columns > 0)
        _ = matrix[matrix.rows - 1, matrix.columns - 1]
        read += 1
      } catch {
        #expect(error.kind == .data)
        #expect(!error.description.contains { $0.isNewline })
      }
    }
    // Some damage is harmless, or the files were not what this test takes them for.
    #expect(read > 0)
  }

  /// Changes up to four bytes, often to ones that mean something, and cuts or grows some files.
  private func mutate(_ original: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    let telling = Array("0123456789-+.,;()[]{}'\"<>=| \n\t%einfaxTFO\\\0".utf8)
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(telling.randomElement(using: &generator) ?? 0, at: place)
      case 3 where bytes.count > 1: bytes.removeSubrange(max(place, 1)...)
      default: bytes[place] = telling.randomElement(using: &generator) ?? 0
      }
      if bytes.isEmpty { bytes = original }
    }
    return bytes
  }
}
