public import MatrixFiles
public import Solvers

/// The file from which a solve that was cut off goes on: the words of its latest checkpoint.
///
/// The file is replaced as a whole, so that it survives kill -9 and a loss of power.
public final class CheckpointFile {
  /// Where it is.
  public let path: String
  private let interval: Duration
  private let warn: (String) -> Void
  private var lastKept = ContinuousClock.now

  /// Names the file, which need not exist.
  ///
  /// - Parameters:
  ///   - interval: how often it is written.
  ///   - warn: told in one line why a checkpoint cannot be written. The solve goes on: its result is worth
  ///     more.
  /// - Throws: ``FileError/cannotWrite(path:reason:)`` where it could not be written.
  public init(
    _ path: String, every interval: Duration = .seconds(60),
    warn: @escaping (String) -> Void = { _ in }
  ) throws(FileError) {
    self.path = path
    self.interval = interval
    self.warn = warn
    try AtomicFile.checkWritable(path)
  }

  /// Whether there is one.
  public var exists: Bool { AtomicFile.exists(path) }

  /// Reads what is in it.
  ///
  /// - Throws: ``FileError`` when the file cannot be read as such a checkpoint.
  public func read<Checkpoint: SolverCheckpoint>(
    _ type: Checkpoint.Type = Checkpoint.self
  ) throws(FileError) -> Checkpoint {
    let file = try MappedFile(path: path)
    do throws(CheckpointError) {
      return try Checkpoint(bytes: file.bytes)
    } catch {
      switch error {
      case .damaged(let expected, let found):
        throw .malformed(path: path, position: nil, expected: expected, found: found)
      case .otherVersion(let expected, let found):
        throw .unsupported(
          path: path, expected: "a checkpoint of version \(expected)", found: "version \(found)")
      }
    }
  }

  /// Writes a checkpoint, atomically.
  ///
  /// - Parameter replacing: whether a file that exists is replaced; else it is an error.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  public func write(
    _ checkpoint: any SolverCheckpoint, replacing: Bool = true
  ) throws(FileError) {
    try AtomicFile.write(to: path, replacing: replacing) { (file) throws(FileError) in
      for word in checkpoint.words {
        try withUnsafeBytes(of: word.littleEndian) { (bytes) throws(FileError) in
          try file.write(bytes)
        }
      }
    }
  }

  /// Writes a checkpoint at every interval, and one more when an interruption ends the solve.
  ///
  /// - Parameter whole: makes of the solver's checkpoint what the file is to hold.
  public func keeper<Checkpoint: SolverCheckpoint>(
    _ whole: @escaping (Checkpoint) -> any SolverCheckpoint = { $0 }
  ) -> CheckpointKeeper<Checkpoint> {
    CheckpointKeeper {
      ContinuousClock.now - self.lastKept >= self.interval
    } keep: { checkpoint in
      do throws(FileError) {
        try self.write(whole(checkpoint))
      } catch {
        self.warn("\(error); the checkpoint before it is intact, and solving goes on")
      }
      self.lastKept = .now
    }
  }
}
