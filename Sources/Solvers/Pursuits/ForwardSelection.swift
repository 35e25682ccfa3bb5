import LeastSquares
import SparseCore

/// OLS with its state on the host, and steps foreseen where the engine takes several vectors in a
/// pass over A.
///
/// With b = Aᵀ(A x − y) and w_j = ‖P^⊥a_j‖², the next atom is argmax b_j² / w_j. A step adds one
/// direction q to the span and needs Aᵀq and the new b. The atoms with the largest b_j² / w_j are
/// gathered, and the steps that OLS would take among them are foreseen; one pass over A then gives
/// Aᵀq and b for all of them. Steps stand as long as the atom foreseen is the best of all atoms.
struct ForwardSelection<E: Engine> {
  /// What the next choice is made from.
  private struct State {
    var correlations: [Double]
    var distances: [Double]

    /// w_j ← w_j − (a_jᵀ q)².
    mutating func enter(_ products: [Double], correlations: [Double]) {
      for j in distances.indices { distances[j] -= products[j] * products[j] }
      self.correlations = correlations
    }
  }

  /// A step: the point it leads to, and the direction it adds to the span.
  private struct Step {
    let atom: Int
    let iterate: Iterate
    let direction: [Double]
  }

  private let problem: LoadedProblem<E>
  private let sparsity: Int
  private let bounds: AtomDistances
  /// How many atoms steps are foreseen among.
  private let breadth: Int
  private let stepsInPass: Int
  private var products: HostProducts<E>
  private var basis: OrthonormalBasis
  private var iterate: Iterate
  private var state: State

  /// Begins at x = 0: one pass over A.
  init(
    _ problem: LoadedProblem<E>, sparsity: Int, breadth: Int? = nil
  ) throws(RecoveryError) {
    self.problem = problem
    self.sparsity = sparsity
    bounds = AtomDistances(problem.problem.atoms, problem.engine)
    self.breadth = min(
      breadth ?? Foresight.breadth(problem.problem, sparsity: sparsity), problem.problem.columns)
    stepsInPass = max(1, problem.engine.residualsInPass / 2)
    products = HostProducts(problem)
    basis = OrthonormalBasis(rows: problem.problem.rows)
    iterate = Iterate(empty: problem.problem)
    state = State(
      correlations: try products.correlations(of: [iterate.residual])[0],
      distances: bounds.squares)
  }

  /// Adds atoms until there is a reason to stop.
  mutating func run(
    _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason {
    while let atom = bounds.bestEntry(state.correlations, state.distances, besides: iterate.support)
    {
      let path = try foresee(atom, search)
      guard let first = path.first else { break }
      // The first step is certain.
      if let stop = record(first, &search, observer) { return stop }
      let columns = try products.correlations(
        of: path.flatMap { [$0.direction, $0.iterate.residual] })
      state.enter(columns[0], correlations: columns[1])
      for (place, step) in path.enumerated().dropFirst() {
        guard
          step.atom
            == bounds.bestEntry(state.correlations, state.distances, besides: iterate.support)
        else { break }
        if let stop = record(step, &search, observer) { return stop }
        state.enter(columns[2 * place], correlations: columns[2 * place + 1])
      }
    }
    return .residual
  }

  private mutating func record(
    _ step: Step, _ search: inout Search, _ observer: Observer
  ) -> StopReason? {
    iterate = step.iterate
    basis.append(step.direction)
    return search.record(iterate, observer: observer)
      ?? (iterate.support.count == sparsity ? .iterations : nil)
  }

  /// The steps that OLS would take among promising atoms, of which the first adds `atom`. Empty when
  /// that atom is in the span of the support.
  private func foresee(_ atom: Int, _ search: Search) throws(RecoveryError) -> [Step] {
    var basis = basis
    guard let first = try step(from: iterate, adding: atom, basis) else { return [] }
    var path = [first]
    guard stepsInPass > 1 else { return path }
    let promising = promising(besides: iterate.support.inserting(atom))
    let set = HostAtoms(promising, of: problem.problem)
    let bounds = bounds.restricted(to: promising)
    var local = State(correlations: [], distances: promising.map { state.distances[$0] })
    var taken: [Int] = []
    while path.count < stepsInPass, let last = path.last,
      last.iterate.support.count < sparsity, !search.isExplained(by: last.iterate.residualNorm)
    {
      basis.append(last.direction)
      local.enter(
        set.correlate(last.direction), correlations: set.correlate(last.iterate.residual))
      guard let place = bounds.bestEntry(local.correlations, local.distances, besides: taken),
        let next = try step(from: last.iterate, adding: promising[place], basis)
      else { break }
      taken.append(place)
      path.append(next)
    }
    return path
  }

  private func step(
    from x: Iterate, adding atom: Int, _ basis: OrthonormalBasis
  ) throws(RecoveryError) -> Step? {
    guard let direction = basis.direction(ofAtom: atom, of: problem.problem.atoms) else {
      return nil
    }
    return Step(
      atom: atom, iterate: try problem.project(onto: x.support.inserting(atom)),
      direction: direction)
  }

  /// The atoms with the largest b_j² / w_j, in ascending order.
  private func promising(besides support: [Int]) -> [Int] {
    var scores = state.distances.indices.map { j in
      state.distances[j] > bounds.floors[j]
        ? state.correlations[j] * state.correlations[j] / state.distances[j] : 0
    }
    for j in support { scores[j] = 0 }
    return largestMagnitudes(breadth, of: scores).filter { scores[$0] > 0 }
  }
}
