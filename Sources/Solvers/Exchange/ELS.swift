public import SparseCore

/// Exhaustive local search: Shalev-Shwartz, Srebro and Zhang 2010, as fully corrective selection with
/// replacement; Axiotis and Sviridenko 2020.
///
/// Of all k · (n − k) ways to swap an atom of the support for another, makes the one that lowers the
/// loss most, and repeats until none does. The losses are exact: every swap is judged after the
/// projection onto its support.
public struct ELS: Solver {
  /// `els`.
  public static let name = "els"

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

  /// The start, ⌈(k + 1) / ``Engine/residualsInPass``⌉ passes over A, and one for every exchange, with
  /// 2 · n · k² flops on the host.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a start that is no support.
  public func solve<E: Engine>(
    _ problem: LoadedProblem<E>, sparsity: Int, observer: Observer
  ) throws(RecoveryError) -> SparseSolution {
    try problem.problem.model.requirePlain(for: Self.name)
    var search = try Search(Self.name, problem, sparsity: sparsity, limits: limits)
    if let stop = search.triviality { return try search.solution(stop, problem) }
    let support = try startSupport(problem, search, observer)
    let x = try problem.project(onto: support)
    if !support.isEmpty, let stop = search.record(x, observer: observer) {
      return try search.solution(stop, problem)
    }
    var exchange = try Exchange(problem, from: x)
    while try exchange.improve(sparsity: search.atomCount) {
      if let stop = search.record(exchange.iterate, observer: observer) {
        return try search.solution(stop, problem)
      }
    }
    return try search.solution(.converged, problem)
  }

  private func startSupport<E: Engine>(
    _ problem: LoadedProblem<E>, _ search: Search, _ observer: Observer
  ) throws(RecoveryError) -> [Int] {
    switch start {
    case .solver(let solver):
      let solution = try solver.solve(problem, sparsity: search.sparsity, observer: observer)
      return solution.atomCoefficients.support
    case .support(let columns):
      let atoms = problem.problem.atoms
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
