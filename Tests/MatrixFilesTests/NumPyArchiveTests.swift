import MatrixFiles
import SparseCore
import TestSupport
import Testing

@Suite struct NumPyArchiveTests {
  let folder: TemporaryFolder

  init() { folder = TemporaryFolder() }

  static let array = NumPyBytes(order: "True", data: encoded(doubles: [1, 2, 3, 4, 5, 6])).bytes
  static let vector = NumPyBytes(shape: "(2,)", data: encoded(doubles: [7, 8])).bytes
  static let two = [
    ZipBytes.Member(name: "A.npy", data: array), ZipBytes.Member(name: "y.npy", data: vector),
  ]

  @Test(arguments: [false, true]) func readsTheOnlyArray(isWide: Bool) throws {
    let others = [ZipBytes.Member(name: "readme.txt", data: [1])]
    let archive = ZipBytes(members: [Self.two[0]] + others, isWide: isWide, comment: "PK\u{5}\u{6}")
    let matrix = try MatrixFile.read(try folder.file("a.npz", archive.bytes))
    #expect((0..<6).map { matrix[$0 % 2, $0 / 2] } == [1, 2, 3, 4, 5, 6])
  }

  @Test(arguments: ["A", "A.npy"], [false, true])
  func readsTheNamedArray(name: String, isWide: Bool) throws {
    let path = try folder.file("a.npz", ZipBytes(members: Self.two, isWide: isWide).bytes)
    #expect(try MatrixFile.read("\(path):\(name)")[1, 2] == 6)
    #expect(try MatrixFile.readVector("\(path):y") == [7, 8])
  }

  /// Where the bytes happen to be aligned, they are mapped as those of a .npy are.
  @Test func mapsAlignedArrays() throws {
    for length in 5..<13 {
      let name = String(repeating: "x", count: length) + ".npy"
      let archive = ZipBytes(members: [ZipBytes.Member(name: name, data: Self.array)])
      let matrix = try MatrixFile.read(try folder.file("a.npz", archive.bytes))
      #expect(matrix.isMapped == ((30 + name.utf8.count) % 8 == 0))
      #expect((0..<6).map { matrix[$0 % 2, $0 / 2] } == [1, 2, 3, 4, 5, 6])
    }
  }

  @Test func prefersTheFileOfThatName() throws {
    let text = try folder.file("a.npz:b", "5\n")
    _ = try folder.file("a.npz", ZipBytes(members: Self.two).bytes)
    #expect(try MatrixFile.readVector(text) == [5])
  }

  @Test func listsTheNames() throws {
    let path = try folder.file("a.npz", ZipBytes(members: Self.two).bytes)
    #expect(
      throws: Refusal(
        expected: "one array, or FILE.npz:NAME with the name of one",
        found: "\"A.npy\", \"y.npy\""
      ).error(path)
    ) { try MatrixFile.read(path) }
    #expect(
      throws: Refusal(expected: "one array called \"b\"", found: "\"A.npy\", \"y.npy\"").error(path)
    ) { try MatrixFile.read(path + ":b") }
    let many = (0..<10).map { ZipBytes.Member(name: "\($0).npy", data: Self.vector) }
    let error = #expect(throws: FileError.self) {
      try MatrixFile.read(try folder.file("many.npz", ZipBytes(members: many).bytes))
    }
    #expect(error?.description.hasSuffix("\"7.npy\" and 2 more") == true)
  }

  @Test func namesTheFileThatIsMissing() {
    let path = folder("none.npz")
    #expect(throws: FileError.cannotRead(path: path, reason: "No such file or directory")) {
      try MatrixFile.read(path + ":A")
    }
  }

  @Test func refusesAMemberOfWhatIsNoArchive() throws {
    let path = try folder.file("a.npz", Self.array)
    #expect(
      throws: FileError.unsupported(
        path: path, expected: "a .npz archive before the member's name", found: "another format")
    ) { try MatrixFile.read(path + ":A") }
  }

  static let unsupported: [(method: UInt16, flags: UInt16, found: String)] = [
    (8, 0, "a deflated one, as numpy.savez_compressed writes it (save it with numpy.savez)"),
    (14, 0, "one compressed by method 14"), (0, 1, "an encrypted one"),
  ]

  @Test(arguments: unsupported)
  func refusesCompression(method: UInt16, flags: UInt16, found: String) throws {
    let member = ZipBytes.Member(name: "a.npy", data: Self.array, method: method, flags: flags)
    let path = try folder.file("a.npz", ZipBytes(members: [member]).bytes)
    #expect(
      throws: FileError.unsupported(
        path: path + ":a.npy", expected: "an uncompressed array, as numpy.savez writes it",
        found: found)
    ) { try MatrixFile.read(path) }
  }

  static let size = UInt64(array.count)

  /// Lies about sizes and places, each in 32 or 64 bits, and what is expected instead.
  static let lies: [(ZipBytes, expected: String)] = [
    (archive { $0.size = size + 1_000_000 }, "\(size + 1_000_000) bytes stored at byte 35"),
    (archive { $0.size = .max }, "\(UInt64.max) bytes stored at byte 35"),
    (archive { $0.offset = 1 }, "a member's header at byte 1"),
    (archive { $0.offset = .max }, "a member's header at byte \(UInt64.max)"),
    (archive { $0.offset = UInt64(Int.max) }, "a member's header at byte \(Int.max)"),
    (archive { $0.size = 0 }, "numbers"),
    (archive { $0.size = 3 }, "a .npy array"),
    (ZipBytes(members: two, isWide: true, count: 3), "3 members"),
    (ZipBytes(members: two, count: 1), "1 members"),
    (ZipBytes(members: two, isWide: true, directorySize: .max), "\(UInt64.max) bytes of directory"),
    (ZipBytes(members: two, directorySize: 47), "a directory entry up to byte"),
    (ZipBytes(), "one array, or FILE.npz:NAME with the name of one"),
    (archive { $0.name = "a.txt" }, "one array, or FILE.npz:NAME with the name of one"),
    (ZipBytes(members: [two[0], two[0]]), "one array, or FILE.npz:NAME with the name of one"),
  ]

  @Test(arguments: lies.indices) func refusesLies(index: Int) throws {
    let (archive, wanted) = Self.lies[index]
    let path = try folder.file("a.npz", archive.bytes)
    let error = #expect(throws: FileError.self) { try MatrixFile.read(path) }
    guard case .malformed(_, nil, let expected, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(expected.hasPrefix(wanted), "\(expected)")
  }

  /// Every prefix of an archive is refused: the directory stands at its end.
  @Test(arguments: [false, true]) func refusesPrefixes(isWide: Bool) throws {
    let bytes = ZipBytes(members: [Self.two[1]], isWide: isWide).bytes
    for length in 4..<bytes.count {
      let path = try folder.file("a.npz", bytes.prefix(length))
      #expect(throws: FileError.self) { try MatrixFile.read(path) }
    }
  }

  private static func archive(_ change: (inout ZipBytes.Member) -> Void) -> ZipBytes {
    var member = ZipBytes.Member(name: "a.npy", data: array)
    change(&member)
    return ZipBytes(members: [member], isWide: true)
  }
}
