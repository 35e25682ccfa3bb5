import Arguments
import SparseRecovery

/// The file from which a solve that was cut off goes on, as asked for on the command line.
struct CheckpointChoice {
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

  let file: CheckpointFile
  private let isResumed: Bool

  /// Nil unless a checkpoint is asked for.
  ///
  /// - Parameter name: the name of the file, given that of the option.
  /// - Throws: ``FileError`` when the file cannot be written, or ``UsageError``.
  init?(
    _ arguments: ParsedArguments, _ files: OutputFiles, naming name: (String) -> String = { $0 }
  ) throws {
    guard let path = arguments.text(ifGiven: "checkpoint").map(name) else {
      for option in ["checkpoint-interval", "resume"] where arguments.isGiven(option) {
        throw UsageError.idleOption(option: "--\(option)", needed: "--checkpoint FILE")
      }
      return nil
    }
    isResumed = arguments.flag("resume") && AtomicFile.exists(path)
    guard isResumed || files.areReplaced || !FileStatus.isFile(path) else {
      throw FileError.cannotWrite(
        path: path, reason: "it exists; --resume goes on from it, --force replaces it")
    }
    file = try CheckpointFile(path, every: .seconds(arguments.number("checkpoint-interval"))) {
      Console.error("sea: \($0)")
    }
  }

  /// Where to go on, if anywhere.
  ///
  /// - Throws: ``FileError`` when the file cannot be read as such a checkpoint.
  func start<Checkpoint: SolverCheckpoint>(
    _ type: Checkpoint.Type = Checkpoint.self
  ) throws -> Checkpoint? {
    isResumed ? try file.read(type) : nil
  }

  /// Whether there is a checkpoint to go on from, and that is wanted.
  static func goesOn(_ arguments: ParsedArguments) -> Bool {
    arguments.flag("resume")
      && arguments.text(ifGiven: "checkpoint").map(AtomicFile.exists) ?? false
  }
}
