import SparseRecovery

/// What `sea path` computes: paths, what is chosen from each, and what draws of rows say of it.
struct PathRun {
  let input: SolveInput
  let solver: SparsityPath
  let sparsities: ClosedRange<Int>
  let criteria: [(name: SparsityCriterion.Name, criterion: SparsityCriterion)]
  let draws: Resampling?
  let backend: FallbackBackend
  let precision: Precision
  let method: MethodChoice
  let cacheMemory: Int?
  /// Whether all observations have one support.
  let isJoint: Bool
  let checkpoint: CheckpointChoice?
  /// Which of the observations, or else of the folds and draws, are solved here.
  let share: PathShare
  let observer: SolveObserver

  /// What came of all.
  struct Outcomes {
    let outcomes: [ObservationPaths.Outcome]
    /// That another engine took the place of the first.
    let warning: Warning?
    /// What was solved in the place of the table.
    let reduction: String?
    /// When the atoms were loaded, and when the paths were solved.
    let loaded: ContinuousClock.Instant
    let solved: ContinuousClock.Instant
  }

  /// Solves all paths on one engine, then judges each.
  func run() throws -> Outcomes {
    var paths = ObservationPaths(
      solver, input.problem, observations: input.observations, sparsities: sparsities,
      criteria: criteria.map(\.criterion), resuming: try checkpoint?.start(),
      keeper: checkpoint?.file.keeper())
    paths.isJoint = isJoint
    paths.draws = draws
    paths.precision = precision
    paths.reduction = method.reduction
    paths.gramMemory = cacheMemory
    paths.gramUse = method.gramUse
    paths.share = share
    paths.observer = { [observer] in observer($1) }
    let opened = ContinuousClock.now
    let reduction = try input.blaming { () throws(RecoveryError) in
      try Reduction(input.problem, observations: input.observations, method.reduction)
    }
    let problem = reduction?.problem ?? input.problem
    let (found, warning, loaded) = try backend.withEngine(problem.atoms, precision: precision) {
      engine, warning in
      let loaded = reduction == nil ? ContinuousClock.now : opened
      let workspace = Workspace(
        problem, on: engine, gramMemory: cacheMemory, use: method.gramUse)
      let found = try input.blaming { () throws(RecoveryError) in
        try paths.solve(workspace, reduction)
      }
      return (found, warning, loaded)
    }
    let solved = ContinuousClock.now
    let outcomes = try input.blaming { () throws(RecoveryError) in
      try paths.judge(found, on: backend)
    }
    return Outcomes(
      outcomes: outcomes, warning: warning, reduction: reduction?.description, loaded: loaded,
      solved: solved)
  }
}
