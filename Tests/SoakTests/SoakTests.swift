import Foundation
import Testing

/// A short soak; `make soak` runs longer ones.
@Suite struct SoakTests {
  /// Beside the test, as it was built with it.
  private static let path = URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("soak")

  private func run(_ words: String...) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = Self.path
    process.arguments = words
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  @Test(.timeLimit(.minutes(5))) func memoryStaysFlat() throws {
    let (code, output) = try run("10")
    #expect(code == 0, "\(output)")
    #expect(output.contains("# flat: "))
  }
}
