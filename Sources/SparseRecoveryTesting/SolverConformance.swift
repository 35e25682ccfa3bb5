public import CPUBackend
public import Solvers
public import SparseCore
import SyntheticProblems
import Testing

/// What every iterative solver must do, on a small problem with noise: answer with a projection no worse
/// than anything it reported, keep limits, and go on from a checkpoint as if there had been no break.
///
/// Nothing is expected where the solver refuses the model or the loss.
///
/// - Parameters:
///   - sparsity: k.
///   - model: what is fitted beside; weights are 40 of them, columns lie below 100.
///   - loss: what is minimised.
///   - observations: how many share one support, which a solver takes that says so: ``Solver/recoversJointly``.
///   - observed: makes what is observed of a number around zero: labels, say.
public func expectConformance(
  of solver: any IterativeSolver, sparsity: Int = 6, model: RecoveryModel = RecoveryModel(),
  loss: any Loss = SquaredLoss(), observations: Int = 1,
  observed: (Double) -> Double = { $0 }, on backend: any Backend = CPUBackend()
) throws {
  let trial = try SolverTrial(
    solver, sparsity: sparsity, model: model, loss: loss, observations: observations,
    observed: observed, backend)
  let whole: SolverTrial.Course
  do { whole = try trial.solve() } catch RecoveryError.unsupportedModel { return }
  trial.expectAnswer(whole)
  try trial.expectResumption(whole)
  try trial.expectRefusalOfDamage()
  try trial.expectLimits(whole)
}

