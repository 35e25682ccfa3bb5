public import SparseCore

/// Solves for several observations on one A with one support for all of them.
///
/// Simultaneous SEA keeps an exploratory matrix, one column an observation; the k rows of largest
/// norm name the support. Simultaneous OMP (Tropp, Gilbert and Strauss 2006) adds the atom whose
/// correlations with all residuals have the largest norm. With signs only what may grow counts: of a
/// row of correlations, the entries that would make their coefficients positive. The loss is the sum
/// of the losses, each with its ridge. Coefficients differ between observations, so that with signs
/// one may be zero where those of other observations are not.
public struct Joint: Sendable {
  /// Which pursuit.
  public enum Method: String, Sendable, CaseIterable {
    /// Simultaneous support exploration, from zero.
    case sea
    /// Simultaneous orthogonal matching pursuit.
    case omp
    /// Every support there is, where they are few.
    case exhaustive
  }

  /// Which pursuit.
  public var method: Method
  /// When to stop.
  public var limits: Limits

  /// A joint pursuit within `limits`.
  public init(_ method: Method = .sea, limits: Limits = Limits()) {
    self.method = method
    self.limits = limits
  }

  /// One solution for each observation, all with one support.
  ///
  /// An iteration takes one pass over A for each group of observations that the engine takes at once,
  /// and b · n bytes from the engine for each observation.
  ///
  /// - Parameter observer: called after every evaluated support, with relative residuals of all
  ///   observations together.
  /// - Throws: what ``Solver/solve(_:sparsity:observer:)`` and
  ///   ``Workspace/observing(_:)`` throw.
  public func solve(
    _ workspace: Workspace, observations: [[Double]], sparsity: Int,
    observer: SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    var lanes: [Lane] = []
    for y in observations {
      let workspace = try workspace.observing(y)
      lanes.append(
        try Lane(workspace, Search("joint", workspace, sparsity: sparsity, limits: limits)))
    }
    guard let first = lanes.first else { return [] }
    let limits = method == .exhaustive ? self.limits.evaluating(.max) : self.limits
    var search = try Search("joint", first.workspace, sparsity: sparsity, limits: limits)
    let rows = JointRows(Lockstep(engine: workspace.engine, lanes: lanes))
    search.observationNorm = rows.norm(of: lanes.map(\.search.observationNorm))
    let stop = try run(rows, &search, observer)
    let support = try rows.withoutZeros(search.best?.support ?? [])
    var solutions: [SparseSolution] = []
    for lane in lanes {
      var solution = try lane.search.solution(stop, lane.workspace, jointly: support)
      solution.iterations = search.iterations
      solution.bestIteration = search.best?.iteration ?? 0
      solution.supportsExplored = search.explored.count
      solutions.append(solution)
    }
    return solutions
  }

  /// Solves with the atoms on `engine`.
  ///
  /// - Parameter problem: the atoms; its own observation takes no part.
  /// - Throws: what ``solve(_:observations:sparsity:observer:)`` throws.
  public func solve(
    _ problem: RecoveryProblem, observations: [[Double]], sparsity: Int, with engine: any Engine,
    observer: SolveObserver = { _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    try solve(
      Workspace(problem, on: engine), observations: observations, sparsity: sparsity,
      observer: observer)
  }

  private func run(
    _ rows: JointRows, _ search: inout Search, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    if let stop = search.triviality { return stop }
    switch method {
    case .sea: return try explore(rows, &search, observer)
    case .omp: return try pursue(rows, &search, observer)
    case .exhaustive: return try tryAll(rows, &search, observer)
    }
  }

  private func explore(
    _ rows: JointRows, _ search: inout Search, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    while true {
      // S ← the k rows of 𝒳 of largest norm
      let support = try rows.largest(search.atomCount)
      let loss = try rows.project(onto: support)
      let stop = search.record(support, residualNorm: loss, method: nil, observer: observer)
      if let stop { return stop }
      // 𝒳 ← 𝒳 + Aᵀ(Y − A x)
      try rows.lockstep.updateNegativeGradients(of: rows.lanes)
      for lane in rows.lanes {
        try rows.lockstep.engine.add(1, times: lane.negativeGradient, to: lane.exploratory)
      }
    }
  }

  private func pursue(
    _ rows: JointRows, _ search: inout Search, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    var support: [Int] = []
    while support.count < search.atomCount {
      // j ← argmax ‖a_jᵀ(Y − A x)‖₂ over j ∉ S
      try rows.lockstep.updateNegativeGradients(of: rows.lanes)
      guard let atom = try rows.strongest(besides: support) else { return .residual }
      support = support.inserting(atom)
      let loss = try rows.project(onto: support)
      let stop = search.record(support, residualNorm: loss, method: nil, observer: observer)
      if let stop { return stop }
    }
    return .iterations
  }

  private func tryAll(
    _ rows: JointRows, _ search: inout Search, _ observer: SolveObserver
  ) throws(RecoveryError) -> StopReason {
    let problem = rows.lanes[0].workspace.problem
    try Exhaustive().requireFew(problem, search.atomCount)
    var tree = try SupportTree(
      problem, observations: rows.observations, atomCount: search.atomCount)
    func squaredLoss(_ support: [Int]) throws(RecoveryError) -> Double {
      let norm = try rows.project(onto: support)
      return norm * norm
    }
    while let found = try tree.next(squaredLoss) {
      search.skip(found.tried - 1)
      let stop = search.record(
        found.best, residualNorm: found.squaredLoss.squareRoot(), method: nil, observer: observer)
      if let stop { return stop }
    }
    return .converged
  }
}

/// The rows of matrices with one column an observation, in one unit for all.
struct JointRows {
  let lockstep: Lockstep
  /// The unit of each observation in the largest of them, so that nothing overflows.
  private let units: [Double]

