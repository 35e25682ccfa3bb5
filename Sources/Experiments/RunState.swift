/// Which problem of an experiment.
struct ProblemNumber: Hashable {
  let cell: Int
  let trial: Int
}

/// What the threads of a run share.
struct RunState {
  private let missing: [ProblemNumber]
  private let file: ResultFile
  private var position = 0
  private(set) var progress: Runner.Progress
  private(set) var error: (any Error)?

  init(missing: [ProblemNumber], file: ResultFile, progress: Runner.Progress) {
    self.missing = missing
    self.file = file
    self.progress = progress
  }

  /// The next problem to solve; none after an error.
  mutating func next() -> ProblemNumber? {
    guard error == nil, position < missing.count else { return nil }
    position += 1
    return missing[position - 1]
  }

  /// Keeps a result, and says whether there was one.
  mutating func finish(_ result: Result<ProblemResult?, any Error>, after time: Duration) -> Bool {
    do {
      guard let problem = try result.get() else { return false }
      try file.append(problem)
      progress.finished += 1
      progress.elapsed = time
      return true
    } catch {
      self.error = self.error ?? error
      return false
    }
  }
}
