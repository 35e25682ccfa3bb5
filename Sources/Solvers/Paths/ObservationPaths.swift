public import SparseCore

/// One path for each of several observations, or one of all of them with one support, and what is chosen from each:
/// ``SparsityPath``, ``PathJudgement`` and ``PathsCheckpoint`` as tools put them together.
///
/// ``solve(_:_:)`` comes first, on one engine for all; then ``judge(_:on:)``.
public struct ObservationPaths {
  /// How every path is solved.
  public var path: SparsityPath
  /// The problem as given, not a reduced one; its own observation is the first.
  public var problem: RecoveryProblem
  /// At least one.
  public var observations: [[Double]]
  /// Whether all observations have one support.
  public var isJoint = false
  /// From the number of columns included on.
  public var sparsities: ClosedRange<Int>
  /// What chooses; each chooses for itself.
  public var criteria: [SparsityCriterion]
  /// On which random parts of the rows a path is solved again; how is not looked at.
  public var draws: Resampling?
  /// Of the gradients of folds and draws.
  public var precision = Precision.double
  /// When folds and draws are solved on triangles of the table.
  public var reduction = TableReduction.auto
  /// The most bytes of Gram columns, or nil for a quarter of what is available.
  public var gramMemory: Int?
  /// When gradients come from Gram columns.
  public var gramUse = GramUse.whenCached
  /// Which of the observations, or else of the folds and draws, are solved here.
  public var share = PathShare.whole
  /// Called with the place of the observation, 0 where they have one support, after every evaluated support; its
  /// answer may end all that follows.
  public var observer: (Int, IterationReport) -> SolveControl = { _, _ in .proceed }

  private let start: [PathCheckpoint]
  private let kept: Kept

  /// - Parameters:
  ///   - checkpoint: where to go on, or nil to begin.
  ///   - keeper: asked for checkpoints; nil for none.
  public init(
    _ path: SparsityPath, _ problem: RecoveryProblem, observations: [[Double]],
    sparsities: ClosedRange<Int>, criteria: [SparsityCriterion],
    resuming checkpoint: PathsCheckpoint? = nil, keeper: CheckpointKeeper<PathsCheckpoint>? = nil
  ) {
    self.path = path
    self.problem = problem
    self.observations = observations
    self.sparsities = sparsities
    self.criteria = criteria
    start = checkpoint?.paths ?? []
    kept = Kept(start, keeper)
  }

  /// A path that was solved, and is to be judged.
  public struct Found {
    /// Which observation it is of, counted from zero.
    public let observation: Int
    fileprivate let path: Solved

    /// Its points.
    public var points: PathPoints {
      switch path {
      case .single(let path): PathPoints(path)
      case .joint(let path): PathPoints(path)
      }
    }

    /// Where it stands, unless somebody ended it: then more was kept.
    fileprivate var checkpoint: CompositeCheckpoint? {
      switch path {
      case .single(let path): path.stopReason == .interrupted ? nil : path.checkpoint
      case .joint(let path): path.stopReason == .interrupted ? nil : path.checkpoint
      }
    }
  }

  fileprivate enum Solved {
    case single(SolutionPath)
    case joint(JointPath)
  }

  /// What came of one observation, or of all with one support.
  public struct Outcome {
    /// Which observation it is, counted from zero.
    public let observation: Int
    /// Every sparsity solved.
    public let path: PathPoints
    /// What each criterion chooses.
    public let choices: [SparsityChoice]
    /// What cross-validation found, where one of the criteria is that.
    public let errors: CrossValidationErrors?
    /// What the draws found, where there are some.
    public let resampled: ResampledPaths?
    /// Whether the observer, or ``Limits/isCancelled``, ended it.
    public let isInterrupted: Bool
  }

  /// How many paths there are.
  private var count: Int { isJoint ? 1 : observations.count }

