import Foundation
import TestSupport
import Testing

/// The header and the example, compiled as callers compile them.
struct CompilerTests {
  /// The folder of the package.
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  /// The library that was built with the tests, beside them.
  private static let library = URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("libsparse_recovery.so")

  /// Runs a program and answers with its exit code and all it says.
  private func run(_ words: [String]) throws -> (code: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging([
      "LD_LIBRARY_PATH": Self.library.deletingLastPathComponent().path
    ]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  private var include: String {
    "-I" + Self.package.appendingPathComponent("Sources/CSparseRecovery/include").path
  }

  @Test(arguments: [
    ["c", "-std=c99"], ["c", "-std=c17"], ["c++", "-std=c++11"], ["c++", "-std=c++20"],
  ])
  func headerCompiles(language: [String]) throws {
    let folder = TemporaryFolder()
    let source = folder("include.c")
    try
      "#include <sparse_recovery.h>\nint main(void) { return sr_abi_version() - SR_ABI_VERSION; }\n"
      .write(toFile: source, atomically: true, encoding: .utf8)
    let flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", include]
    let (code, text) = try run(["gcc", "-x"] + language + flags + [source])
    #expect(code == 0, "\(text)")
  }

  /// Sanitized builds need a run-time library that gcc has not.
  @Test(
    .enabled(
      if: !library.path.contains("/.build/address/") && !library.path.contains("/.build/thread/")),
    arguments: ["c", "c++"])
  func exampleRuns(language: String) throws {
    let folder = TemporaryFolder()
    let program = folder("demo")
    let example = Self.package.appendingPathComponent("Examples/languages/demo.c").path
    let words = [
      "gcc", "-Wall", "-Wextra", "-Werror", include, "-x", language, example, "-x", "none",
    ]
    let (code, text) = try run(words + [Self.library.path, "-o", program])
    try #require(code == 0, "\(text)")
    let (status, output) = try run([program])
    #expect(status == 0)
    #expect(output.hasPrefix("column 7: 2\ncolumn 500: -1\ncolumn 999: 3\n"), "\(output)")
    #expect(output.contains("chosen by ebic: 3, by cv: 3 columns; R^2 0.99"), "\(output)")
  }
}
