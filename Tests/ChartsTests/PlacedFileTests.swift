import Glibc
import TestSupport
import Testing

@testable import Charts

/// How charts and pages come to their names.
@Suite struct PlacedFileTests {
  private let folder = TemporaryFolder()

  @Test func isKeptUnlessReplaced() throws {
    try writeText("old", to: folder("a"))
    #expect(
      throws: ChartError.cannotWrite(
        path: folder("a"), reason: "it exists, and is not to be replaced")
    ) { try writeText("new", to: folder("a"), replacing: false) }
    #expect(try readText(folder("a")) == "old" && folder.files == ["a"])
    try writeText("new", to: folder("a"))
    #expect(try readText(folder("a")) == "new" && folder.files == ["a"])
  }

  /// A link that somebody put where the file is being written is not written through.
  @Test(arguments: [true, false]) func linksAreNotFollowed(replacing: Bool) throws {
    try writeText("theirs", to: folder("target"))
    #expect(symlink(folder("target"), folder("a.partial")) == 0)
    try writeText("ours", to: folder("a"), replacing: replacing)
    #expect(try readText(folder("target")) == "theirs" && readText(folder("a")) == "ours")
    #expect(folder.files == ["a", "target"])
  }

  @Test func aFullDiskLeavesNothing() throws {
    #expect(throws: ChartError.self) {
      try place(folder("a"), replacing: true) { (_) throws(ChartError) in
        throw .cannotWrite(path: folder("a"), reason: "full")
      }
    }
    #expect(folder.files.isEmpty)
  }
}
