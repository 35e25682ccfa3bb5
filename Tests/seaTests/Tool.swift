import Foundation
import Testing

/// Runs the tool as a user does.
struct Tool {
  /// How a run ended.
  struct Outcome {
    let exitCode: Int32
    let output: String
    let errors: String

    /// The value after `name` in a result as text.
    func value(_ name: String) -> String? {
      output.split(separator: "\n").first { $0.hasPrefix(name + " ") }.map {
        String($0.dropFirst(name.count).drop { $0 == " " })
      }
    }

    /// The result as JSON.
    func json() throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
    }
  }

  /// The tool that was built with the tests, beside them.
  static let path = URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("sea")

  /// The folder to run in.
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("sea-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// Starts the tool with these words.
  ///
  /// - Parameters:
  ///   - launcher: A program, and words to it, that turns into the tool.
  ///   - shell: Whether the words are those of a shell in the place of the tool.
  func start(
    _ words: [String], environment: [String: String] = [:], launcher: [String] = [],
    shell: Bool = false
  ) throws -> Running {
    let command = launcher + [shell ? "/bin/sh" : Self.path.path] + words
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command[1...])
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return Running(process: process, output: output, errors: errors)
  }

  /// Runs the tool to its end.
  func run(_ words: String..., environment: [String: String] = [:]) throws -> Outcome {
    try run(words, environment: environment)
  }

  /// Runs the tool with `words`.
  func run(_ words: [String], environment: [String: String] = [:]) throws -> Outcome {
    try start(words, environment: environment).outcome()
  }

  /// Removes the folder.
  func cleanUp() { try? FileManager.default.removeItem(at: folder) }

  /// A run that may not have ended.
  struct Running {
    let process: Process
    fileprivate let output: Pipe
    fileprivate let errors: Pipe

    /// Waits until the tool has taken over Ctrl-C: until SIGINT is among the signals it catches.
    func waitUntilListening() throws {
      let deadline = Date(timeIntervalSinceNow: 60)
      while Date() < deadline {
        let status = try String(
          contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?
          .split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
        if let caught, caught & 1 << UInt64(SIGINT - 1) != 0 { return }
        Thread.sleep(forTimeInterval: 0.05)
      }
    }

    /// Waits for the end. Neither stream is longer than a pipe holds.
    func outcome() -> Outcome {
      let text = output.fileHandleForReading.readDataToEndOfFile()
      let complaints = errors.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return Outcome(
        exitCode: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
        errors: String(decoding: complaints, as: UTF8.self))
    }
  }
}

/// A suite that runs the tool in a folder of its own.
protocol ToolSuite {
  var tool: Tool { get }
}

extension ToolSuite {
  /// Writes a file into the folder.
  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: tool.folder.appendingPathComponent(name))
  }

  /// Runs the tool with words that have no blanks in them.
  func run(_ words: String) throws -> Tool.Outcome {
    try tool.run(words.split(separator: " ").map(String.init))
  }

  /// The result as JSON of words that the tool must take.
  func json(_ words: String) throws -> [String: Any] {
    let outcome = try run(words + " --json")
    try #require(outcome.exitCode == 0, "\(words): \(outcome.errors)")
    return try outcome.json()
  }
}