  var lanes: [Lane] { lockstep.lanes }
  private var problem: RecoveryProblem { lanes[0].workspace.problem }

  init(_ lockstep: Lockstep) {
    self.lockstep = lockstep
    let scales = lockstep.lanes.map(\.workspace.problem.observationScale)
    let largest = scales.reduce(0) { max($0, $1) }
    units = scales.map { $0 / largest }
  }

  /// The observations.
  var observations: [[Double]] {
    zip(lanes, units).map { lane, unit in lane.workspace.problem.scaledObservation.map { $0 * unit }
    }
  }

  /// The norm of all residuals together, from that of each in its own unit.
  func norm(of norms: [Double]) -> Double {
    zip(norms, units).map { $0 * $1 }.squaredNorm.squareRoot()
  }

  /// The k rows of 𝒳 that count most, ties to the lowest.
  func largest(_ k: Int) throws(RecoveryError) -> [Int] {
    let squares = try squares(of: \.exploratory)
    let places = largestMagnitudes(k, of: squares)
    return Selection(indices: places, values: places.map { squares[$0] })
      .support(among: problem.atoms)
  }

  /// The row of correlations that counts most, ties to the lowest, or nil where none counts.
  func strongest(besides support: [Int]) throws(RecoveryError) -> Int? {
    var squares = try squares(of: \.negativeGradient)
    for j in support { squares[j] = 0 }
    let place = largestMagnitudes(1, of: squares)[0]
    return squares[place] > 0 ? place : nil
  }

  /// The squared norm of every row; where coefficients must not be negative, of its positive entries.
  private func squares(
    of column: (Lane) -> EngineVector
  ) throws(RecoveryError) -> [Double] {
    var squares = [Double](repeating: 0, count: problem.columns)
    let isNonnegative = problem.model.isNonnegative
    for (lane, unit) in zip(lanes, units) {
      for (j, entry) in try lockstep.engine.read(column(lane)).enumerated()
      where !isNonnegative || entry > 0 {
        squares[j] += unit * entry * unit * entry
      }
    }
    return squares
  }

  /// Projects every observation onto one support: the norm of all residuals together.
  func project(onto support: [Int]) throws(RecoveryError) -> Double {
    try lockstep.project(lanes.map { _ in support }, of: lanes)
    return norm(of: lanes.map(\.iterate.residualNorm))
  }

  /// A support without the atoms that signs hold at zero for every observation.
  func withoutZeros(_ support: [Int]) throws(RecoveryError) -> [Int] {
    var support = support
    while problem.model.isNonnegative, !support.isEmpty {
      _ = try project(onto: support)
      let kept = support.indices.filter { p in
        lanes.contains { $0.iterate.coefficients[p] > 0 }
      }
      if kept.count == support.count { break }
      support = kept.map { support[$0] }
    }
    return support
  }
}
