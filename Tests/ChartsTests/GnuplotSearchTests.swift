import Glibc
import TestSupport
import Testing

@testable import Charts

/// Which program draws.
@Suite struct GnuplotSearchTests {
  private let folder = TemporaryFolder()

  init() { close(creat(folder("gnuplot"), 0o755)) }

  @Test(arguments: ["", ":/nowhere:", "::", "relative:/nowhere:"])
  func theFirstOfAFolderNamedFromTheRoot(before: String) {
    #expect(Gnuplot(searching: "\(before):\(folder.path):/usr/bin")?.path == folder("gnuplot"))
  }

  /// The same folder, by ways that begin in the working folder.
  @Test func neverOneOfTheWorkingFolder() throws {
    let working = try #require(getcwd(nil, 0))
    defer { free(working) }
    let depth = String(cString: working).split(separator: "/").count
    let way = [String](repeating: "..", count: depth).joined(separator: "/") + folder.path
    #expect(access("\(way)/gnuplot", X_OK) == 0)
    #expect(Gnuplot(searching: "\(way):./\(way)") == nil)
    #expect(Gnuplot(searching: "") == nil && Gnuplot(searching: ".::..:") == nil)
  }

  @Test func onlyOneThatMayBeRun() {
    chmod(folder("gnuplot"), 0o644)
    #expect(Gnuplot(searching: folder.path) == nil)
  }
}
