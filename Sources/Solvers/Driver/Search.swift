import LeastSquares
import SparseCore

/// What is kept of every solve beside the state of its solver: the best support seen, and the reasons to
/// stop.
public struct Search {
  /// k, the most columns of a support, or groups of columns, those included by the model among them: what solvers hand to
  /// each other.
  public let sparsity: Int
  /// The most groups of atoms of a support: k less those included, and no more than can be selected. Where the model has no
  /// groups, each atom is one.
  public let groupCount: Int
  /// The most atoms that so many groups have: ``groupCount`` where the model has no groups.
  public let atomCount: Int
  let solver: String
  let problem: RecoveryProblem
  private let limits: Limits
  /// ‖y‖₂, or the root of twice the loss of the null model: what residuals are measured beside.
  let observationNorm: Double
  private var start = ContinuousClock.now
  let passesBefore: Int
  private(set) var warnings: [Warning] = []
  /// How many supports were evaluated.
  public private(set) var iterations = 0
  /// Iterations that named no support.
  var silent = 0
  /// How many rounds were completed, where there are rounds.
  var rounds = 0
  /// See ``SparseSolution/optimalityGap``.
  var optimalityGap: Double?
  private(set) var explored = SupportCount()
  /// The best support so far, ‖A x − y‖₂ there, and the iteration in which it was first seen.
  public private(set) var best: (support: [Int], residualNorm: Double, iteration: Int)?
  /// The support evaluated last.
  private var latest: [Int] = []

  /// Checks the request and notes what is unusual about the problem.
  ///
  /// - Parameters:
  ///   - leastSparsity: the smallest k that makes sense: 0 where the null model is asked for.
  ///   - provesSupports: whether the solver makes up for atoms that are stored roughly.
  ///   - minimizesAnyLoss: whether it is more than a solver of least squares.
  ///   - recoversJointly: whether it is more than a solver for one observation.
  ///   - recoversGroups: whether it selects groups of columns.
  init(
    _ solver: String, _ workspace: Workspace, sparsity: Int, limits: Limits,
    leastSparsity: Int = 1, provesSupports: Bool = false, minimizesAnyLoss: Bool = false,
    recoversJointly: Bool = false, recoversGroups: Bool = false
  ) throws(RecoveryError) {
    let problem = workspace.problem
    if !recoversGroups { try problem.requireSingleColumns(for: solver) }
    if !minimizesAnyLoss { try problem.requireSquaredLoss(for: solver) }
    if problem.planes > 1, !recoversJointly { throw .oneObservationOnly(solver) }
    try problem.requireSparsity(sparsity, atLeast: leastSparsity)
    try limits.validate()
    self.solver = solver
    self.problem = problem
    passesBefore = workspace.matrixPasses
    self.limits = limits
    let required = problem.atoms.requiredCount
    let usable = problem.atoms.usableGroups
    self.sparsity = sparsity
    groupCount = min(sparsity - required, usable)
    atomCount = problem.atoms.mostAtoms(of: groupCount)
    observationNorm = try workspace.nullModel().residualNorm
    if !problem.atoms.zeroColumns.isEmpty {
      warnings.append(.zeroColumns(problem.atoms.zeroColumns))
    }
    if !problem.atoms.explainedColumns.isEmpty {
      warnings.append(.explainedColumns(problem.atoms.explainedColumns))
    }
    if workspace.engine.storageRoundoff > 0, !provesSupports { warnings.append(.reducedStorage) }
    if usable + required < sparsity {
      let most = usable + required
      warnings.append(
        problem.model.selectsGroups
          ? .groupsReduced(from: sparsity, to: most) : .sparsityReduced(from: sparsity, to: most))
    }
  }

  /// Why there is nothing to search, if so: y = 0, which no support explains better than the empty one,
  /// or no column to choose.
  var triviality: StopReason? {
    observationNorm == 0 ? .residual : atomCount == 0 ? .converged : nil
  }

  /// How many more supports may be evaluated.
  public var iterationsLeft: Int { limits.iterations - iterations - silent }

  /// When the time is over, or nil where it is not limited.
  var deadline: ContinuousClock.Instant? { limits.time.map { start + $0 } }

  /// What an iteration asks that takes long.
  var interruption: Interruption {
    Interruption(deadline: deadline, isCancelled: limits.isCancelled)
  }

  /// A step that was cut short, with nothing but what was known before it.
  func cut() -> Step {
    .cut(
      best.map { Candidate($0.support, residualNorm: $0.residualNorm) },
      interruption.reason ?? .time)
  }

  /// The squared loss at which nothing is left to explain.
  var explainedLoss: Double {
    let norm = limits.tolerance * observationNorm
    return norm * norm
  }

