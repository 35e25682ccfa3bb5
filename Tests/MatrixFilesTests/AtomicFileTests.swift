import Glibc
import MatrixFiles
import SparseCore
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  @Test func writesWhatItIsGiven() throws {
    let text = String(repeating: "0123456789", count: 30_000)
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: text.utf8)
    let region = UnsafeRawBufferPointer(copy)
    try AtomicFile.write(to: folder("a.json")) { (sink) throws(FileError) in
      try sink.write("{")
      try sink.write(text)
      try sink.write(region)
      try sink.write(UnsafeRawBufferPointer(rebasing: region[..<10]))
      try sink.write("}".utf8)
    }
    #expect(try folder.contents("a.json") == Array("{\(text)\(text)0123456789}".utf8))
    #expect(folder.files == ["a.json"])
  }

  @Test func failureLeavesWhatWasThere() throws {
    let path = try folder.file("a.txt", "old")
    let stop = FileError.cannotWrite(path: "elsewhere", reason: "stop")
    #expect(throws: stop) {
      try AtomicFile.write(to: path) { (sink) throws(FileError) in
        try sink.write(String(repeating: "new", count: 100_000))
        throw stop
      }
    }
    #expect(try folder.contents("a.txt") == Array("old".utf8))
    #expect(folder.files == ["a.txt"])
  }

  @Test func oldContentsStayUntilTheEnd() throws {
    let path = try folder.file("a.txt", "old")
    try AtomicFile.write(to: path) { (sink) throws(FileError) in
      try sink.write("new")
      #expect((try? folder.contents("a.txt")) == Array("old".utf8))
      #expect(folder.files.count == 2)
    }
    #expect(try folder.contents("a.txt") == Array("new".utf8))
  }

  @Test func aMappedMatrixSurvivesReplacement() throws {
    try MatrixFile.write([1, 2, 3], to: folder("a.npy"))
    let old = try MatrixFile.read(folder("a.npy"))
    #expect(old.isMapped)
    try MatrixFile.write([4, 5, 6], to: folder("a.npy"))
    #expect(old[2, 0] == 3)
    #expect(try MatrixFile.readVector(folder("a.npy")) == [4, 5, 6])
  }

  @Test func obeysTheUmask() throws {
    try AtomicFile.write(to: folder("a.txt")) { _ in }
    var status = stat()
    #expect(stat(folder("a.txt"), &status) == 0)
    // Reading the mask means setting it; other tests create files with at most these rights.
    let mask = umask(0o022)
    umask(mask)
    #expect(status.st_mode & 0o777 == 0o644 & ~mask)
  }

  @Test func followsLinksAndWritesDevices() throws {
    let path = try folder.file("a.txt", "old")
    #expect(symlink("a.txt", folder("link")) == 0)
    try AtomicFile.write(to: folder("link")) { (sink) throws(FileError) in try sink.write("new") }
    #expect(try folder.contents("a.txt") == Array("new".utf8))
    var status = stat()
    #expect(lstat(folder("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    #expect(stat(path, &status) == 0)

    try AtomicFile.write(to: "/dev/null") { (sink) throws(FileError) in try sink.write("new") }
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test func saysWhyItCannotWrite() throws {
    let file = try folder.file("file", "")
    for (path, reason) in [
      ("/nonexistent/x.npy", "No such file or directory"),
      (file + "/x.npy", "Not a directory"),
      (folder.path, "it is a directory"),
      ("/dev/full", "No space left on device"),
      (folder(String(repeating: "x", count: 300) + ".npy"), "File name too long"),
    ] {
      #expect(throws: FileError.cannotWrite(path: path, reason: reason)) {
        try MatrixFile.write([1, 2], to: path)
      }
    }
    #expect(folder.files == ["file"])
  }
}
