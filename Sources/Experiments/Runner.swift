import Dispatch
package import SparseRecovery
import Synchronization

/// Runs the problems of an experiment that a file of results lacks.
package struct Runner: Sendable {
  /// How far a run has come.
  package struct Progress: Equatable, Sendable {
    /// The problems solved, those of earlier runs included.
    package var finished: Int
    /// The problems of earlier runs.
    package let resumed: Int
    /// The problems of this share.
    package let total: Int
    /// The cells without problems, such as those with more atoms than rows.
    package let impossibleCells: Int
    /// The time since this run began.
    package var elapsed: Duration

    /// The time that the rest will take at the pace so far, or nil before the first problem.
    package var remaining: Duration? {
      let solved = finished - resumed
      return solved > 0 ? elapsed * (Double(total - finished) / Double(solved)) : nil
    }
  }

  /// How a run ended.
  package struct Summary: Equatable, Sendable {
    package let progress: Progress
    /// Whether a line that an earlier run did not finish was dropped from the file.
    package let droppedDamagedLine: Bool

    /// Whether the run was cancelled with problems left.
    package var wasCancelled: Bool { progress.finished < progress.total }
  }

  /// How many problems are solved at a time, at most one for each processor core.
  package var threads: Int
  /// Which share of the problems to solve.
  package var shard: Shard
  /// Where to solve; a backend that uses one thread suits many problems at a time.
  package var backend: any Backend
  /// The precision of gradients.
  package var precision: Precision
  /// Asked between problems and iterations: true stops the run, and the file stays valid.
  package var isCancelled: @Sendable () -> Bool
  /// Called after every problem, by one thread at a time.
  package var onProgress: @Sendable (Progress) -> Void

  /// Collects the parts.
  package init(
    threads: Int = 1, shard: Shard = .whole, backend: any Backend = CPUBackend(threads: 1),
    precision: Precision = .double, isCancelled: @escaping @Sendable () -> Bool = { false },
    onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) {
    self.threads = threads
    self.shard = shard
    self.backend = backend
    self.precision = precision
    self.isCancelled = isCancelled
    self.onProgress = onProgress
  }

  /// Solves what is missing in the file at `path`, which is made where there is none.
  ///
  /// A solver that fails on a problem leaves its error in the file. An error that every problem
  /// would meet, such as a wrong option or a lost device, ends the run.
  ///
  /// - Throws: ``ExperimentError``, ``FileError`` or ``RecoveryError``.
  package func run(_ experiment: some Experiment, into path: String) throws -> Summary {
    try experiment.validate()
    let file = try ResultFile(
      path, header: experiment.header(backend: backend.identity.name, precision: precision))
    let cells = experiment.possibleCells
    // Trial by trial, so that every cell has some results early on.
    let share = (0..<experiment.trials).flatMap { trial in
      cells.map { ProblemNumber(cell: $0, trial: trial) }
    }.filter { shard.contains($0.cell * experiment.trials + $0.trial) }
    let done = Set(file.earlier.problems.map { ProblemNumber(cell: $0.cell, trial: $0.trial) })
    let missing = share.filter { !done.contains($0) }
    let progress = Progress(
      finished: share.count - missing.count, resumed: share.count - missing.count,
      total: share.count, impossibleCells: experiment.cellCount - cells.count, elapsed: .zero)

    let droppedDamagedLine = file.droppedDamagedLine
    let start = ContinuousClock.now
    let state = Mutex(RunState(missing: missing, file: file, progress: progress))
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, missing.count))) { _ in
      while !isCancelled(), let number = state.withLock({ $0.next() }) {
        let result = Result { try solve(number, of: experiment) }
        state.withLock { state in
          if state.finish(result, after: ContinuousClock.now - start) {
            onProgress(state.progress)
          }
        }
      }
    }
    return try state.withLock { state in
      if let error = state.error { throw error }
      return Summary(progress: state.progress, droppedDamagedLine: droppedDamagedLine)
    }
  }

  /// Solves one problem by all solvers, or returns nil when the run was cancelled meanwhile.
  private func solve(
    _ number: ProblemNumber, of experiment: some Experiment
  ) throws(RecoveryError) -> ProblemResult? {
    let posed = try experiment.pose(cell: number.cell, trial: number.trial)
    // Loaded once, but nothing that a solver computes is left to the next: times are of one each.
    let engine = try backend.load(posed.problem.atoms, precision: precision)
    var solves: [JSON] = []
    var seconds: [Double] = []
    for named in experiment.solvers {
      let start = ContinuousClock.now
      var members = [JSON.Member("solver", .string(named.name))]
      do {
        let solution = try named.solver.solve(
          posed.problem, sparsity: posed.sparsity, with: engine,
          observer: { _ in isCancelled() ? .stop : .proceed })
        seconds.append((ContinuousClock.now - start) / .seconds(1))
        if solution.stopReason == .interrupted { return nil }
        members += experiment.measurements(of: solution, for: posed.truth)
      } catch {
        guard error.kind == .data || error.kind == .internal else { throw error }
        seconds.append((ContinuousClock.now - start) / .seconds(1))
        members.append(JSON.Member("error", .string(error.description)))
      }
      solves.append(.object(members))
    }
    return ProblemResult(
      cell: number.cell, trial: number.trial,
      seed: experiment.problemSeed(cell: number.cell, trial: number.trial), solves: solves,
      seconds: seconds)
  }
}

/// Which problem of an experiment.
private struct ProblemNumber: Hashable {
  let cell: Int
  let trial: Int
}

/// What the threads of a run share.
private struct RunState {
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
