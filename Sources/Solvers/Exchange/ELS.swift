public import SparseCore

/// Exhaustive local search: Shalev-Shwartz, Srebro and Zhang 2010, as fully corrective selection with
/// replacement; Axiotis and Sviridenko 2020.
///
/// Of all k · (n − k) ways to swap an atom of the support for another, makes the one that lowers the
/// loss most, and repeats until none does. The losses are exact: every swap is judged after the
/// projection onto its support. Of several observations with one support the losses are added up.
public struct ELS: IterativeSolver {
  /// `els`.
  public static let name = "els"

  /// By their names.
  public static var options: [SolverOption<Self>] {
    [
      SolverOption { $0.start = .solver($1) }
    ]
  }

  /// Where the search starts.
  public enum Start: Sendable {
    /// The support another solver finds.
    case solver(any Solver)
    /// At most k distinct columns, in any order; those that the model includes are understood.
    case support([Int])
  }

  /// Where the search starts.
  public var start: Start
  /// When to stop before the support is a local optimum. An iteration is an exchange.
  public var limits: Limits

  /// A search from `start`.
  public init(start: Start = .solver(OMP()), limits: Limits = Limits()) {
    self.start = start
    self.limits = limits
  }

  /// It does.
  public var recoversJointly: Bool { true }

  /// Where a search stands.
  public struct State: IterationState {
    /// The start.
    var start: StartedState
    /// What exchanges are chosen from, once the start was evaluated.
    var exchange: Exchange?

    init(_ x: Iterate) { start = StartedState(x) }

    /// Writes the start, and the exchange.
    public func write(to writer: inout StateWriter) {
      start.write(to: &writer)
      writer.write(ifAny: exchange) { $1.write(to: &$0) }
    }

    /// Reads both.
    public init(from reader: inout StateReader) throws(RecoveryError) {
      start = try StartedState(from: &reader)
      exchange = try reader.optional { (reader) throws(RecoveryError) in
        try Exchange(from: &reader)
      }
    }
  }

  /// The projection onto the start.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a start that is no support.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> State {
    try workspace.problem.model.requirePlain(for: Self.name)
    return State(try workspace.project(onto: startSupport(workspace, search, observer)))
  }

  /// An exchange: one pass over A, and 2 · n · k² flops on the host. Before the first one
  /// ⌈(k + 1) / ``Engine/residualsInPass``⌉ passes more.
  public func step(
    _ state: inout State, _ workspace: Workspace, _ search: Search
  ) throws(RecoveryError) -> Step {
    if let first = state.start.takeFirst(), !state.start.x.support.isEmpty { return first }
    var exchange =
      if let exchange = state.exchange { exchange } else {
        try Exchange(workspace, from: state.start.x)
      }
    // The stored one gives up its table, which would be copied otherwise.
    state.exchange = nil
    defer { state.exchange = exchange }
    guard try exchange.improve(sparsity: search.atomCount) else { return .end(.converged) }
    return Step(exchange.iterate)
  }

  private func startSupport(
    _ workspace: Workspace, _ search: Search, _ observer: SolveObserver
  ) throws(RecoveryError) -> [Int] {
    switch start {
    case .solver(let solver):
      let solution = try solver.solve(workspace, sparsity: search.sparsity, observer: observer)
      return solution.atomCoefficients.support
    case .support(let columns):
      let atoms = workspace.problem.atoms
      let required = Set(atoms.required)
      let support = columns.filter { !required.contains($0) }.sorted()
      let isDistinct = zip(support, support.dropFirst()).allSatisfy { $0 != $1 }
      guard isDistinct, support.count <= search.atomCount,
        support.allSatisfy({ 0..<atoms.columns ~= $0 && atoms.isUsable($0) })
      else {
        throw .invalidOption(
          name: "start", value: "\(columns)",
          expected: "at most \(search.sparsity) distinct columns from 0 up to \(atoms.columns), "
            + "all of which may be selected")
      }
      return support
    }
  }
}
