package import SparseRecovery

/// The results of an experiment, or of a part of it.
package struct ResultSet: Equatable, Sendable {
  /// The version of the format of these files.
  package static let schema = 1

  /// All settings: the first line of the file.
  package let header: JSON
  /// The problems solved, ordered by cell, then trial, no two for the same problem.
  package let problems: [ProblemResult]

  /// Sorts the problems and drops repetitions.
  init(header: JSON, problems: [ProblemResult], path: String) throws(ExperimentError) {
    var unique: [ProblemResult] = []
    for problem in problems.sorted(by: { ($0.cell, $0.trial) < ($1.cell, $1.trial) }) {
      if let last = unique.last, last.cell == problem.cell, last.trial == problem.trial {
        guard last.agrees(with: problem) else {
          throw .conflict(path: path, cell: problem.cell, trial: problem.trial)
        }
      } else {
        unique.append(problem)
      }
    }
    self.header = header
    self.problems = unique
  }

  /// Reads a file. A last line that was not written completely is passed over.
  ///
  /// - Parameter onDamagedEnd: called with the path where there is such a line.
  /// - Throws: ``FileError``, or ``ExperimentError`` for a file that holds no results.
  package static func read(
    _ path: String, onDamagedEnd: (String) -> Void = { _ in }
  ) throws -> ResultSet {
    try ResultSet(path: path, bytes: fileBytes(path), onDamagedEnd: onDamagedEnd)
  }

  /// Reads what ``read(_:onDamagedEnd:)`` reads, from contents that are at hand.
  package init(
    path: String, bytes: [UInt8], onDamagedEnd: (String) -> Void = { _ in }
  ) throws(ExperimentError) {
    let contents = try ResultLines(path: path, bytes: bytes)
    if contents.hasDamagedEnd { onDamagedEnd(path) }
    guard let header = contents.header else {
      throw .damaged(path: path, line: 1, reason: "expected a header")
    }
    try self.init(header: header, problems: contents.problems, path: path)
  }

  /// Brings the results of several files together; all must have the same settings.
  ///
  /// - Parameter onDamagedEnd: called with every path of which the last line is passed over.
  /// - Throws: what ``read(_:)`` throws, ``ExperimentError/differentSettings(path:difference:)`` or
  ///   ``ExperimentError/conflict(path:cell:trial:)``.
  package static func merging(
    _ paths: [String], onDamagedEnd: (String) -> Void = { _ in }
  ) throws -> ResultSet {
    precondition(!paths.isEmpty, "no file to merge")
    var merged = try read(paths[0], onDamagedEnd: onDamagedEnd)
    for path in paths.dropFirst() {
      let other = try read(path, onDamagedEnd: onDamagedEnd)
      if let difference = other.header.difference(from: merged.header) {
        throw ExperimentError.differentSettings(path: path, difference: difference)
      }
      merged = try ResultSet(
        header: merged.header, problems: merged.problems + other.problems, path: path)
    }
    return merged
  }

  /// Writes the file that a single run would have written, but ordered: the same bytes for the same
  /// results, however they were come by, if times are left out.
  ///
  /// - Parameter replacing: whether a file that exists is replaced; else it is an error.
  /// - Throws: ``FileError/cannotWrite(path:reason:)``.
  package func write(
    to path: String, withTimes: Bool = true, replacing: Bool = true
  ) throws(FileError) {
    try AtomicFile.write(to: path, replacing: replacing) { (file) throws(FileError) in
      try file.write(header.text + "\n")
      for problem in problems { try file.write(problem.line(withTimes: withTimes) + "\n") }
    }
  }
}
