public import SparseCore

/// Solves for several observations on one A with one support for all of them.
///
/// Simultaneous SEA keeps an exploratory matrix, one column an observation; the k rows of largest
/// norm name the support. Simultaneous OMP (Tropp, Gilbert and Strauss 2006) adds the atom whose
/// correlations with all residuals have the largest norm. The loss is the sum of the losses.
public struct Joint: Sendable {
  /// Which pursuit.
  public enum Method: String, Sendable, CaseIterable {
    /// Simultaneous support exploration, from zero.
    case sea
    /// Simultaneous orthogonal matching pursuit.
    case omp
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
  ///   ``LoadedProblem/observing(_:)`` throw.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, observations: [[Double]], sparsity: Int,
    observer: Observer = { _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    var lanes: [Lane<E>] = []
    var squares = 0.0
    for y in observations {
      let loaded = try problem.observing(y)
      let search = try Search("joint", loaded, sparsity: sparsity, limits: limits)
      squares +=
        search.observationNorm * search.observationNorm
        * loaded.problem.observationScale * loaded.problem.observationScale
      lanes.append(try Lane(loaded, search))
    }
    guard let first = lanes.first else { return [] }
    var search = try Search("joint", first.loaded, sparsity: sparsity, limits: limits)
    search.observationNorm = squares.squareRoot()
    var stop = StopReason.residual
    if !search.isTrivial {
      let rows = JointRows(Lockstep(engine: problem.engine, lanes: lanes))
      stop =
        switch method {
        case .sea: try explore(rows, &search, observer)
        case .omp: try pursue(rows, &search, observer)
        }
    }
    var solutions: [SparseSolution] = []
    for lane in lanes {
      if let best = search.best {
        _ = lane.search.record(best.support, residualNorm: 0, method: nil) { _ in .proceed }
      }
      solutions.append(try lane.search.solution(stop, lane.loaded))
    }
    return solutions
  }

  /// Solves with the atoms on `engine`.
  ///
  /// - Parameter problem: the atoms; its own observation takes no part.
  /// - Throws: what ``solve(_:observations:sparsity:observer:)`` throws.
  public func solve<E: Engine>(
    _ problem: RecoveryProblem, observations: [[Double]], sparsity: Int, with engine: E,
    observer: Observer = { _ in .proceed }
  ) throws(RecoveryError) -> [SparseSolution] {
    try solve(
      LoadedProblem(problem, on: engine), observations: observations, sparsity: sparsity,
      observer: observer)
  }

  private func explore<E: Engine>(
    _ rows: JointRows<E>, _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason {
    while true {
      // S ← the k rows of 𝒳 of largest norm
      let support = try rows.largest(search.sparsity, of: \.exploratory)
      let loss = try rows.project(onto: support)
      let stop = search.record(support, residualNorm: loss, method: nil, observer: observer)
      if let stop { return stop }
      // 𝒳 ← 𝒳 − Aᵀ(A x − Y)
      try rows.lockstep.updateGradients(of: rows.lanes)
      for lane in rows.lanes {
        try rows.lockstep.engine.add(-1, times: lane.gradient, to: lane.exploratory)
      }
    }
  }

  private func pursue<E: Engine>(
    _ rows: JointRows<E>, _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason {
    var support: [Int] = []
    while support.count < search.sparsity {
      // j ← argmax ‖a_jᵀ(A x − Y)‖₂ over j ∉ S
      try rows.lockstep.updateGradients(of: rows.lanes)
      guard let atom = try rows.largest(1, of: \.gradient).first(where: { !support.contains($0) })
      else { return .residual }
      support = support.inserting(atom)
      let loss = try rows.project(onto: support)
      let stop = search.record(support, residualNorm: loss, method: nil, observer: observer)
      if let stop { return stop }
    }
    return .iterations
  }
}

/// The rows of matrices with one column an observation.
struct JointRows<E: Engine> {
  let lockstep: Lockstep<E>
  var lanes: [Lane<E>] { lockstep.lanes }

  init(_ lockstep: Lockstep<E>) { self.lockstep = lockstep }

  /// The k rows of largest norm, in the unit of the observations as given, ties to the lowest.
  func largest(
    _ k: Int, of column: (Lane<E>) -> E.Vector
  ) throws(RecoveryError) -> [Int] {
    let atoms = lanes[0].loaded.problem.atoms
    var squares = [Double](repeating: 0, count: atoms.columns)
    // Divided by the largest scale, so that nothing overflows.
    let largest = lanes.reduce(0) { max($0, $1.loaded.problem.observationScale) }
    for lane in lanes {
      let scale = lane.loaded.problem.observationScale / largest
      for (j, entry) in try lockstep.engine.read(column(lane)).enumerated() {
        squares[j] += scale * entry * scale * entry
      }
    }
    let places = largestMagnitudes(k, of: squares)
    return Selection(indices: places, values: places.map { squares[$0] }).support(among: atoms)
  }

  /// Projects every observation onto one support: the norm of all residuals together.
  func project(onto support: [Int]) throws(RecoveryError) -> Double {
    try lockstep.project(lanes.map { _ in support }, of: lanes)
    return lanes.reduce(0) { sum, lane in
      let norm = lane.iterate.residualNorm * lane.loaded.problem.observationScale
      return sum + norm * norm
    }.squareRoot()
  }
}
