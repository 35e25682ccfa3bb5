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

  /// What came of one observation, or of all with one support.
  struct Outcome {
    /// Which observation it is, counted from zero.
    let observation: Int
    let path: PathPoints
    let verdicts: [PathReport.Verdict]
    let errors: CrossValidationErrors?
    let resampled: ResampledPaths?

    /// Whether somebody ended it.
    var isInterrupted: Bool {
      path.stopReason == .interrupted || resampled?.stopReason == .interrupted
        || verdicts.contains { $0.choice.notices.contains(.unfinished) }
          && Interrupt.wasRequested
    }
  }

  /// What came of all.
  struct Outcomes {
    let outcomes: [Outcome]
    /// That another engine took the place of the first.
    let warning: Warning?
    /// What was solved in the place of the table.
    let reduction: String?
    /// When the atoms were loaded, and when the paths were solved.
    let loaded: ContinuousClock.Instant
    let solved: ContinuousClock.Instant
  }

  /// A path that was solved.
  private enum Found {
    case single(SolutionPath)
    case joint(JointPath)

    /// Where it stands, unless somebody ended it: then more was kept.
    var checkpoint: CompositeCheckpoint? {
      switch self {
      case .single(let path): path.stopReason == .interrupted ? nil : path.checkpoint
      case .joint(let path): path.stopReason == .interrupted ? nil : path.checkpoint
      }
    }
  }

  /// How many paths there are.
  private var count: Int { isJoint ? 1 : input.observations.count }
  /// Those that are solved here.
  private var places: [Int] { count > 1 ? (0..<count).filter(share.contains) : [0] }

  /// Solves all paths on one engine, then judges each.
  func run() throws -> Outcomes {
    let start = try checkpoint?.start(PathsCheckpoint.self)?.paths ?? []
    let kept = Kept(start)
    let opened = ContinuousClock.now
    let reduction = try input.blaming { () throws(RecoveryError) in
      try Reduction(input.problem, observations: input.observations, method.reduction)
    }
    let problem = reduction?.problem ?? input.problem
    let (paths, warning, loaded) = try backend.withEngine(problem.atoms, precision: precision) {
      engine, warning in
      let loaded = reduction == nil ? ContinuousClock.now : opened
      let workspace = Workspace(
        problem, on: engine, gramMemory: cacheMemory, use: method.gramUse)
      let paths = try places.map { place in
        let found = try input.blaming { () throws(RecoveryError) in
          try solve(place, workspace, reduction, from: start, kept)
        }
        if let path = found.checkpoint {
          kept.set(place, PathCheckpoint(path: path, after: start, at: place))
        }
        return found
      }
      return (paths, warning, loaded)
    }
    let solved = ContinuousClock.now
    let outcomes = try zip(places, paths).map { place, path in
      try judge(path, place, from: start, kept)
    }
    // For those who go on with more draws. An interruption has been kept already, with what was under way.
    if !outcomes.contains(where: \.isInterrupted) { checkpoint?.file.keeper().keep(kept.all) }
    return Outcomes(
      outcomes: outcomes, warning: warning, reduction: reduction?.description, loaded: loaded,
      solved: solved)
  }

  private func solve(
    _ place: Int, _ workspace: Workspace, _ reduction: Reduction?, from start: [PathCheckpoint],
    _ kept: Kept
  ) throws(RecoveryError) -> Found {
    let included = reduction?.includedCount ?? 0
    let range = sparsities.lowerBound - included...sparsities.upperBound - included
    let observations = reduction?.observations ?? input.observations
    let known = start.known(place)?.path
    let keeper: CheckpointKeeper<CompositeCheckpoint>? = self.keeper(kept, place) {
      PathCheckpoint(path: $0, after: start, at: place)
    }
    if isJoint {
      let found = try solver.solve(
        workspace, jointly: observations, sparsities: range, resuming: known, keeper: keeper,
        observer: observer)
      return .joint(try reduction?.path(found) ?? found)
    }
    // Several observations share nothing but the engine: each has the bits that it has alone.
    let own =
      count == 1
      ? workspace
      : Workspace(
        try workspace.problem.observing(observations[place]), on: workspace.engine,
        gramMemory: cacheMemory, use: method.gramUse)
    let found = try solver.solve(
      own, sparsities: range, resuming: known, keeper: keeper, observer: observer)
    return .single(try reduction?.path(found, of: place) ?? found)
  }

  private func judge(
    _ found: Found, _ place: Int, from start: [PathCheckpoint], _ kept: Kept
  ) throws -> Outcome {
    let known = start.known(place)
    return try input.blaming { () throws(RecoveryError) in
      let problem =
        place == 0 ? input.problem : try input.problem.observing(input.observations[place])
      var judgement = PathJudgement(
        of: solver, problem, on: backend, precision: precision, reduction: method.reduction,
        gramMemory: cacheMemory, gramUse: method.gramUse)
      if count == 1 { judgement.share = share }
      var (verdicts, errors) = ([PathReport.Verdict](), CrossValidationErrors?.none)
      for (name, criterion) in criteria {
        let keeper: CheckpointKeeper<CompositeCheckpoint>? = found.checkpoint.flatMap { path in
          self.keeper(kept, place) {
            PathCheckpoint(path: path, validation: $0, resampling: known?.resampling)
          }
        }
        let judged =
          switch found {
          case .single(let path):
            try judgement.choice(
              from: path, by: criterion, resuming: known?.validation, keeper: keeper,
              observer: observer)
          case .joint(let path):
            try judgement.choice(
              from: path, of: input.observations, by: criterion, resuming: known?.validation,
              keeper: keeper, observer: observer)
          }
        verdicts.append(PathReport.Verdict(criterion: name.rawValue, choice: judged.choice))
        errors = errors ?? judged.errors
        if let path = found.checkpoint, let own = judged.errors?.checkpoint {
          kept.set(
            place,
            PathCheckpoint(path: path, validation: own, resampling: known?.resampling))
        }
      }
      let resampled = try draws.map { (draws) throws(RecoveryError) in
        let keeper: CheckpointKeeper<CompositeCheckpoint>? = found.checkpoint.flatMap { path in
          self.keeper(kept, place) {
            PathCheckpoint(
              path: path, validation: kept.all.paths[place].validation, resampling: $0)
          }
        }
        return switch found {
        case .single(let path):
          try judgement.resampled(
            path, by: draws, resuming: known?.resampling, keeper: keeper, observer: observer)
        case .joint(let path):
          try judgement.resampled(
            path, of: input.observations, by: draws, resuming: known?.resampling, keeper: keeper,
            observer: observer)
        }
      }
      if let path = found.checkpoint, let resampled, resampled.stopReason != .interrupted {
        kept.set(
          place,
          PathCheckpoint(
            path: path, validation: kept.all.paths[place].validation,
            resampling: resampled.checkpoint))
      }
      let points =
        switch found {
        case .single(let path): PathPoints(path)
        case .joint(let path): PathPoints(path)
        }
      return Outcome(
        observation: place, path: points, verdicts: verdicts, errors: errors, resampled: resampled)
    }
  }

  /// Hands what a member keeps to the file, with what the others had come to.
  private func keeper(
    _ kept: Kept, _ place: Int, _ whole: @escaping (CompositeCheckpoint) -> PathCheckpoint
  ) -> CheckpointKeeper<CompositeCheckpoint>? {
    checkpoint?.file.keeper {
      kept.set(place, whole($0))
      return kept.all
    }
  }

  /// Where every path stands.
  private final class Kept {
    private(set) var all: PathsCheckpoint

    init(_ paths: [PathCheckpoint]) { all = PathsCheckpoint(paths) }

    func set(_ place: Int, _ path: PathCheckpoint) { all.set(path, at: place) }
  }
}

