import SparseRecovery

/// Why an experiment could not be run or its results not be used. Every case carries the facts.
package enum ExperimentError: Error, Equatable, Sendable {
  /// A file of results of another version, experiment or settings.
  case differentSettings(path: String, difference: JSON.Difference)
  /// A line of a file of results that is no result. Lines count from 1.
  case damaged(path: String, line: Int, reason: String)
  /// Two files that solve the same problem with different results.
  case conflict(path: String, cell: Int, trial: Int)
  /// A file of results that another process is writing.
  case busy(path: String)
  /// A share of the work that makes no sense.
  case invalidShard(String)
  /// A setting that makes no sense.
  case invalidSetting(name: String, value: String, expected: String)
}

extension ExperimentError: CustomStringConvertible {
  /// One line for a person, of bounded length but for the path.
  package var description: String {
    switch self {
    case .differentSettings(let path, let difference):
      "\(path) holds results of other settings: \(Self.shown(difference.path)) is "
        + "\(Self.shown(difference.mine ?? "missing")) there and "
        + "\(Self.shown(difference.other ?? "missing")) here"
    case .damaged(let path, let line, let reason): "\(path), line \(line): \(reason)"
    case .conflict(let path, let cell, let trial):
      "\(path): other results than before for trial \(trial) of cell \(cell)"
    case .busy(let path): "\(path) is being written by another process"
    case .invalidShard(let text):
      "expected a share as i/N with 1 ≤ i ≤ N, for example 2/8, found \(text)"
    case .invalidSetting(let name, let value, let expected):
      "\(name): expected \(expected), found \(Self.shown(value))"
    }
  }

  /// The beginning of what a file may hold.
  private static func shown(_ text: String) -> String { text.oneLine(limit: 200) }
}
