import Glibc
import MatrixFiles
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@Suite struct NumPyReadTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  /// Every element type, with the same numbers in row-major order.
  static let types: [(code: String, data: [UInt8])] = {
    let numbers = [0.0, 1, 2, 3, 4, 127]
    var types: [(String, [UInt8])] = []
    for (mark, isBigEndian) in [("<", false), (">", true), ("=", false), ("|", false), ("", false)]
    {
      func add<Number: FixedWidthInteger>(_ name: String, _ convert: (Double) -> Number) {
        types.append((mark + name, encoded(numbers.map(convert), isBigEndian: isBigEndian)))
      }
      add("f4") { Float($0).bitPattern }
      add("f8") { $0.bitPattern }
      add("i1") { Int8($0) }
      add("i2") { Int16($0) }
      add("i4") { Int32($0) }
      add("i8") { Int64($0) }
      add("u1") { UInt8($0) }
      add("u2") { UInt16($0) }
      add("u4") { UInt32($0) }
      add("u8") { UInt64($0) }
    }
    return types
  }()

  @Test(arguments: types, [1, 2, 3] as [UInt8])
  func readsEveryTypeAndOrder(type: (code: String, data: [UInt8]), version: UInt8) throws {
    var file = NumPyBytes(version: version, code: type.code, data: type.data)
    let byRows = try MatrixFile.read(try folder.file("c.npy", file.bytes))
    file.order = "True"
    let byColumns = try MatrixFile.read(try folder.file("f.npy", file.bytes))

    let values = [0.0, 1, 2, 3, 4, 127]
    for matrix in [byRows, byColumns] {
      #expect(matrix.rows == 2)
      #expect(matrix.columns == 3)
      #expect(matrix.precision == (type.code.hasSuffix("f4") ? .single : .double))
    }
    for i in 0..<2 {
      for j in 0..<3 {
        #expect(byRows[i, j] == values[i * 3 + j])
        #expect(byColumns[i, j] == values[i + j * 2])
      }
    }
    let isFloat = type.code.hasSuffix("f4") || type.code.hasSuffix("f8")
    #expect(byColumns.isMapped == (isFloat && !type.code.hasPrefix(">")))
    #expect(!byRows.isMapped)
  }

  @Test func readsSignsAndExtremes() throws {
    let signed = NumPyBytes(
      code: "<i8", shape: "(3,)", data: encoded([Int64.min, -1, Int64.max]))
    #expect(
      try MatrixFile.readVector(try folder.file("i8.npy", signed.bytes)) == [-0x1p63, -1, 0x1p63])
    let unsigned = NumPyBytes(code: "<u8", shape: "(1,)", data: encoded([UInt64.max]))
    #expect(try MatrixFile.readVector(try folder.file("u8.npy", unsigned.bytes)) == [0x1p64])
    let truths = NumPyBytes(code: "|b1", shape: "(3,)", data: [0, 1, 2])
    #expect(try MatrixFile.readVector(try folder.file("b1.npy", truths.bytes)) == [0, 1, 1])
    let odd = NumPyBytes(
      shape: "(3,)", data: encoded(doubles: [.infinity, -.leastNonzeroMagnitude, -0.0]))
    let read = try MatrixFile.readVector(try folder.file("odd.npy", odd.bytes))
    #expect(read.map(\.bitPattern) == [.infinity, -.leastNonzeroMagnitude, -0.0].map(\.bitPattern))
  }

  @Test(arguments: awkwardShapes)
  func bothOrdersAreTheSameMatrix(shape: (rows: Int, columns: Int)) throws {
    let (m, n) = shape
    var generator = SeededGenerator(seed: 7)
    let numbers = generator.symmetric(m * n)
    var file = NumPyBytes(shape: "(\(m), \(n))")
    file.data = encoded(doubles: numbers)
    let byRows = try MatrixFile.read(try folder.file("c.npy", file.bytes))
    file.order = "True"
    file.data = encoded(doubles: (0..<m * n).map { numbers[$0 % m * n + $0 / m] })
    let byColumns = try MatrixFile.read(try folder.file("f.npy", file.bytes))
    #expect(byColumns.isMapped)
    #expect(byRows.isMapped == (m == 1 || n == 1))
    #expect(
      (0..<m).allSatisfy { i in
        (0..<n).allSatisfy {
          byRows[i, $0] == numbers[i * n + $0] && byColumns[i, $0] == byRows[i, $0]
        }
      })
  }

  @Test func copiesWhatIsMisaligned() throws {
    let values = [1.0, 2, 3, 4, 5, 6]
    var file = NumPyBytes(order: "True", data: encoded(doubles: values))
    file.dictionary = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3)}"
    for alignment in [61, 8] {
      file.alignment = alignment
      let matrix = try MatrixFile.read(try folder.file("\(alignment).npy", file.bytes))
      #expect(matrix.isMapped == (alignment == 8))
      #expect((0..<6).map { matrix[$0 % 2, $0 / 2] } == values)
    }
  }

  @Test(arguments: [
    "{\"shape\": (2, 3), \"fortran_order\": False, \"descr\": \"<f8\"}",
    "{'shape':(2,3),'descr':'<f8','fortran_order':False,}",
    " { 'descr' :\t'<f8' , 'fortran_order' : False , 'shape' : ( 2 , 3 , ) , } ",
  ])
  func toleratesSpelling(dictionary: String) throws {
    let file = NumPyBytes(dictionary: dictionary, data: encoded(doubles: [1, 2, 3, 4, 5, 6]))
    let matrix = try MatrixFile.read(try folder.file("a.npy", file.bytes))
    #expect([matrix[0, 2], matrix[1, 0]] == [3, 4])
  }

  @Test func mapOutlivesItsName() throws {
    var file = NumPyBytes(order: "True", shape: "(1000, 3)")
    file.data = encoded(doubles: (0..<3000).map(Double.init))
    let path = try folder.file("a.npy", file.bytes)
    let matrix = try MatrixFile.read(path)
    #expect(unlink(path) == 0)
    #expect(matrix[999, 2] == 2999)
  }

  @Test(arguments: ["(4,)", "(4, 1)", "(1, 4)"])
  func readsVectors(shape: String) throws {
    let file = NumPyBytes(shape: shape, data: encoded(doubles: [4, 3, 2, 1]))
    #expect(try MatrixFile.readVector(try folder.file("v.npy", file.bytes)) == [4, 3, 2, 1])
  }

  @Test func refusesAMatrixAsAVector() throws {
    let file = NumPyBytes(data: encoded(doubles: [1, 2, 3, 4, 5, 6]))
    let path = try folder.file("a.npy", file.bytes)
    #expect(
      throws: FileError.malformed(
        path: path, position: nil, expected: "a vector: one row or one column",
        found: "2 × 3 numbers")
    ) { try MatrixFile.readVector(path) }
  }
}