extension [PathCheckpoint] {
  /// Where the path of an observation stands, if it has begun.
  fileprivate func known(_ place: Int) -> PathCheckpoint? {
    place < count && self[place].hasBegun ? self[place] : nil
  }
}

extension PathCheckpoint {
  /// Of a path, with what was known before of what follows it.
  fileprivate init(path: CompositeCheckpoint, after start: [PathCheckpoint], at place: Int) {
    let known = start.known(place)
    self.init(path: path, validation: known?.validation, resampling: known?.resampling)
  }
}

/// The solutions of one path, of one observation or of several with one support.
struct PathPoints {
  /// The solutions for one sparsity.
  struct Point {
    let sparsity: Int
    /// One for each observation.
    let solutions: [SparseSolution]
    let residualNorm: Double
    let relativeResidual: Double

    var support: [Int] { solutions[0].support }
    /// The sum of the losses, without a ridge.
    var loss: Double { residualNorm * residualNorm / 2 }
  }

  let points: [Point]
  let stopReason: StopReason
  let matrixPasses: Int

  init(_ path: SolutionPath) {
    points = path.points.map { point in
      Point(
        sparsity: point.sparsity, solutions: [point.solution],
        residualNorm: point.solution.residualNorm,
        relativeResidual: point.solution.relativeResidual)
    }
    (stopReason, matrixPasses) = (path.stopReason, path.matrixPasses)
  }

  init(_ path: JointPath) {
    points = path.points.map { point in
      Point(
        sparsity: point.sparsity, solutions: point.solutions, residualNorm: point.residualNorm,
        relativeResidual: point.relativeResidual)
    }
    (stopReason, matrixPasses) = (path.stopReason, path.matrixPasses)
  }
}