  /// Solves the paths.
  ///
  /// - Parameters:
  ///   - workspace: of the problem, or of what a reduction has made of it.
  ///   - reduction: that reduction, of all observations.
  /// - Throws: what ``SparsityPath/solve(_:sparsities:resuming:keeper:observer:)`` throws.
  public func solve(
    _ workspace: Workspace, _ reduction: Reduction? = nil
  ) throws(RecoveryError) -> [Found] {
    var found: [Found] = []
    for place in count > 1 ? (0..<count).filter(share.contains) : [0] {
      let path = Found(observation: place, path: try solve(place, workspace, reduction))
      if let checkpoint = path.checkpoint {
        kept.set(place, PathCheckpoint(path: checkpoint, after: start, at: place))
      }
      found.append(path)
    }
    return found
  }

  private func solve(
    _ place: Int, _ workspace: Workspace, _ reduction: Reduction?
  ) throws(RecoveryError) -> Solved {
    let range =
      if let reduction {
        try reduction.sparsity(
          sparsities.lowerBound, atLeast: 0)...reduction.sparsity(sparsities.upperBound)
      } else { sparsities }
    let observations = reduction?.observations ?? observations
    let known = start.known(place)?.path
    let keeper = kept.keeper(place) { PathCheckpoint(path: $0, after: start, at: place) }
    if isJoint {
      let found = try path.solve(
        workspace, jointly: observations, sparsities: range, resuming: known, keeper: keeper,
        observer: observer(of: place))
      return .joint(try reduction?.path(found) ?? found)
    }
    let problem = try workspace.problem.observing(observations[place])
    // Several observations share nothing but the engine: each has the bits that it has alone.
    let own =
      count == 1
      ? try workspace.observing(observations[place])
      : Workspace(problem, on: workspace.engine, gramMemory: gramMemory, use: gramUse)
    let found = try path.solve(
      own, sparsities: range, resuming: known, keeper: keeper, observer: observer(of: place))
    return .single(try reduction?.path(found, of: place) ?? found)
  }

  /// Chooses from every path, and solves it again on draws where these are wanted.
  ///
  /// - Parameter backend: where folds and draws are solved.
  /// - Throws: what ``PathJudgement/choice(from:by:resuming:keeper:observer:)`` and
  ///   ``PathJudgement/resampled(_:by:resuming:keeper:observer:)`` throw.
  public func judge(_ found: [Found], on backend: any Backend) throws(RecoveryError) -> [Outcome] {
    var outcomes: [Outcome] = []
    for path in found { outcomes.append(try judge(path, on: backend)) }
    // For those who go on with more draws. An interruption has been kept already, with what was under way.
    if !outcomes.contains(where: \.isInterrupted) { kept.keepAll() }
    return outcomes
  }

  private func judge(
    _ found: Found, on backend: any Backend
  ) throws(RecoveryError) -> Outcome {
    let place = found.observation
    let known = start.known(place)
    let problem = place == 0 ? problem : try problem.observing(observations[place])
    let observer = observer(of: place)
    var judgement = PathJudgement(
      of: path, problem, on: backend, precision: precision, reduction: reduction,
      gramMemory: gramMemory, gramUse: gramUse)
    if count == 1 { judgement.share = share }
    var (choices, errors) = ([SparsityChoice](), CrossValidationErrors?.none)
    for criterion in criteria {
      let keeper = found.checkpoint.flatMap { path in
        kept.keeper(place) {
          PathCheckpoint(path: path, validation: $0, resampling: known?.resampling)
        }
      }
      let judged =
        switch found.path {
        case .single(let path):
          try judgement.choice(
            from: path, by: criterion, resuming: known?.validation, keeper: keeper,
            observer: observer)
        case .joint(let path):
          try judgement.choice(
            from: path, of: observations, by: criterion, resuming: known?.validation,
            keeper: keeper, observer: observer)
        }
      choices.append(judged.choice)
      errors = errors ?? judged.errors
      if let path = found.checkpoint, let own = judged.errors?.checkpoint {
        kept.set(
          place, PathCheckpoint(path: path, validation: own, resampling: known?.resampling))
      }
    }
    let resampled = try resampled(found, judgement, known)
    if let path = found.checkpoint, let resampled, resampled.stopReason != .interrupted {
      kept.set(
        place,
        PathCheckpoint(
          path: path, validation: kept.validation(place), resampling: resampled.checkpoint))
    }
    let path = found.points
    return Outcome(
      observation: place, path: path, choices: choices, errors: errors, resampled: resampled,
      isInterrupted: (kept.isStopped || self.path.limits.isCancelled?() == true)
        && (path.stopReason == .interrupted || resampled?.stopReason == .interrupted
          || choices.contains { $0.notices.contains(.unfinished) })
    )
  }

