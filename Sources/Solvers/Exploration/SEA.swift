public import SparseCore

/// The Support Exploration Algorithm: M. Mohamed, F. Malgouyres, V. Emiya and C. Chaux, ICML 2024.
///
/// The exploratory vector 𝒳 gathers gradients; its k largest magnitudes name a support; the best
/// support seen is returned. The sequence explores and does not converge: the loss of the iterates
/// goes up and down. From `zero` the step size has no effect on the supports visited.
public struct SEA: IterativeSolver {
  /// `sea`.
  public static let name = "sea"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption(
        "start", "where it starts", expected: "zero, correlation or the name of an algorithm"
      ) { sea, text in
        switch text {
        case "zero": sea.start = .zero
        case "correlation": sea.start = .correlation
        default:
          guard text != name, let algorithm = Algorithm.named(text) else { return false }
          sea.start = .solver(algorithm.solver(sea.limits))
        }
        return true
      },
      SolverOption("gradient", "how gradients are computed", choice: \.gradient),
      SolverOption("step-size", "η; 10 over the squared spectral norm unless given", \.stepSize),
    ]
  }

  /// Where the exploration starts.
  public var start: Start
  /// The step size η > 0, or nil for ``relativeStepSize`` / ‖AD‖₂².
  public var stepSize: Double?
  /// η ‖AD‖₂² > 0. From zero it has no effect. From elsewhere a large one soon forgets the start and
  /// explores far, which coherent columns reward; a small one stays near, which incoherent columns
  /// do. Ten loses least over both: see docs/algorithms/sea.md.
  public var relativeStepSize = 10.0
  /// How gradients are computed; the supports visited are the same.
  public var gradient: Gradient
  /// When to stop.
  public var limits: Limits

  /// Explores from `start`.
  public init(
    start: Start = .zero, stepSize: Double? = nil, gradient: Gradient = .auto,
    limits: Limits = Limits()
  ) {
    self.start = start
    self.stepSize = stepSize
    self.gradient = gradient
    self.limits = limits
  }

  /// Where an exploration stands between two iterations, or between two blocks of them.
  public struct State: IterationState {
    /// One of the two. Apart, so that each is changed in place.
    private var direct: DirectExploration?
    private var blocked: BlockedExploration?

    init(_ exploration: DirectExploration) { direct = exploration }

    init(_ exploration: BlockedExploration) { blocked = exploration }

    fileprivate mutating func step(_ search: Search) throws(RecoveryError) -> Step {
      if let step = try direct?.step() { return step }
      return try blocked?.step(search) ?? .end(.converged)
    }

    /// Writes which it is, and that.
    public func write(to writer: inout StateWriter) throws(RecoveryError) {
      writer.write(blocked != nil)
      try direct?.write(to: &writer)
      try blocked?.write(to: &writer)
    }

    /// Reads which it is, and that.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      if try reader.flag() {
        let problem = reader.workspace.problem
        try reader.require(problem.hasSquaredLoss && problem.atoms.groups == nil)
        blocked = try BlockedExploration(from: &reader)
      } else {
        direct = try DirectExploration(from: &reader)
      }
    }
  }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }
  /// It does.
  public var recoversGroups: Bool { true }

  /// Blocked exploration from zero, whose margins know how atoms are stored.
  public func provesSupports(_ problem: RecoveryProblem) -> Bool {
    start.isZero && gradient.resolved(for: problem) == .blocked
  }

  /// Start, step size and gradient.
  public func facts(_ problem: RecoveryProblem) -> [(name: String, value: String)] {
    [
      ("start", startFact),
      ("step size", stepSize.map { "\($0)" } ?? "\(relativeStepSize) over the squared norm"),
      ("gradient", gradient.resolved(for: problem).rawValue),
    ]
  }

  /// The exploratory vector at its start.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    let gradient = gradient.resolved(for: workspace.problem)
    let exploratory = try startVector(workspace, sparsity: search.sparsity, observer)
    let η = try step(workspace)
    guard gradient == .blocked else {
      return State(
        DirectExploration(
          workspace, exploratory, η, gradient == .gram ? .always : .never, search))
    }
    return State(
      try BlockedExploration(
        workspace, start: start.isZero ? nil : exploratory, η, sparsity: search.atomCount))
  }

  /// An iteration, as Algorithm 1 of the paper has it, or a block of them.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step { try state.step(search) }
}

extension SEA {
  /// The exploratory vector 𝒳⁰.
  public enum Start: Sendable {
    /// 𝒳⁰ = 0: all entries tie, so that the first support is {0, …, k−1}.
    case zero
    /// 𝒳⁰ = Aᵀy.
    case correlation
    /// 𝒳⁰ = the solution of another solver, which SEA then never makes worse: with k nonzeros its
    /// support is the first one evaluated.
    case solver(any Solver)
    /// 𝒳⁰ = a given x, one coefficient for each column of A as given; of complex columns two parts of each, or real ones alone.
    case vector([Double])
    /// 𝒳⁰ = coefficients of unit columns, as ``SparseSolution/atomCoefficients`` of a solution of the
    /// same problem has them: no unit of A or y can take them out of range.
    case atoms(SparseVector)
  }