  /// Whether a residual of this norm leaves nothing to explain.
  public func isExplained(by residualNorm: Double) -> Bool {
    residualNorm <= limits.tolerance * observationNorm
  }

  /// Notes an evaluated support and says whether to stop.
  ///
  /// - Parameter name: of what found it, where that is not the solver itself.
  mutating func record(
    _ x: Iterate, by name: String? = nil, observer: SolveObserver
  ) -> StopReason? {
    record(
      x.support, residualNorm: x.residualNorm, method: x.method, by: name, observer: observer)
  }

  /// Notes a support that another solver of this problem evaluated, and says whether to stop.
  ///
  /// - Parameter name: of what found it, where that is to be said.
  mutating func record(
    _ report: IterationReport, by name: String? = nil, observer: SolveObserver
  ) -> StopReason? {
    record(
      report.support, residualNorm: report.relativeResidual * observationNorm,
      method: report.projection, by: name, observer: observer)
  }

  /// Notes an evaluated support and says whether to stop.
  ///
  /// - Parameters:
  ///   - method: how its projection was computed, or nil when only its norm is remembered.
  ///   - name: of what found it, where that is not the solver itself.
  mutating func record(
    _ support: [Int], residualNorm: Double, method: ProjectionMethod?, by name: String? = nil,
    observer: SolveObserver
  ) -> StopReason? {
    // A strict comparison: of supports with one loss, the first seen is kept.
    if best.map({ residualNorm < $0.residualNorm }) ?? true {
      best = (support, residualNorm, iterations)
    }
    latest = support
    let isNew = explored.insert(support)
    let bestResidual = (best?.residualNorm ?? residualNorm) / observationNorm
    let elapsed = ContinuousClock.now - start
    let report = IterationReport(
      solver: name ?? solver, iteration: iterations, support: support,
      relativeResidual: residualNorm / observationNorm,
      bestRelativeResidual: bestResidual, isNew: isNew, projection: isNew ? method : nil,
      elapsed: elapsed)
    iterations += 1
    let control = observer(report)
    if isExplained(by: residualNorm) { return .residual }
    if control == .stop || limits.isCancelled?() == true { return .interrupted }
    if iterationsLeft <= 0 { return .iterations }
    if let time = limits.time, elapsed >= time { return .time }
    if let patience = limits.stagnation, iterations - 1 - (best?.iteration ?? 0) >= patience {
      return .stagnation
    }
    return nil
  }

  /// Notes an iteration that evaluated no support and says whether to stop: it counts towards the limit of
  /// iterations, and it takes time.
  mutating func advance() -> StopReason? {
    silent += 1
    return iterationsLeft <= 0 ? .iterations : interruption.reason
  }

  /// Adds something that the caller should know.
  mutating func warn(_ warning: Warning) { warnings.append(warning) }

  /// What a checkpoint keeps, after `passes` passes over A on the problem.
  func state(passes: Int) -> SearchState {
    SearchState(
      iterations: iterations, best: best?.support ?? [], bestNorm: best?.residualNorm ?? 0,
      bestIteration: best?.iteration ?? 0, latest: latest, fingerprints: explored.sorted,
      elapsed: ContinuousClock.now - start, matrixPasses: passes - passesBefore)
  }

  /// Goes on from there.
  mutating func resume(_ state: SearchState) {
    iterations = state.iterations
    best = state.iterations > 0 ? (state.best, state.bestNorm, state.bestIteration) : nil
    latest = state.latest
    explored = SupportCount(state.fingerprints)
    start = .now - state.elapsed
  }

  /// Counts supports that were evaluated without being reported one by one.
  mutating func skip(_ count: Int) { iterations += count }
}

