import SparseRecovery

/// Measures every way to solve one problem on one engine.
struct SolveMeasurement {
  let study: SolveStudy
  let shape: ProblemShape
  let problem: RecoveryProblem
  let place: BenchmarkPlace
  let precision: Precision

  /// Loads the atoms and measures one gradient after another.
  ///
  /// - Parameter supports: those that the first engine measured found; filled by that engine.
  func measure(
    within budget: TimeBudget, into record: inout SolveRecord,
    supports: inout [SEA.Gradient: [Int]]
  ) throws(RecoveryError) {
    let residentBefore = HostMemory.resetPeak() ? HostMemory.resident : nil
    let engine = try place.backend.load(problem.atoms, precision: precision)
    for gradient in study.gradients {
      guard !budget.isSpent else {
        record.notes.append(
          "\(shape), \(engine.identity.name) \(precision), \(gradient.rawValue): skipped, "
            + "the time is spent")
        continue
      }
      let (solution, seconds, runs) = try solve(with: gradient, on: engine)
      let memory = residentBefore.flatMap { before in
        HostMemory.peak.map { SolveRow.Memory(peak: $0, growth: max(0, $0 - before)) }
      }
      record.rows.append(
        SolveRow(
          shape: shape, engine: engine.identity, device: place.device, precision: precision,
          gradient: gradient,
          isAutomatic: SEA.Gradient.auto.resolved(for: problem) == gradient,
          iterations: solution.iterations, runs: runs, seconds: seconds,
          matrixPasses: solution.matrixPasses, supportsExplored: solution.supportsExplored,
          relativeResidual: solution.relativeResidual,
          hasSameSupport: supports[gradient].map { $0 == solution.support }, memory: memory))
      if supports[gradient] == nil { supports[gradient] = solution.support }
      // The next gradient has a peak of its own.
      if memory != nil { _ = HostMemory.resetPeak() }
    }
  }

  /// Solves until there are enough samples or patience ends; the first solve warms up, unless it
  /// took all the patience there is.
  private func solve(
    with gradient: SEA.Gradient, on engine: any Engine
  ) throws(RecoveryError) -> (solution: SparseSolution, seconds: Quartiles, runs: Int) {
    var limits = Limits()
    limits.iterations = study.iterations(gradient, on: shape)
    limits.tolerance = 0
    let solver = SEA(gradient: gradient, limits: limits)
    func timed() throws(RecoveryError) -> (SparseSolution, Double) {
      let start = ContinuousClock.now
      let solution = try solver.solve(problem, sparsity: shape.sparsity, with: engine) { _ in
        .proceed
      }
      return (solution, seconds(since: start))
    }
    let (solution, warmUp) = try timed()
    var samples: [Double] = []
    var total = warmUp
    while samples.count < study.repetitions, total < study.patience {
      let (_, sample) = try timed()
      samples.append(sample)
      total += sample
    }
    if samples.isEmpty { samples = [warmUp] }
    return (solution, Quartiles(of: samples), samples.count)
  }
}
