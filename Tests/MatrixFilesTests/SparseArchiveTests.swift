import MatrixFiles
import SparseCore
import TestSupport
import Testing

/// Sparse matrices as SciPy saves them.
@Suite struct SparseArchiveTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  /// One array of integers.
  private static func integers(_ numbers: [Int], wide: Bool = false) -> [UInt8] {
    let shape = "(\(numbers.count),)"
    return wide
      ? NumPyBytes(code: "<i8", shape: shape, data: encoded(numbers.map(Int64.init))).bytes
      : NumPyBytes(code: "<i4", shape: shape, data: encoded(numbers.map(Int32.init))).bytes
  }

  private static func format(_ name: String, isText: Bool = false) -> [UInt8] {
    isText
      ? NumPyBytes(code: "<U3", shape: "()", data: encoded(name.unicodeScalars.map(\.value))).bytes
      : NumPyBytes(code: "|S3", shape: "()", data: Array(name.utf8)).bytes
  }

  private func read(
    _ arrays: [(name: String, bytes: [UInt8])]
  ) throws -> FileReading<DenseMatrix> {
    let members = arrays.map { ZipBytes.Member(name: $0.name + ".npy", data: $0.bytes) }
    return try MatrixFile.reading(
      try folder.file("s.npz", ZipBytes(members: members).bytes))
  }

  private static let values = NumPyBytes(
    shape: "(5,)", data: encoded(doubles: [5, -2.5, 1e300, 4, 0.125])
  ).bytes

  /// The matrix of all tests: rows 3, columns 4, an empty row and an empty column.
  static let dense: [[Double]] = [[0, 5, 0, -2.5], [0, 0, 0, 0], [1e300, 0, 0, 4.125]]

  static let written: [(format: String, arrays: [(String, [UInt8])])] = [
    // Entries that meet are summed, in any order.
    ("csr", [("indices", integers([1, 3, 0, 3, 3])), ("indptr", integers([0, 2, 2, 5]))]),
    (
      "coo",
      [
        ("row", integers([0, 0, 2, 2, 2], wide: true)),
        ("col", integers([1, 3, 0, 3, 3], wide: true)),
      ]
    ),
  ]

  @Test(arguments: written.indices, [false, true]) func areRead(index: Int, isText: Bool) throws {
    let (name, arrays) = Self.written[index]
    let reading = try read(
      arrays + [
        ("format", Self.format(name, isText: isText)),
        ("shape", Self.integers([3, 4], wide: true)),
        ("data", Self.values),
      ])
    expectDense(reading.contents)
    #expect(reading.guesses == [.sparse(name)])
    try promiseOneLine(reading.notices[0])
  }

  @Test func columnsAreRead() throws {
    let reading = try read([
      ("indices", Self.integers([2, 0, 0, 2, 2])), ("indptr", Self.integers([0, 1, 2, 2, 5])),
      ("format", Self.format("csc")), ("shape", Self.integers([3, 4])),
      (
        "data",
        NumPyBytes(shape: "(5,)", data: encoded(doubles: [1e300, 5, -2.5, 4, 0.125])).bytes
      ),
    ])
    expectDense(reading.contents)
  }

  /// With few nonzeros it stays sparse, and has the columns of the dense one.
  @Test(arguments: written.indices) func staySparse(index: Int) throws {
    let (name, arrays) = Self.written[index]
    let starts = [0, 2, 2] + Array(repeating: 5, count: 38)
    let members =
      (arrays.filter { $0.0 != "indptr" } + [
        ("indptr", Self.integers(starts)), ("format", Self.format(name)),
        ("shape", Self.integers([40, 50])), ("data", Self.values),
      ]).map { ZipBytes.Member(name: $0.0 + ".npy", data: $0.1) }
    let path = try folder.file("s.npz", ZipBytes(members: members).bytes)
    let sparse = try #require(try MatrixFile.readSparse(path))
    let dense = try MatrixFile.read(path)
    #expect(sparse.rows == 40 && sparse.columns == 50 && sparse.nonzeros == 4)
    for j in 0..<50 { #expect(try sparse.column(j) == dense.column(j)) }
    let reading = try #require(try MatrixFile.sparseReading(MatrixFile.open(path)))
    #expect(reading.notices == ["\(path): a sparse matrix of 4 nonzeros"])
  }

  /// A file that is to be dense is asked for no memory of a sparse one.
  @Test func denseOnesNeedNoEntries() throws {
    let arrays =
      Self.written[0].arrays + [
        ("format", Self.format("csr")), ("shape", Self.integers([3, 4])), ("data", Self.values),
      ]
    let members = arrays.map { ZipBytes.Member(name: $0.0 + ".npy", data: $0.1) }
    try ZipBytes(members: members).bytes.withUnsafeBytes { bytes in
      let file = try FileContents(path: "s.npz", bytes: bytes, memoryLimit: 3 * 4 * 8)
      let sparse = try MatrixFile.sparseReading((file, nil))
      #expect(sparse?.contents.nonzeros == nil)
      expectDense(try MatrixFile.reading((file, nil)).contents)
    }
  }

  private func expectDense(_ matrix: DenseMatrix) {
    #expect(matrix.rows == 3 && matrix.columns == 4)
    for i in 0..<3 {
      for j in 0..<4 { #expect(matrix[i, j] == Self.dense[i][j]) }
    }
  }

  static let faults: [(replaced: String, bytes: [UInt8], expected: String, found: String)] = [
    ("indices", integers([1, 4, 0, 3, 3]), "numbers from 0 to 3 in indices", "4.0"),
    ("indices", integers([1, -1, 0, 3, 3]), "numbers from 0 to 3 in indices", "-1.0"),
    ("indices", integers([1, 3, 0, 3]), "5 numbers in indices", "4"),
    ("indptr", integers([0, 2, 5]), "4 numbers in indptr", "3"),
    ("indptr", integers([0, 2, 1, 5]), "indptr in ascending order", "2 before 1"),
    ("indptr", integers([0, 2, 2, 6]), "numbers from 0 to 5 in indptr", "6.0"),
    ("shape", integers([3]), "a shape of 2 numbers", "1"),
    ("shape", integers([3, 0]), "at least one row and one column", "3 × 0"),
    ("shape", integers([-3, 4]), "numbers from 0 to \(Int.max) in shape", "-3.0"),
    (
      "shape", integers([1 << 20, 1 << 20]), "an entry for every 100000 numbers or fewer",
      "5 for 1048576 × 1048576"
    ),
    ("indices", [], "an array indices of a sparse matrix", "none"),
  ]

  @Test(arguments: faults.indices) func areRefused(index: Int) throws {
    let (name, bytes, expected, found) = Self.faults[index]
    var arrays: [(name: String, bytes: [UInt8])] = [
      ("indices", Self.integers([1, 3, 0, 3, 3])), ("indptr", Self.integers([0, 2, 2, 5])),
      ("format", Self.format("csr")), ("shape", Self.integers([3, 4])), ("data", Self.values),
    ].filter { $0.0 != name }
    if !bytes.isEmpty { arrays.append((name, bytes)) }
    let refusal = Refusal(expected: expected, found: found)
    #expect(throws: refusal.error(folder("s.npz"))) { try read(arrays) }
  }

  @Test(arguments: ["bsr", "dia"]) func otherFormatsAreRefused(name: String) throws {
    let refusal = Refusal(
      expected: "a sparse matrix in format csr, csc or coo",
      found: "\"\(name)\" (save A.tocsr())", isUnsupported: true)
    #expect(throws: refusal.error(folder("s.npz"))) {
      try read([
        ("format", Self.format(name)), ("shape", Self.integers([3, 4])), ("data", Self.values),
      ])
    }
  }
}

/// Numbers of two bytes.
@Suite struct HalfPrecisionTests {
  /// Sign, exponent and fraction. Source: IEEE 754, binary16.
  private func value(_ bits: UInt16) -> Float {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
    let magnitude: Float =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
      }
    return bits >> 15 == 0 ? magnitude : -magnitude
  }

  @Test(arguments: ["<f2", ">f2"], ["False", "True"]) func allAreRead(code: String, order: String)
    throws
  {
    let folder = TemporaryFolder()
    let all = (0...UInt16.max).map { $0 }
    let bytes = NumPyBytes(
      code: code, order: order, shape: "(256, 256)",
      data: encoded(all, isBigEndian: code.first == ">"))
    guard case .single(let matrix) = try MatrixFile.read(folder.file("h.npy", bytes.bytes)) else {
      Issue.record("not of single precision")
      return
    }
    for bits in all {
      let (first, second) = (Int(bits) / 256, Int(bits) % 256)
      let found = order == "True" ? matrix[second, first] : matrix[first, second]
      let expected = value(bits)
      #expect(found == expected || found.isNaN && expected.isNaN)
    }
  }
}
