public import SparseCore

/// Splicing, the heart of ABESS: Zhu et al. 2020, PNAS.
///
/// The c atoms of S with the smallest coefficients make way for the c atoms outside that correlate
/// most with the residual, first for c = C, then for half as many down to one; the first exchange
/// that decreases the residual is made, and it starts anew. It ends when no exchange does.
public struct Splicing: IterativeSolver {
  /// `splicing`.
  public static let name = "splicing"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption { $0.start = $1 },
      SolverOption("exchanges", "the most atoms to exchange at once; k unless given", \.exchanges),
    ]
  }

  /// C, the most atoms to exchange at once, at least 1, or nil for k.
  public var exchanges: Int?
  /// What finds the first support, or nil for the k atoms that correlate most with y.
  public var start: (any Solver)?
  /// When to stop while exchanges still help.
  public var limits: Limits

  /// Splicing within `limits`; the start has limits of its own.
  public init(
    exchanges: Int? = nil, start: (any Solver)? = nil, limits: Limits = Limits()
  ) {
    self.exchanges = exchanges
    self.start = start
    self.limits = limits
  }

  /// It does.
  public var minimizesAnyLoss: Bool { true }
  /// It does.
  public var recoversJointly: Bool { true }
  /// It does.
  public var recoversGroups: Bool { true }

  /// Where splicing stands.
  public struct State: IterationState {
    /// The best exchange so far, and before the first the start.
    var point: StartedState
    /// The candidates for entry, and how many to try next; nil where a round begins.
    var round: (entering: SparseVector, count: Int)?

    /// Writes the point and the round.
    public func write(to writer: inout StateWriter) {
      point.write(to: &writer)
      writer.write(ifAny: round) {
        $0.write($1.entering)
        $0.write($1.count)
      }
    }

    init(_ x: Iterate) { point = StartedState(x) }

    /// Reads the point and the round.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      point = try StartedState(from: &reader)
      round = try reader.optional { (reader) throws(RecoveryError) in
        let entering = try reader.sparseVector(atMost: reader.atomCount)
        return (entering, try reader.int(in: 1...max(entering.support.count, 1)))
      }
    }
  }

  /// What `start` finds, or the k atoms that correlate most with y.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    State(try workspace.start(start, search, observer: observer))
  }

  /// One gradient for every exchange made, and at most 1 + log₂ C projections.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    let (k, atoms) = (search.groupCount, workspace.problem.atoms)
    let most = min(try valid(exchanges ?? k, "exchanges"), k)
    if let first = state.point.takeFirst() { return first }
    let x = state.point.x
    if state.round == nil {
      let entering = try workspace.negativeGradient(at: x, outside: most).largest(most)
      guard !entering.support.isEmpty else { return .end(.converged) }
      state.round = (entering, atoms.groupCount(of: entering.support))
    }
    guard let (entering, count) = state.round else { return .end(.converged) }
    let support = try workspace.keeping(k - count, of: x.vector).support
    let comes = entering.leading(count, by: try workspace.groupScores()).support
    let next = try workspace.project(onto: support.union(comes))
    if next.residualNorm < x.residualNorm {
      (state.point.x, state.round) = (next, nil)
      return Step(next)
    }
    // The last one stays as it is, so that what is kept of it can be gone on from.
    state.round = (entering, max(count / 2, 1))
    return Step(next, stop: count == 1 ? .converged : nil)
  }
}
