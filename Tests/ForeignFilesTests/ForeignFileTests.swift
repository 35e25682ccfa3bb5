import Foundation
import MatrixFiles
import MemoryFiles
import SparseCore
import TestSupport
import Testing

@testable import ForeignFiles

/// Files that zlib and libmatio unpack, in this process.
@Suite struct ForeignFileTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  /// The files that Fixtures/make.py wrote by SciPy, and one by libmatio.
  private static func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name)").path
  }

  private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: folder(name)))
    return folder(name)
  }

  private func rows(_ matrix: DenseMatrix) -> [[Double]] {
    (0..<matrix.rows).map { i in (0..<matrix.columns).map { matrix[i, $0] } }
  }

  private static let a: [[Double]] = [[1.5, -2, 0], [3, 4.25, 1e300]]
  private static let sparse: [[Double]] = [[0, 5, 0], [0, 0, 0], [-2.5, 0, 1]]

  static let read: [(name: String, rows: [[Double]], guesses: [FileGuess])] = [
    ("v4.mat:A", a, []), ("v4.mat:y", [[7], [8]], []), ("v5.mat:A", a, []), ("one.mat", a, []),
    ("v73.mat:A", a, []), ("v73.mat:y", [[7], [8]], []), ("v5.mat:i", [[1, -2], [3, 127]], []),
    ("v5.mat:b", [[1, 0]], []), ("v5.mat:f", [[1.5, -2], [3, 4.25]], []),
    ("v5.mat:S", sparse, [.sparse("MATLAB")]), ("v73.mat:S", sparse, [.sparse("MATLAB")]),
    ("sparse.mat", sparse, [.sparse("MATLAB")]), ("deflated.npz", a, [.sparse("csr")]),
    ("two.npz:A", a, []), ("two.npz:y.npy", [[7], [8]], []),
  ]

  @Test(arguments: read)
  func areRead(name: String, expected: [[Double]], guesses: [FileGuess]) throws {
    let reading = try ForeignFile.reading(Self.fixture(name))
    #expect(rows(reading.contents) == expected)
    #expect(reading.guesses == guesses)
    #expect(reading.path == Self.fixture(name))
    #expect(try ForeignFile.read(Self.fixture(name)).columns == expected[0].count)
    let isSingle = name == "v5.mat:f" || name == "v73.mat:y"
    #expect(reading.contents.precision == (isSingle ? .single : .double))
  }

  private static let all =
    "A 2 × 3, y 2 × 1, z 2 × 3 (complex), S 3 × 3 (sparse), i 2 × 2, b 1 × 2, f 2 × 2, text 1 × 5 (char), …"
  private static let one = "one matrix of numbers, or FILE.mat:NAME with the name of one"
  private static let numbers = "a matrix of numbers"

  static let refused: [(name: String, expected: String, found: String)] = [
    ("v4.mat", one, "A 2 × 3, y 2 × 1"), ("v5.mat", one, all),
    ("none.mat", one, "text 1 × 5 (char)"), ("v4.mat:q", "a variable q", "A 2 × 3, y 2 × 1"),
    ("v5.mat:z", "real numbers", "complex numbers (\"<c16\")"),
    ("v5.mat:c", numbers, "c 1 × 2 (cell)"),
    ("v5.mat:s", numbers, "s 1 × 1 (struct)"), ("v5.mat:text", numbers, "text 1 × 5 (char)"),
    ("v5.mat:cube", numbers, "cube 2 × 2 × 2"), ("v5.mat:empty", numbers, "empty 0 × 3"),
    ("v73.mat:t", numbers, "t 1 × 2 (char)"),
    (
      "two.npz", "one array, or FILE.npz:NAME with the name of one", "\"A.npy\", \"y.npy\""
    ),
    ("two.npz:q", "one array called \"q\"", "\"A.npy\", \"y.npy\""),
  ]

  @Test(arguments: refused) func areRefused(name: String, expected: String, found: String) throws {
    let error = #expect(throws: FileError.self) { try ForeignFile.read(Self.fixture(name)) }
    switch error {
    case .malformed(let path, nil, expected, found), .unsupported(let path, expected, found):
      #expect(Self.fixture(name).hasPrefix(path))
    default: Issue.record("\(String(describing: error))")
    }
  }

  /// Without the library they are refused by name.
  @Test func theCoreReadsNone() throws {
    for name in ["v4.mat:A", "v5.mat", "v73.mat", "two.npz:A"] {
      let error = #expect(throws: FileError.self) { try MatrixFile.read(Self.fixture(name)) }
      guard case .unsupported = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  // MARK: MATLAB

  /// What is cut off, or not as long as it says, is not filled with zeros.
  @Test(arguments: ["v4.mat", "v5.mat", "one.mat", "sparse.mat", "v73.mat"])
  func whatIsNotWholeIsRefused(name: String) throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Self.fixture(name))))
    let member = ["one.mat", "sparse.mat"].contains(name) ? "" : ":A"
    for count in stride(from: 129, to: whole.count - 7, by: 7) where whole.count > 129 {
      let path = try file("cut.mat", Array(whole.prefix(count)))
      // The end of an element is where a shorter file may end.
      guard let read = try? ForeignFile.read(path + member) else { continue }
      #expect(name == "v5.mat" && rows(read) == Self.a, "\(count)")
    }
    for count in [40, 69] where name == "v4.mat" {
      let path = try file("cut.mat", Array(whole.prefix(count)))
      #expect(throws: FileError.self) { try ForeignFile.read(path + member) }
    }
  }

  /// One bit of a compressed variable: some bits of the tables of deflate say nothing.
  @Test func changedBitsChangeNothingSilently() throws {
    var refused = 0
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Self.fixture("one.mat"))))
    for place in stride(from: 136, to: whole.count, by: 5) {
      var bytes = whole
      bytes[place] ^= 4
      let path = try file("bit.mat", bytes)
      if let matrix = try? ForeignFile.read(path) {
        #expect(rows(matrix) == Self.a, "\(place)")
      } else {
        refused += 1
      }
    }
    #expect(refused > 15)
  }

  /// What begins as such a file and is text.
  @Test(arguments: ["\u{1F}\u{8B}", "MATLAB 5.0 MAT-file\n", "MATLAB 7.3 MAT-file\n"])
  func textThatPretendsIsRefused(beginning: String) throws {
    let magic = beginning.first == "M" ? Array(beginning.utf8) : [0x1F, 0x8B]
    for lines in [1, 100] {
      let path = try file("text", magic + String(repeating: "1,2\n", count: lines).utf8)
      let error = #expect(throws: FileError.self) { try ForeignFile.read(path) }
      guard case .malformed(path, nil, _, let found) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      try promiseOneLine(found)
    }
  }

  @Test func shapesBeyondTheFileAreRefused() throws {
    let path = Self.fixture("large.mat")
    let error = FileError.malformed(
      path: path, position: nil, expected: "a whole variable at byte 128",
      found: "one that is damaged or cut off")
    #expect(throws: error) { try ForeignFile.read(path + ":A") }
  }

  // MARK: gzip

  @Test(arguments: [1, 2, 65_535, 65_536, 300_001]) func compressedTextIsRead(size: Int) throws {
    let text = String(repeating: "7\n", count: size / 2) + (size % 2 == 0 ? "" : "8")
    let path = try file("a.csv.gz", GzipBytes(text.utf8).bytes)
    let vector = try #require(try ForeignFile.read(path).vector)
    #expect(vector.count == (size + 1) / 2)
    #expect(vector.reduce(0, +) == Double(size / 2 * 7 + size % 2 * 8))
  }

  @Test func anyFormatMayBeCompressed() throws {
    let matrix = "%%MatrixMarket matrix array real general\n2 1\n3\n4\n"
    #expect(try ForeignFile.read(file("a.mtx.gz", GzipBytes(matrix.utf8).bytes)).vector == [3, 4])
    try MatrixFile.write([5, 6], to: folder("b.npy"))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder("b.npy")))
    #expect(try ForeignFile.read(file("b.npy.gz", GzipBytes(bytes).bytes)).vector == [5, 6])
    // Members one after another, zeros behind them, and the separator that the name promises.
    let parts = GzipBytes("1\t2\n".utf8).bytes + GzipBytes("3\t4\n".utf8).bytes + [0, 0]
    let reading = try ForeignFile.reading(file("c.TSV.gz", parts))
    #expect(rows(reading.contents) == [[1, 2], [3, 4]] && reading.guesses.isEmpty)
    // Once only.
    let twice = GzipBytes(GzipBytes("1\n".utf8).bytes).bytes
    #expect(throws: FileError.self) { try ForeignFile.read(file("d.gz", twice)) }
  }

  @Test func damagedStreamsAreRefused() throws {
    let whole = GzipBytes("1,2\n3,4\n".utf8)
    for count in [3, 10, 12, whole.bytes.count - 8, whole.bytes.count - 1] {
      let path = try file("a.gz", Array(whole.bytes.prefix(count)))
      let found = FileError.malformed(
        path: path, position: nil, expected: "a whole compressed stream",
        found: "its end after \(count) bytes")
      #expect(throws: found) { try ForeignFile.read(path) }
    }
    var wrong = whole
    wrong.checksum = 1
    try expect(wrong.bytes, "incorrect data check")
    wrong = whole
    wrong.size = 1
    try expect(wrong.bytes, "incorrect length check")
    try expect(whole.bytes + [1], "its end after \(whole.bytes.count + 1) bytes")
    try expect(whole.bytes + Array("more".utf8), "incorrect header check")
    #expect(throws: FileError.self) { try ForeignFile.read(file("e.gz", GzipBytes([]).bytes)) }
  }

  private func expect(_ bytes: [UInt8], _ found: String) throws {
    let path = try file("b.gz", bytes)
    let error = FileError.malformed(
      path: path, position: nil, expected: "a whole compressed stream", found: found)
    #expect(throws: error) { try ForeignFile.read(path) }
  }

  /// What is unpacked never takes more than it may.
  @Test(
    arguments: [
      "gzip", "v5.mat:A", "v73.mat:S", "two.npz:A", "complex.mat:Z", "complex73.mat:S",
      "complex.mat:w",
    ])
  func limits(name: String) throws {
    let path =
      name == "gzip"
      ? try file("a.gz", GzipBytes((0..<1000).map { UInt8($0 % 7) }).bytes) : Self.fixture(name)
    let source = try MatrixFile.open(path)
    let format = try #require(LibraryFormat(of: source))
    for limit in [0, 47] {
      let target = try OpenFile(emptyFor: "x")
      let decoder = ForeignDecoder(format, member: source.member, limit: limit)
      let error = FileError.malformed(
        path: source.file.path, position: nil, expected: "at most \(limit) bytes once unpacked",
        found: "more")
      #expect(throws: error) {
        try decoder.decode(source.file, at: source.file.path, into: target.descriptor)
      }
      var status = stat()
      #expect(fstat(target.descriptor, &status) == 0 && status.st_size <= limit)
    }
  }

  // MARK: Archives

  /// A member whose checksum or size is wrong, in an archive that is whole beside.
  @Test(arguments: [16, 24]) func membersThatDifferAreRefused(offset: Int) throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Self.fixture("two.npz"))))
    let entry = try #require(
      bytes.indices.dropLast(4).first { bytes[$0..<$0 + 4].elementsEqual([0x50, 0x4B, 1, 2]) })
    bytes[entry + offset] ^= 1
    let path = try file("a.npz", bytes)
    let error = #expect(throws: FileError.self) { try ForeignFile.read(path + ":A") }
    guard case .malformed(path, nil, let expected, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(expected.contains("of checksum"))
  }

  // MARK: Written here

  @Test(arguments: [(1, 1), (1, 7), (7, 1), (3, 5), (33, 17)]) func writtenMatricesComeBack(
    rows: Int, columns: Int
  ) throws {
    let numbers = (0..<rows * columns).map { Double($0) * 0.37 - 2 }
    let matrix = try Matrix(rows: rows, columns: columns, columnMajor: numbers)
    let single = try Matrix(rows: rows, columns: columns, columnMajor: numbers.map(Float.init))
    for (matrix, name) in [(DenseMatrix.double(matrix), "a_1.mat"), (.single(single), "1.b.MAT")] {
      try MatrixFile.write(matrix, to: folder(name))
      let read = try ForeignFile.read(folder(name))
      #expect(self.rows(read) == self.rows(matrix) && read.precision == matrix.precision)
      let variable = name == "a_1.mat" ? "a_1" : "x"
      if name == "a_1.mat" {
        #expect(try ForeignFile.reading("\(folder(name)):\(variable)").contents.rows == rows)
      }
    }
    try MatrixFile.write(numbers, to: folder("v.mat"))
    #expect(try ForeignFile.read(folder("v.mat")).vector == numbers)
  }

  /// A file in memory that somebody may write to is not read.
  @Test func filesInMemoryAreSealed() throws {
    let file = try OpenFile(emptyFor: "x")
    #expect(write(file.descriptor, "12\n", 3) == 3)
    #expect(try MatrixFile.reading((try file.sealedContents(), nil)).contents.vector == [12])
    #expect(write(file.descriptor, "3", 1) == -1 && ftruncate(file.descriptor, 0) == -1)
  }
}
