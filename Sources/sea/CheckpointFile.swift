import Arguments
import SparseRecovery

/// The file from which a solve that was cut off goes on.
final class CheckpointFile {
  /// The options that name it.
  static let options = OptionGroup(
    "Long runs",
    [
      Option(
        "checkpoint", .file,
        help: "Keep the state of the solver in this file, to go on with --resume",
        details: """
          For every algorithm. The file is replaced as a whole, so that it survives kill -9 and a loss of \
          power.
          """),
      Option(
        "checkpoint-interval", .number(0...1e9), placeholder: "seconds", default: "60",
        help: "How often to do so"),
      Option(
        "resume", .flag, help: "Go on from the checkpoint; from the beginning where there is none",
        details: """
          The supports visited are those of a run without a break. Files and options must be the same, \
          but for those under Stopping and Output.
          """),
    ])

  private let path: String
  private let interval: Duration
  private let isResumed: Bool
  private var lastKept = ContinuousClock.now

  /// Nil unless a checkpoint is asked for.
  ///
  /// - Throws: ``FileError`` when the file cannot be written, or
  ///   ``RecoveryError/invalidOption(name:value:expected:)``.
  init?(_ arguments: ParsedArguments, _ files: OutputFiles) throws {
    guard let path = arguments.text(ifGiven: "checkpoint") else {
      for option in ["checkpoint-interval", "resume"] where arguments.isGiven(option) {
        throw RecoveryError.invalidOption(
          name: "--\(option)", value: "given", expected: "--checkpoint FILE as well")
      }
      return nil
    }
    self.path = path
    interval = .seconds(arguments.number("checkpoint-interval"))
    isResumed = Self.goesOn(arguments)
    guard files.areReplaced || !FileStatus.isFile(path) else {
      throw FileError.cannotWrite(
        path: path, reason: "it exists; --resume goes on from it, --force replaces it")
    }
    try AtomicFile.checkWritable(path)
  }

  /// Whether there is a checkpoint to go on from, and that is wanted.
  static func goesOn(_ arguments: ParsedArguments) -> Bool {
    arguments.flag("resume")
      && arguments.text(ifGiven: "checkpoint").map(AtomicFile.exists) ?? false
  }

  /// Where to go on, if anywhere.
  ///
  /// - Throws: ``FileError`` when the file cannot be read as such a checkpoint.
  func start<Checkpoint: SolverCheckpoint>(
    _ type: Checkpoint.Type = Checkpoint.self
  ) throws -> Checkpoint? {
    guard isResumed else { return nil }
    let file = try MappedFile(path: path)
    do throws(CheckpointError) {
      return try Checkpoint(bytes: file.bytes)
    } catch {
      switch error {
      case .damaged(let expected, let found):
        throw FileError.malformed(path: path, position: nil, expected: expected, found: found)
      case .otherVersion(let expected, let found):
        throw FileError.unsupported(
          path: path, expected: "a checkpoint of version \(expected)", found: "version \(found)")
      }
    }
  }

  /// Writes a checkpoint at every interval, and one more when an interruption ends the solve.
  ///
  /// Where it cannot be written, that is said, and the solve goes on: its result is worth more.
  func keeper<Checkpoint: SolverCheckpoint>(
    _ whole: @escaping (Checkpoint) -> any SolverCheckpoint = { $0 }
  ) -> CheckpointKeeper<Checkpoint> {
    CheckpointKeeper {
      ContinuousClock.now - self.lastKept >= self.interval
    } keep: { checkpoint in
      do {
        try AtomicFile.write(to: self.path) { (file) throws(FileError) in
          for word in whole(checkpoint).words {
            try withUnsafeBytes(of: word.littleEndian) { (bytes) throws(FileError) in
              try file.write(bytes)
            }
          }
        }
      } catch {
        Console.error("sea: \(error); the checkpoint before it is intact, and solving goes on")
      }
      self.lastKept = .now
    }
  }
}
