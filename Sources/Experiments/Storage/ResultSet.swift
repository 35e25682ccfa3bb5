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

/// What the solvers made of one problem: one line of a file of results.
package struct ProblemResult: Equatable, Sendable {
  /// Which cell of the experiment, from zero.
  package let cell: Int
  /// Which of the problems of that cell, from zero.
  package let trial: Int
  /// The seed that the problem was drawn from.
  package let seed: UInt64
  /// What each solver found, in the order of the header: an object with `solver` and either what
  /// the experiment measured or `error`.
  package let solves: [JSON]
  /// The wall-clock time of each solve in seconds; empty where times were left out.
  package let seconds: [Double]

  /// Collects the parts.
  package init(cell: Int, trial: Int, seed: UInt64, solves: [JSON], seconds: [Double]) {
    self.cell = cell
    self.trial = trial
    self.seed = seed
    self.solves = solves
    self.seconds = seconds
  }

  /// The line, without its end.
  package func line(withTimes: Bool = true) -> String {
    var members: [JSON.Member] = [
      JSON.Member("cell", JSON(cell)), JSON.Member("trial", JSON(trial)),
      JSON.Member("seed", JSON(seed)), JSON.Member("solves", .array(solves)),
    ]
    // Times stand apart, since nothing else differs between two runs.
    if withTimes, !seconds.isEmpty {
      members.append(JSON.Member("seconds", .array(seconds.map { JSON($0) })))
    }
    return JSON.object(members).text
  }

  /// Reads a line back, or returns nil where it is no result.
  package init?(_ json: JSON) {
    guard let cell = json["cell"]?.int, let trial = json["trial"]?.int, cell >= 0, trial >= 0,
      let seed: UInt64 = json["seed"]?.integer(), let solves = json["solves"]?.array,
      solves.allSatisfy({ $0["solver"]?.string != nil })
    else { return nil }
    let times = (json["seconds"]?.array ?? []).map(\.double)
    let seconds = times.compactMap { $0 }
    guard seconds.count == times.count, times.isEmpty || times.count == solves.count else {
      return nil
    }
    self.init(cell: cell, trial: trial, seed: seed, solves: solves, seconds: seconds)
  }

  /// Whether both say the same, times aside.
  func agrees(with other: ProblemResult) -> Bool {
    line(withTimes: false) == other.line(withTimes: false)
  }
}
