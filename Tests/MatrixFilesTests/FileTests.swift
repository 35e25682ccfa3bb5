import Glibc
import MatrixFiles
import TestSupport
import Testing

@Suite struct FileTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  @Test func refusesWhatIsNoFile() throws {
    expect(
      folder("none.npy"), .cannotRead(path: folder("none.npy"), reason: "No such file or directory")
    )
    expect("", .cannotRead(path: "", reason: "No such file or directory"))
    expect(
      folder.path,
      .cannotRead(path: folder.path, reason: "expected a regular file, found a directory"))
    #expect(mkfifo(folder("pipe"), 0o600) == 0)
    expect(
      folder("pipe"),
      .cannotRead(path: folder("pipe"), reason: "expected a regular file, found a pipe"))
    expect(
      "/dev/zero",
      .cannotRead(path: "/dev/zero", reason: "expected a regular file, found a device"))
    let empty = try folder.file("empty.npy", "")
    expect(
      empty, .malformed(path: empty, position: nil, expected: "numbers", found: "an empty file"))
  }

  /// The suffix does not matter, only the contents.
  @Test func recognisesContents() throws {
    #expect(try MatrixFile.readVector(try folder.file("a.npy", "1,2\n")) == [1, 2])
    let bytes = NumPyBytes(shape: "(2,)", data: encoded(doubles: [1, 2])).bytes
    #expect(try MatrixFile.readVector(try folder.file("a.csv", bytes)) == [1, 2])
    let text = "%%MatrixMarket matrix array real general\n2 1\n1\n2\n"
    #expect(try MatrixFile.readVector(try folder.file("b.csv", text)) == [1, 2])
  }

  static let descriptions: [(error: FileError, text: String, kind: FileError.Kind)] = [
    (
      FileError.cannotRead(path: "a\nb", reason: "gone"), "cannot read a?b: gone",
      FileError.Kind.input
    ),
    (.cannotWrite(path: "a", reason: "full"), "cannot write a: full", .output),
    (
      .unsupported(path: "a", expected: "b", found: "c"), "a: unsupported: expected b, found c",
      .data
    ),
    (
      .malformed(path: "a", position: nil, expected: "b", found: "c"), "a: expected b, found c",
      .data
    ),
    (
      .malformed(path: "a", position: TextPosition(line: 3), expected: "b", found: "c"),
      "a, line 3: expected b, found c", .data
    ),
    (
      .malformed(path: "a", position: TextPosition(line: 3, column: 4), expected: "b", found: "c"),
      "a, line 3, column 4: expected b, found c", .data
    ),
  ]

  @Test(arguments: descriptions)
  func describesErrorsInOneLine(error: FileError, text: String, kind: FileError.Kind) {
    #expect(error.description == text)
    #expect(error.kind == kind)
  }

  private func expect(_ path: String, _ error: FileError) {
    #expect(throws: error) { try MatrixFile.read(path) }
  }
}
