import SparseRecovery

/// The shares of a path, as one checkpoint.
struct MergedShares {
  private let whole: PathsCheckpoint

  /// Whether a file holds such a share, and not results.
  static func areShares(_ path: String) throws(FileError) -> Bool {
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) { CompositeCheckpoint.isBeginning(of: file.bytes) }
  }

  /// Reads them.
  ///
  /// - Throws: ``FileError``, and ``RecoveryError/invalidOption(name:value:expected:)`` for shares that do not belong
  ///   together.
  init(_ paths: [String]) throws {
    whole = try PathsCheckpoint(
      merging: try paths.map { try CheckpointFile($0).read(PathsCheckpoint.self) })
  }

  /// Writes the checkpoint, and says what is in it and what is to be done next.
  func write(to path: String, replacing: Bool) throws {
    try CheckpointFile(path).write(whole, replacing: replacing)
    let folds = whole.paths.reduce(0) { $0 + ($1.validation?.finishedCount ?? 0) }
    let draws = whole.paths.reduce(0) { $0 + ($1.resampling?.finishedCount ?? 0) }
    let observations = whole.paths.count(where: \.hasBegun)
    try Console.write(
      "state     \(path): \(observations) \(observations == 1 ? "path" : "paths") on all rows, "
        + "\(folds) of folds, \(draws) of draws\n"
        + "next      the command of the shares with --checkpoint \(CommandWords.quoted(path)) "
        + "--shard 1/1 --resume\n")
  }
}