extension Search {
  /// The best support with the coefficients of the original columns.
  ///
  /// Projected once more, so that the answer depends on the support alone and not on the supports before. Of a joint
  /// problem, what its observations have in common: see ``jointSolution(_:_:)``.
  ///
  /// - Parameter jointSupport: the support to answer with, of which all atoms stay, or nil for the best.
  func solution(
    _ stopReason: StopReason, _ workspace: Workspace, jointly jointSupport: [Int]? = nil
  ) throws(RecoveryError) -> SparseSolution {
    guard problem.planes == 1 else { return try jointSolution(stopReason, workspace) }
    var support = jointSupport ?? best?.support ?? []
    var warnings = warnings
    var atomCoefficients = SparseVector(support: [], coefficients: [])
    let (projection, minimum) = try minimum(
      onto: &support, keepsZeros: jointSupport != nil, workspace)
    var fit = Fit(problem, minimum)
    var ridge = 0.0
    if let projection {
      try fit.add(projection.coefficients, of: support)
      atomCoefficients = SparseVector(support: support, coefficients: projection.coefficients)
      ridge = zip(support, projection.coefficients).reduce(0) {
        $0 + problem.penalty($1.0) * $1.1 * $1.1
      }
    }
    try fit.complete()
    try fit.requireFinite()
    // The atoms have nothing of what every support contains.
    let rank = (projection?.rank ?? 0) + problem.atoms.requiredRank
    if rank < fit.support.count {
      warnings.append(.dependentColumns(rank: rank, sparsity: fit.support.count))
    }
    var residualNorm = fit.residual.norm
    if let minimum {
      residualNorm = (2 * (try workspace.minimizer.value(at: fit.prediction))).squareRoot()
      if !minimum.isAttained { warnings.append(.unboundedFit(loss: problem.loss.name)) }
    }
    var solution = SparseSolution(
      support: fit.support, coefficients: fit.coefficients, atomCoefficients: atomCoefficients,
      intercept: fit.intercept,
      residualNorm: residualNorm * problem.observationScale,
      relativeResidual: observationNorm == 0 ? 0 : residualNorm / observationNorm,
      lossNorm: (residualNorm * residualNorm + ridge).squareRoot(),
      iterations: iterations, bestIteration: best?.iteration ?? 0, stopReason: stopReason,
      supportsExplored: explored.count, matrixPasses: workspace.matrixPasses - passesBefore,
      warnings: warnings, engine: workspace.engine.identity)
    solution.rounds = rounds
    solution.optimalityGap = optimalityGap
    return solution
  }

  /// The best support of several observations, with the coefficients of its atoms, plane after plane: without what
  /// every support contains, which belongs to each observation.
  private func jointSolution(
    _ stopReason: StopReason, _ workspace: Workspace
  ) throws(RecoveryError) -> SparseSolution {
    var support = best?.support ?? []
    let (projection, _) = try minimum(onto: &support, keepsZeros: false, workspace)
    let atoms = SparseVector(support: support, coefficients: projection?.coefficients ?? [])
    let scales = support.map { problem.atoms.scale[$0] * problem.observationScale }
    let norm = projection?.residualNorm ?? observationNorm
    var solution = SparseSolution(
      support: support,
      coefficients: atoms.coefficients.enumerated().map { $1 * scales[$0 % scales.count] },
      atomCoefficients: atoms, intercept: nil, residualNorm: norm * problem.observationScale,
      relativeResidual: observationNorm == 0 ? 0 : norm / observationNorm, lossNorm: norm,
      iterations: iterations, bestIteration: best?.iteration ?? 0, stopReason: stopReason,
      supportsExplored: explored.count, matrixPasses: workspace.matrixPasses - passesBefore,
      warnings: warnings, engine: workspace.engine.identity)
    solution.rounds = rounds
    solution.optimalityGap = optimalityGap
    return solution
  }

  /// The projection onto the support, or the minimum of another loss there. Atoms that signs hold at zero for every
  /// observation are taken out: they are no part of the answer. No projection where none is left.
  private func minimum(
    onto support: inout [Int], keepsZeros: Bool, _ workspace: Workspace
  ) throws(RecoveryError) -> (Projection?, LossFit?) {
    while true {
      var projection: Projection?
      var minimum: LossFit?
      if !problem.hasSquaredLoss {
        minimum = try workspace.minimizer.minimize(onto: support)
        projection = minimum?.projection
      } else if !support.isEmpty {
        projection = try problem.projection(onto: support)
      }
      guard problem.model.isNonnegative, !keepsZeros, let projection else {
        return (projection, minimum)
      }
      let kept = SparseVector(support: support, coefficients: projection.coefficients).nonzeroRows
      guard kept.count < support.count else { return (projection, minimum) }
      support = kept.map { support[$0] }
    }
  }
}

/// A fit in terms of the columns as given: atoms, then the columns included and the intercept.
private struct Fit {
  /// W^½(y − A x − b) for y as scaled; under another loss, for the prediction of the minimum in the place of y.
  private(set) var residual: [Double]
  /// W^½ y, or W^½ η of the minimum.
  private let target: [Double]
  private let problem: RecoveryProblem
  private var chosen: [(column: Int, coefficient: Double)] = []
  private var constant: Double?

  /// x = 0.
  init(_ problem: RecoveryProblem, _ minimum: LossFit?) {
    self.problem = problem
    target = minimum?.prediction ?? problem.atoms.weighted(problem.presentObservation)
    residual = target
  }

  /// W^½(A x + b).
  var prediction: [Double] { zip(target, residual).map(-) }

