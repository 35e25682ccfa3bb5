import Glibc
import MatrixFiles
import SparseCore
import TestSupport
import Testing

/// Files made to hurt: each is read in bounded memory, or refused.
@Suite struct HostileFileTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  @Test func linksThatLeadNowhere() throws {
    #expect(symlink("loop", folder("loop")) == 0)
    #expect(
      throws: FileError.cannotRead(
        path: folder("loop"), reason: "Too many levels of symbolic links")
    ) { try MatrixFile.read(folder("loop")) }
    #expect(symlink("nothing", folder("dangling")) == 0)
    #expect(
      throws: FileError.cannotRead(path: folder("dangling"), reason: "No such file or directory")
    ) { try MatrixFile.read(folder("dangling")) }
    _ = try folder.file("a.csv", "4\n")
    #expect(symlink("a.csv", folder("link")) == 0)
    #expect(try MatrixFile.readVector(folder("link")) == [4])
  }

  /// Files that the system makes up while they are read claim to be empty.
  @Test(arguments: ["/proc/self/status", "/proc/self/maps"])
  func filesOfTheSystem(path: String) {
    #expect(throws: Refusal(expected: "numbers", found: "an empty file").error(path)) {
      try MatrixFile.read(path)
    }
  }

  /// Nested as deep as a header can hold: nothing recurses.
  @Test(arguments: ["(", "[", "{'descr': ", "{'shape': ("])
  func deepNesting(opening: String) throws {
    let dictionary = String(repeating: opening, count: 200_000 / opening.utf8.count)
    let path = try folder.file("a.npy", NumPyBytes(version: 2, dictionary: dictionary).bytes)
    #expect(throws: FileError.self) { try MatrixFile.read(path) }
  }

  /// What looks like a number and goes on for a megabyte, with the value that it has.
  static let longNumbers: [(text: String, value: Double?)] = [
    ("0." + String(repeating: "0", count: 1 << 20) + "1", 0),
    (String(repeating: "9", count: 1 << 20), .infinity),
    (String(repeating: "0", count: 1 << 20) + "7", 7),
    ("0.5" + String(repeating: "0", count: 1 << 20), 0.5),
    ("1e" + String(repeating: "9", count: 1 << 20), .infinity),
    ("-1e-" + String(repeating: "9", count: 1 << 20), 0),
    ("0x" + String(repeating: "0", count: 1 << 20) + "f", 15),
    (String(repeating: "-", count: 1 << 20), nil),
    ("nan(" + String(repeating: "x", count: 1 << 20), nil),
    ("1e", nil), ("0x", nil), ("+-1", nil), ("1_000", nil), ("1\u{0}2", nil), ("1,5x", nil),
  ]

  @Test(arguments: longNumbers.indices) func endsLongNumbers(index: Int) throws {
    let (text, value) = Self.longNumbers[index]
    let path = try folder.file("a.csv", text)
    guard let value else {
      let error = #expect(throws: FileError.self) { try MatrixFile.read(path) }
      #expect((error?.description.utf8.count ?? 0) < path.utf8.count + 120)
      return
    }
    #expect(try MatrixFile.readVector(path) == [value])
  }

  /// A line of 2²⁰ cells without an end, in memory that its bytes bound.
  @Test(arguments: [",", " ", "\t"]) func endlessLines(separator: String) throws {
    let path = try folder.file("a.csv", String(repeating: "1" + separator, count: 1 << 20) + "1")
    #expect(try MatrixFile.read(path).columns == 1 << 20 + 1)
  }

  /// Many short rows under a long one cannot make the table larger than its bytes.
  @Test func aLongRowAboveShortOnes() throws {
    let text =
      String(repeating: "1,", count: 50_000) + "1\n" + String(repeating: "1\n", count: 50_000)
    let path = try folder.file("a.csv", text)
    let refusal = Refusal(
      TextPosition(line: 2, column: 2), expected: "50001 cells as in the first row", found: "1")
    #expect(throws: refusal.error(path)) { try MatrixFile.read(path) }
  }

  /// A decimal comma in the locale of the process changes nothing.
  @Test func locales() throws {
    let path = try folder.file("a.csv", "1.5,2.5\n")
    for name in ["de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"] {
      guard let locale = newlocale(1 << LC_NUMERIC, name, nil) else { continue }
      let previous = uselocale(locale)
      let read = Result { try MatrixFile.readVector(path) }
      uselocale(previous)
      freelocale(locale)
      #expect(try read.get() == [1.5, 2.5])
    }
  }

  @Test func aFileThatGrowsKeepsItsFirstSize() throws {
    let file = NumPyBytes(shape: "(2,)", data: encoded(doubles: [1, 2]))
    let path = try folder.file("a.npy", file.bytes)
    let matrix = try MatrixFile.read(path)
    #expect(truncate(path, 1 << 20) == 0)
    #expect((matrix.rows, matrix[1, 0]) == (2, 2))
  }

  /// What is documented of files shortened in place, and why they are replaced by renaming.
  @Test func aFileThatShrinksStopsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      let path = "/tmp/matrix-files-shrinks-\(getpid()).npy"
      try MatrixFile.write([Double](repeating: 1, count: 100_000), to: path)
      let matrix = try MatrixFile.read(path)
      _ = truncate(path, 0)
      unlink(path)
      var size = rlimit(rlim_cur: 0, rlim_max: 0)
      setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &size)
      if matrix[99_999, 0] == 1 { exit(0) }
    }
  }
}
