import MatrixFiles
import TestSupport
import Testing

@Suite struct NumPyRefusalTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  @Test(arguments: [
    ("<c32", "complex numbers of another size (\"<c32\")"),
    ("|O", "Python objects (\"|O\")"), ("O", "Python objects (\"O\")"),
    ("|S5", "text (\"|S5\")"), ("<U7", "text (\"<U7\")"), ("|V16", "records (\"|V16\")"),
    ("<M8[ns]", "dates or times (\"<M8[ns]\")"),
    ("<f3", "floating point of another size (\"<f3\")"),
    ("<f16", "floating point of another size (\"<f16\")"), ("", "an unknown type (\"\")"),
    ("<<f8", "an unknown type (\"<<f8\")"),
  ])
  func refusesOtherTypesByName(code: String, name: String) throws {
    try refuses(
      NumPyBytes(code: code, data: encoded(doubles: [1, 2, 3, 4, 5, 6])),
      Refusal(
        expected: "real numbers: f2 to f8, i1 to i8, u1 to u8 or b1", found: name,
        isUnsupported: true))
  }

  @Test(arguments: ["<c8", ">c8", "<c16", ">c16", "=c16", "c16"])
  func refusesComplexNumbersByName(code: String) throws {
    try refuses(
      NumPyBytes(code: code, data: encoded(doubles: [1, 2, 3, 4, 5, 6])),
      Refusal(
        expected: "real numbers", found: "complex numbers (\"\(code)\")", isUnsupported: true))
  }

  @Test func refusesStructures() throws {
    try refuses(
      NumPyBytes(
        dictionary: "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",
        data: encoded(doubles: [1])),
      Refusal(
        expected: "real numbers: f2 to f8, i1 to i8, u1 to u8 or b1", found: "a structured type",
        isUnsupported: true))
  }

  static let shapes: [(shape: String, expected: String, found: String)] = [
    ("(-2, 3)", "a dimension from 0 to 9223372036854775807 in the header", "\"-2, 3), }\\x0a\""),
    ("(2, 3", "a dimension from 0 to 9223372036854775807 in the header", "\"}\\x0a\""),
    ("(6)", "',' in the header", "\"), }\\x0a\""),
    ("6", "'(' in the header", "\"6, }\\x0a\""),
    ("(2.0, 3)", "',' in the header", "\".0, 3), }\\x0a\""),
    ("()", "an array of 1 or 2 dimensions", "0 dimensions"),
    ("(1, 2, 3)", "an array of 1 or 2 dimensions", "3 dimensions"),
    (
      "(" + String(repeating: "1,", count: 65) + ")", "at most 64 dimensions in the header",
      "\"1,), }\\x0a\""
    ),
    ("(0,)", "at least one row and one column", "0 × 1"),
    ("(3, 0)", "at least one row and one column", "3 × 0"),
    (
      "(99999999999999999999, 3)",
      "a dimension from 0 to 9223372036854775807 in the header", "\"99999999999999999999, 3)…\""
    ),
    (
      "(9223372036854775807, 2)", "a matrix that memory can address", "9223372036854775807 × 2"
    ),
    (
      "(4294967296, 536870912)", "a matrix that memory can address", "4294967296 × 536870912"
    ),
    ("(2, 2)", "32 bytes of data for shape 2 × 2", "48"),
    ("(2, 4)", "64 bytes of data for shape 2 × 4", "48"),
    (
      "(1000000, 1000000)", "8000000000000 bytes of data for shape 1000000 × 1000000", "48"
    ),
  ]

  @Test(arguments: shapes)
  func refusesShapes(shape: String, expected: String, found: String) throws {
    try refuses(
      NumPyBytes(shape: shape, alignment: 1, data: encoded(doubles: [1, 2, 3, 4, 5, 6])),
      Refusal(expected: expected, found: found))
  }

  static let dictionaries: [(dictionary: String, expected: String, found: String)] = [
    (
      "{'descr': '<f8', 'fortran_order': False}", "the keys 'descr', 'fortran_order' and 'shape'",
      "not all of them"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}",
      "the keys 'descr', 'fortran_order' and 'shape', once each", "\"more\""
    ),
    (
      "{'descr': '<f8', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
      "the keys 'descr', 'fortran_order' and 'shape', once each", "\"descr\""
    ),
    (
      "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}", "True or False in the header",
      "\"0, 'shape': (1,)}\\x0a\""
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} 1", "nothing more in the header",
      "\"1\\x0a\""
    ),
    ("{'descr", "a string in the header", "\"'descr\\x0a\""),
    ("{'de\\x73cr': '<f8'}", "a string in the header", "\"'de\\x73cr': '<f8'}\\x0a\""),
    ("", "'{' in the header", "its end"),
  ]

  @Test(arguments: dictionaries)
  func refusesDictionaries(dictionary: String, expected: String, found: String) throws {
    try refuses(
      NumPyBytes(dictionary: dictionary, alignment: 1, data: encoded(doubles: [1])),
      Refusal(expected: expected, found: found))
  }

  @Test func refusesLengthsBeyondTheFile() throws {
    try refuses(
      NumPyBytes(
        version: 2, claimedLength: 0xFFFF_FFFF, data: encoded(doubles: [1, 2, 3, 4, 5, 6])),
      Refusal(expected: "a header of 4294967295 bytes", found: "164 bytes"))
    let path = try folder.file("short.npy", NumPyBytes().bytes.prefix(9))
    #expect(throws: Refusal(expected: "a .npy header", found: "9 bytes").error(path)) {
      try MatrixFile.read(path)
    }
  }

  @Test(arguments: [0, 4, 255] as [UInt8])
  func refusesOtherVersions(version: UInt8) throws {
    try refuses(
      NumPyBytes(version: version),
      Refusal(
        expected: ".npy format version 1.0, 2.0 or 3.0", found: "version \(version).0",
        isUnsupported: true))
  }

  private func refuses(_ file: NumPyBytes, _ refusal: Refusal) throws {
    let path = try folder.file("a.npy", file.bytes)
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path) }
  }
}