/// A solver on a problem.
package struct SolverTrial {
  private let solver: any IterativeSolver
  private let sparsity: Int
  private let problem: RecoveryProblem
  private let backend: any Backend

  /// What a solve went through.
  package struct Course {
    /// A line for every support, with every bit of its residuals.
    package var lines: [String] = []
    /// The checkpoints, with how many lines were before each.
    package var kept: [(lines: Int, checkpoint: IterationCheckpoint)] = []
    package var solution: SparseSolution?
    var least = Double.infinity

    /// All but times and passes: after a break, what solves share has to be computed again.
    fileprivate var outcome: String {
      guard let solution else { return "none" }
      return "\(solution.support) \(solution.coefficients) \(solution.residualNorm) "
        + "\(solution.iterations) \(solution.bestIteration) \(solution.supportsExplored) "
        + "\(solution.stopReason) \(solution.warnings) \(solution.optimalityGap ?? -1)"
    }
  }

  /// 40 × 100, six columns and noise at 15 dB; observations behind the first have coefficients and noise of their own.
  package init(
    _ solver: any IterativeSolver, sparsity: Int, model: RecoveryModel,
    loss: any Loss = SquaredLoss(), observations: Int = 1,
    observed: (Double) -> Double = { $0 }, _ backend: any Backend
  ) throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 40, columns: 100), sparsity: 6, snr: 15, seed: 3))
    var generator = SeededGenerator(seed: 3)
    let others = (1..<observations).map { _ in
      var y = synthetic.observation.map { _ in 0.1 * generator.normal() }
      for j in synthetic.support {
        let c = generator.normal()
        for i in y.indices { y[i] += c * synthetic.matrix[i, j] }
      }
      return y.map(observed)
    }
    let observed = synthetic.observation.map(observed)
    problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: observed, model: model, loss: loss
    ).observing(jointly: [observed] + others)
    self.solver = solver
    self.sparsity = sparsity
    self.backend = backend
  }

  /// Solves from the beginning or from a checkpoint, up to so many reports, and keeps checkpoints if asked to.
  package func solve(
    from checkpoint: IterationCheckpoint? = nil, keeps: Bool = false, reports: Int = .max
  ) throws -> Course {
    try solve(by: solver, problem, from: checkpoint, keeps: keeps, reports: reports)
  }

  private func solve(
    by solver: any IterativeSolver, _ problem: RecoveryProblem,
    from checkpoint: IterationCheckpoint? = nil, keeps: Bool = false, reports: Int = .max
  ) throws -> Course {
    var course = Course()
    let keeper = CheckpointKeeper<IterationCheckpoint> {
      keeps
    } keep: {
      course.kept.append((course.lines.count, $0))
    }
    let workspace = Workspace(
      problem, on: try backend.load(problem.atoms, precision: .double))
    course.solution = try solver.solve(
      workspace, sparsity: sparsity, resuming: checkpoint,
      keeper: keeps || reports < .max ? keeper : nil
    ) {
      course.lines.append(
        "\($0.solver) \($0.iteration) \($0.support) \($0.relativeResidual) "
          + "\($0.bestRelativeResidual) \($0.isNew) \($0.projection?.rawValue ?? "remembered")")
      course.least = min(course.least, $0.relativeResidual)
      return course.lines.count < reports ? .proceed : .stop
    }
    return course
  }

  fileprivate func expectAnswer(_ course: Course) {
    guard let solution = course.solution else { return }
    let chosen = solution.support.filter(problem.atoms.isUsable)
    #expect(problem.atoms.groupCount(of: chosen) + problem.atoms.requiredCount <= sparsity)
    #expect(zip(solution.support, solution.support.dropFirst()).allSatisfy(<))
    // With a ridge the least loss need not have the least residual.
    if problem.model.ridge == 0 {
      #expect(solution.relativeResidual <= course.least * (1 + 1e-12) + 1e-14)
    }
  }

  fileprivate func expectResumption(_ whole: Course) throws {
    let kept = try solve(keeps: true)
    #expect(kept.lines == whole.lines && kept.outcome == whole.outcome)
    // What ends in its second step was kept once.
    #expect(!kept.kept.isEmpty || whole.lines.count <= 1)
    // All where they are few, else some from all over.
    let stride = max(1, kept.kept.count / 8)
    for (place, cut) in kept.kept.enumerated() where place % stride == 0 {
      let copy = try cut.checkpoint.words.withUnsafeBytes { (bytes) throws(CheckpointError) in
        try IterationCheckpoint(bytes: bytes)
      }
      #expect(copy == cut.checkpoint)
      let rest = try solve(from: copy)
      let expected = Array(whole.lines.dropFirst(cut.lines))
      #expect(rest.lines == expected)
      #expect(rest.outcome == whole.outcome)
    }
    // Stopped behind any support: nothing that was evaluated is lost.
    for reports in Swift.stride(from: 1, to: whole.lines.count, by: max(1, whole.lines.count / 5)) {
      let stopped = try solve(reports: reports)
      #expect(stopped.solution?.stopReason == .interrupted && stopped.kept.count <= 1)
      // Another solver, from which this one starts, was cut short: there is nothing to go on from.
      guard let cut = stopped.kept.first else {
        let name = type(of: solver).name + " "
        #expect(stopped.lines.contains { !$0.hasPrefix(name) })
        continue
      }
      let rest = try solve(from: cut.checkpoint)
      #expect(rest.lines == Array(whole.lines.dropFirst(reports)))
      #expect(rest.outcome == whole.outcome)
    }
  }

  /// Whatever the words of a state are, they are refused or lead to an answer.
  fileprivate func expectRefusalOfDamage() throws {
    let kept = try solve(keeps: true).kept
    guard let cut = kept.dropFirst(kept.count / 2).first else { return }
    var generator = SeededGenerator(seed: 9)
    let words = cut.checkpoint.words
    for _ in 0..<60 {
      var copy = words
      let place = 4 + generator.int(below: words.count - 4)
      let values = [0, 1, 2, .max, 1 << 63, copy[place] ^ 1 << (generator.next() % 64)]
      copy[place] = values[generator.int(below: values.count)]
      var checksum = Checksum()
      for word in copy[4...] { checksum.add(word) }
      copy[3] = checksum.value
      let damaged = try? copy.withUnsafeBytes { (bytes) throws(CheckpointError) in
        try IterationCheckpoint(bytes: bytes)
      }
      guard let damaged else { continue }
      do {
        _ = try solve(from: damaged)
      } catch let error as RecoveryError {
        #expect(!"\(error)".contains("\n"))
      }
    }
  }

  fileprivate func expectLimits(_ whole: Course) throws {
    var short = solver
    short.limits.iterations = 1
    let once = try solve(by: short, problem)
    #expect(!once.lines.isEmpty && once.lines.first == whole.lines.first)
    // One support is evaluated whatever the time.
    short.limits.time = .zero
    let timed = try solve(by: short, problem)
    #expect(!timed.lines.isEmpty)
    // Nothing is left to explain, which of another loss than least squares only its author knows.
    guard problem.loss is SquaredLoss else { return }
    let zero = [Double](repeating: 0, count: problem.rows)
    let zeros = try problem.observing(jointly: Array(repeating: zero, count: problem.planes))
    let nothing = try solve(by: solver, zeros)
    // What every support contains belongs to each observation alone.
    let expected = problem.planes == 1 ? problem.atoms.required : []
    #expect(nothing.lines.isEmpty && nothing.solution?.support == expected)
  }
}