  private func resampled(
    _ found: Found, _ judgement: PathJudgement, _ known: PathCheckpoint?
  ) throws(RecoveryError) -> ResampledPaths? {
    guard let draws else { return nil }
    let place = found.observation
    let keeper = found.checkpoint.flatMap { path in
      kept.keeper(place) { [kept] in
        PathCheckpoint(path: path, validation: kept.validation(place), resampling: $0)
      }
    }
    return switch found.path {
    case .single(let path):
      try judgement.resampled(
        path, by: draws, resuming: known?.resampling, keeper: keeper, observer: observer(of: place))
    case .joint(let path):
      try judgement.resampled(
        path, of: observations, by: draws, resuming: known?.resampling, keeper: keeper,
        observer: observer(of: place))
    }
  }

  /// The observer of one path, whose answer is remembered.
  private func observer(of place: Int) -> SolveObserver {
    { [observer, kept] report in
      let control = observer(place, report)
      if control == .stop { kept.isStopped = true }
      return control
    }
  }

  /// Where every path stands, and who keeps it.
  private final class Kept {
    var isStopped = false
    private var all: PathsCheckpoint
    private let keeper: CheckpointKeeper<PathsCheckpoint>?

    init(_ paths: [PathCheckpoint], _ keeper: CheckpointKeeper<PathsCheckpoint>?) {
      all = PathsCheckpoint(paths)
      self.keeper = keeper
    }

    func set(_ place: Int, _ path: PathCheckpoint) { all.set(path, at: place) }

    func keepAll() { keeper?.keep(all) }

    /// The folds of a path that has been set.
    func validation(_ place: Int) -> CompositeCheckpoint? { all.paths[place].validation }

    /// Hands on what a member keeps, with what the others had come to.
    func keeper(
      _ place: Int, _ whole: @escaping (CompositeCheckpoint) -> PathCheckpoint
    ) -> CheckpointKeeper<CompositeCheckpoint>? {
      guard let keeper else { return nil }
      return CheckpointKeeper(isDue: keeper.isDue) {
        self.set(place, whole($0))
        self.keepAll()
      }
    }
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
public struct PathPoints: Sendable {
  /// The solutions for one sparsity: one for each observation.
  public typealias Point = JointPath.Point

  /// By ascending sparsity. At least one.
  public private(set) var points: [Point]
  /// Why the path ended.
  public let stopReason: StopReason
  /// How many times A was read from end to end.
  public let matrixPasses: Int

  /// Of a path of one observation.
  public init(_ path: SolutionPath) {
    points = path.points.map { Point($0) }
    (stopReason, matrixPasses) = (path.stopReason, path.matrixPasses)
  }

  /// Of a joint path.
  public init(_ path: JointPath) {
    (points, stopReason, matrixPasses) = (path.points, path.stopReason, path.matrixPasses)
  }

  /// The same in terms of the columns of a complex matrix, where the problem is the real form of one.
  public func complexForm(of problem: RecoveryProblem) -> PathPoints {
    var form = self
    form.points = points.map { $0.complexForm(of: problem) }
    return form
  }
}
