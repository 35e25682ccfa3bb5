import MatrixFiles
import TestSupport
import Testing

/// Files that are not to be replaced.
@Suite struct KeptFileTests {
  private let folder = TemporaryFolder()

  private func error(_ name: String) -> FileError {
    .cannotWrite(path: folder(name), reason: "it exists, and is not to be replaced")
  }

  @Test func isKept() throws {
    _ = try folder.file("a.csv", "old")
    #expect(throws: error("a.csv")) {
      try MatrixFile.write([1, 2], to: folder("a.csv"), replacing: false)
    }
    #expect(throws: error("a.csv")) {
      try AtomicFile.checkWritable(folder("a.csv"), replacing: false)
    }
    #expect(try folder.contents("a.csv") == Array("old".utf8) && folder.files == ["a.csv"])
  }

  @Test func isMadeWhereThereIsNone() throws {
    try AtomicFile.checkWritable(folder("b.csv"), replacing: false)
    try MatrixFile.write([1, 2], to: folder("b.csv"), replacing: false)
    #expect(try folder.contents("b.csv") == Array("1.0\n2.0\n".utf8) && folder.files == ["b.csv"])
  }

  /// It came while the new one was being written.
  @Test func isKeptWhenItCameLate() throws {
    #expect(throws: error("c.csv")) {
      try AtomicFile.write(to: folder("c.csv"), replacing: false) { (sink) throws(FileError) in
        try sink.write("new")
        do { _ = try folder.file("c.csv", "late") } catch { Issue.record(error) }
      }
    }
    #expect(try folder.contents("c.csv") == Array("late".utf8) && folder.files == ["c.csv"])
  }
}