  /// 𝒳⁰ on the engine, in the units of the atoms and of the scaled observation.
  func startVector(
    _ workspace: Workspace, sparsity: Int, _ observer: SolveObserver
  ) throws(RecoveryError) -> [EngineVector] {
    let (problem, engine) = (workspace.problem, workspace.engine)
    let exploratory = try workspace.makeCorrelations()
    switch start {
    case .zero: break
    case .correlation:
      for (u, z) in try zip(exploratory, workspace.observationCorrelations()) {
        try engine.add(1, times: z, to: u)
      }
    case .solver(let solver):
      let solution = try solver.solve(workspace, sparsity: sparsity, observer: observer)
      try write(solution.atomCoefficients, to: exploratory, workspace)
    case .atoms(let x): try write(x, to: exploratory, workspace)
    case .vector(let given):
      let x = problem.coefficients(of: given)
      guard x.count == problem.columns else {
        throw .startLength(expected: problem.columns, found: x.count)
      }
      if let index = x.firstIndex(where: { !$0.isFinite }) {
        throw .nonFiniteStart(index: index, value: x[index])
      }
      try write(atomCoefficients(x, problem), to: exploratory, workspace)
    }
    return exploratory
  }

  /// - Throws: ``RecoveryError/startOverflow(index:)`` for numbers beyond the range of the engine, or
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` for atoms that may not be selected.
  private func write(
    _ x: SparseVector, to exploratory: [EngineVector], _ workspace: Workspace
  ) throws(RecoveryError) {
    let problem = workspace.problem
    guard x.support.isEmpty || x.planes == problem.planes else {
      throw .invalidOption(
        name: "start", value: "coefficients for \(x.planes) observations",
        expected: "coefficients for \(problem.planes), or the name of a solver")
    }
    let most =
      workspace.engine.precision == .single
      ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
    for (l, vector) in exploratory.enumerated() {
      var dense = [Double](repeating: 0, count: problem.columns)
      for (j, c) in zip(x.support, x.plane(l).coefficients) {
        guard dense.indices.contains(j), problem.atoms.isUsable(j) else {
          throw .invalidOption(
            name: "start", value: "column \(j)", expected: "columns that may be selected")
        }
        guard abs(c) <= most else { throw .startOverflow(index: j) }
        dense[j] = c
      }
      try workspace.engine.write(dense, to: vector)
    }
  }

  /// The step size η: as given, or relative to ‖AD‖₂², or 1 where it has no effect.
  func step(_ workspace: Workspace) throws(RecoveryError) -> Double {
    if let stepSize { return try valid(stepSize: stepSize) }
    let factor = try valid(stepSize: relativeStepSize)
    if case .zero = start { return 1 }
    return factor / (try workspace.squaredSpectralNorm())
  }

  /// c_j = x_j / (scale_j · observationScale), without columns that may not be selected.
  private func atomCoefficients(_ x: [Double], _ problem: RecoveryProblem) -> SparseVector {
    let support = x.indices.filter { x[$0] != 0 && problem.atoms.isUsable($0) }
    return SparseVector(
      support: support,
      coefficients: support.map { x[$0] / problem.observationScale / problem.atoms.scale[$0] })
  }

  /// The start as a checkpoint names it.
  var startFact: String {
    switch start {
    case .zero: "zero"
    case .correlation: "correlation"
    case .solver(let solver): type(of: solver).name
    case .vector(let x): ProblemFact("start", hashOf: x).value
    case .atoms(let x):
      ProblemFact("start", hashOf: x.support.map(Double.init) + x.coefficients).value
    }
  }
}

extension SEA {
  /// How gradients are computed. Every way visits the same supports in the same order.
  public enum Gradient: String, Sendable, Codable, CaseIterable {
    /// `blocked`, or `direct` under another loss than least squares and for groups of columns.
    case auto
    /// Aᵀ(y − Ax), computed again for every support: one pass over A an iteration.
    case direct
    /// Aᵀy − G_S x from Gram columns Aᵀa_j, each computed once while it stays in the cache: few
    /// passes over A, and k · n numbers read an iteration.
    case gram
    /// Iterations on a working set of promising atoms, verified many at a time: see
    /// ``BlockedExploration``.
    case blocked

    /// When other solvers take gradients from Gram columns beside this one.
    public var gramUse: GramUse {
      switch self {
      case .direct: .never
      case .gram: .always
      case .auto, .blocked: .whenCached
      }
    }

    /// What `auto` stands for.
    ///
    /// An iteration reads m · n numbers when direct, n · k from Gram columns, and |W| · k when blocked.
    /// Blocked was the fastest on every shape measured, up to supports of a quarter of the columns.
    /// Under another loss no products of columns make a gradient; blocks foresee single columns.
    public func resolved(for problem: RecoveryProblem) -> Gradient {
      guard problem.hasSquaredLoss else { return .direct }
      guard problem.atoms.groups == nil else { return self == .gram ? .gram : .direct }
      return self == .auto ? .blocked : self
    }
  }
}

extension SEA.Start {
  /// Whether the exploratory vector starts at zero.
  var isZero: Bool {
    if case .zero = self { true } else { false }
  }
}