  var support: [Int] { chosen.map(\.column) }
  var coefficients: [Double] { chosen.map { $0.coefficient * problem.observationScale } }
  var intercept: Double? { constant.map { $0 * problem.observationScale } }

  /// Adds atoms with their coefficients.
  mutating func add(_ coefficients: [Double], of support: [Int]) throws(RecoveryError) {
    for (j, c) in zip(support, coefficients) { try add(c * problem.atoms.scale[j], times: j) }
  }

  /// Fits what every support contains to what the atoms leave.
  mutating func complete() throws(RecoveryError) {
    let columns = try problem.atoms.required.map { (j) throws(RecoveryError) in
      try problem.atoms.column(j)
    }
    let ones = problem.model.fitsIntercept ? [Array(repeating: 1.0, count: problem.rows)] : []
    let regressors = (columns + ones).map { problem.atoms.weighted($0) }
    guard !regressors.isEmpty else { return }
    let x = try leastSquares(regressors, residual)
    for (j, c) in zip(problem.atoms.required, x) { try add(c, times: j) }
    chosen.sort { $0.column < $1.column }
    guard let last = ones.first.flatMap({ _ in x.last }) else { return }
    constant = last
    let step = regressors[regressors.count - 1]
    for i in residual.indices { residual[i] -= last * step[i] }
  }

  /// - Throws: ``RecoveryError/resultOverflow(_:)`` for the first number that is not finite.
  func requireFinite() throws(RecoveryError) {
    for (j, coefficient) in zip(support, coefficients) where !coefficient.isFinite {
      throw .resultOverflow(.coefficient(column: j))
    }
    if let intercept, !intercept.isFinite { throw .resultOverflow(.intercept) }
    guard (residual.norm * problem.observationScale).isFinite else {
      throw .resultOverflow(.residualNorm)
    }
  }

  /// r ← r − W^½ a_j c, for column `j` as given.
  private mutating func add(_ c: Double, times j: Int) throws(RecoveryError) {
    chosen.append((j, c))
    let change = problem.atoms.weighted(try problem.atoms.column(j, times: c))
    for i in residual.indices { residual[i] -= change[i] }
  }
}

/// Counts distinct supports by their fingerprints.
struct SupportCount {
  private var fingerprints: Set<UInt64>

  /// Goes on from supports with these fingerprints.
  init(_ fingerprints: [UInt64] = []) { self.fingerprints = Set(fingerprints) }

  /// Beyond this many supports none is counted as new: 16 MB of fingerprints.
  private static var most: Int { 1 << 20 }

  /// The fingerprints in ascending order.
  var sorted: [UInt64] { fingerprints.sorted() }

  /// How many distinct supports were seen.
  var count: Int { fingerprints.count }

  /// Notes `support` and says whether it is seen for the first time.
  mutating func insert(_ support: [Int]) -> Bool {
    guard fingerprints.count < Self.most else { return false }
    return fingerprints.insert(fingerprint(support)).inserted
  }
}

/// A 64-bit hash, the same in every run: FNV-1a over the indices.
func fingerprint(_ support: [Int]) -> UInt64 {
  support.reduce(0xCBF2_9CE4_8422_2325) { hash, j in
    (hash ^ UInt64(truncatingIfNeeded: j)) &* 0x0000_0100_0000_01B3
  }
}

extension RecoveryProblem {
  /// Refuses a sparsity outside 1...n, or 0...n, and one that does not hold the columns included; of groups, their number
  /// takes the place of n.
  func requireSparsity(_ sparsity: Int, atLeast least: Int = 1) throws(RecoveryError) {
    let things = model.selectsGroups ? "groups" : "columns"
    if let labels = model.columnGroups {
      let most = Set(labels).count
      guard (least...most).contains(sparsity) else {
        throw .invalidOption(
          name: "sparsity", value: "\(sparsity)",
          expected: "\(least) to \(most), the number of \(things)")
      }
    }
    guard sparsity >= least, sparsity <= columns else {
      throw .sparsityOutOfRange(sparsity: sparsity, columns: columns)
    }
    let required = atoms.requiredCount
    guard sparsity >= required else {
      throw .invalidOption(
        name: "sparsity", value: "\(sparsity)",
        expected: "at least \(required), the number of \(things) included")
    }
  }

  /// Refuses groups of columns on behalf of a solver that selects single ones.
  ///
  /// - Throws: ``RecoveryError/unsupportedModel(solver:option:)``.
  func requireSingleColumns(for solver: String) throws(RecoveryError) {
    if atoms.groups != nil {
      let things = model.selectsGroups ? "groups of columns" : "complex columns"
      throw .unsupportedModel(solver: solver, option: things)
    }
  }
}
