import SparseCore
import TestSupport
import Testing

@testable import MatrixFiles

/// Coordinate files, whose dense matrices may be larger than what the files hold.
@Suite struct MemoryLimitTests {
  /// Reads a file of `entries` ones at its first place.
  private func read(_ rows: Int, _ columns: Int, entries: Int, limit: Int) throws -> DenseMatrix {
    let banner = "%%MatrixMarket matrix coordinate real general\n"
    let text =
      "\(banner)\(rows) \(columns) \(entries)\n" + String(repeating: "1 1 1\n", count: entries)
    return try Array(text.utf8).withUnsafeBytes { bytes in
      try MatrixFile.reading((FileContents(path: "a", bytes: bytes, memoryLimit: limit), nil))
        .contents
    }
  }

  private func refusal(of rows: Int, _ columns: Int, limit: Int) -> FileError {
    Refusal(
      expected: "a matrix that fits into \(limit) bytes of memory",
      found: "\(rows) × \(columns) numbers of 8 bytes"
    ).error("a")
  }

  @Test func theMatrixFitsIntoMemory() throws {
    #expect(throws: refusal(of: 1000, 1000, limit: 7_999_999)) {
      try read(1000, 1000, entries: 0, limit: 7_999_999)
    }
    #expect(try read(1000, 1000, entries: 1, limit: 8_000_000)[0, 0] == 1)
  }

  /// What passes here is refused for its memory, which is looked at last.
  @Test(arguments: [(4096, 8192, 0), (10_000, 10_000, 1000), (10_000, 1_000_000, 100_000)])
  func emptyEnough(rows: Int, columns: Int, entries: Int) {
    #expect(throws: refusal(of: rows, columns, limit: 1)) {
      try read(rows, columns, entries: entries, limit: 1)
    }
  }

  @Test(arguments: [(4096, 8193, 0), (10_000, 10_000, 999), (1_000_000_000, 100_000_000, 5)])
  func tooEmpty(rows: Int, columns: Int, entries: Int) {
    let refusal = Refusal(
      TextPosition(line: 2), expected: "an entry for every 100000 numbers or fewer",
      found: "\(entries) for \(rows) × \(columns)")
    #expect(throws: refusal.error("a")) {
      try read(rows, columns, entries: entries, limit: .max)
    }
  }
}
