import Experiments

extension ExitCode {
  /// The code that says whose fault an error of an experiment is.
  init(_ error: ExperimentError) {
    switch error {
    case .differentSettings, .damaged, .conflict: self = .data
    case .busy: self = .cannotCreate
    case .invalidShard, .invalidSetting: self = .usage
    }
  }
}

extension ResultSet {
  /// The experiment that these results of the file at `path` are of.
  ///
  /// - Throws: ``ExperimentError/damaged(path:line:reason:)`` for results of another version.
  func experiment(at path: String) throws(ExperimentError) -> any Experiment {
    do {
      return try experiment()
    } catch {
      throw .damaged(path: path, line: 1, reason: error.description)
    }
  }
}
