import LeastSquares
public import SparseCore

/// OLS with its state on the host, and steps foreseen where the engine takes several vectors in a
/// pass over A.
///
/// With b = Aᵀ r and w_j = ‖P^⊥a_j‖², the next atom is argmax b_j² / w_j, where b_j² is added up over the
/// observations of a joint problem. A step adds one direction q to the span and needs Aᵀq and the new b.
/// The atoms with the largest b_j² / w_j are gathered, and the steps that OLS would take among them are
/// foreseen; one pass over A then gives Aᵀq and b for all of them. Steps stand as long as the atom
/// foreseen is the best of all atoms.
public struct ForwardSelection: IterationState {
  /// What the next choice is made from.
  private struct State {
    /// b_j².
    var squares: [Double]
    /// w_j.
    var distances: [Double]

    /// w_j ← w_j − (a_jᵀ q)², and b anew.
    ///
    /// - Parameter products: Aᵀq, then b of every observation.
    mutating func enter(_ products: [[Double]]) {
      for j in distances.indices { distances[j] -= products[0][j] * products[0][j] }
      squares = rowSquares(Array(products.dropFirst()))
    }
  }

  /// A step: the point it leads to, and the direction it adds to the span.
  private struct Foreseen {
    let atom: Int
    let iterate: Iterate
    let direction: [Double]
  }

  private let workspace: Workspace
  private let sparsity: Int
  private let bounds: AtomDistances
  /// How many atoms steps are foreseen among.
  private let breadth: Int
  private let stepsInPass: Int
  private var products: HostProducts
  private var basis: OrthonormalBasis
  private var iterate: Iterate
  private var state: State
  /// Steps foreseen, of which the first was taken and the others are to be verified.
  private var path: [Foreseen] = []

  /// Begins at x = 0: one pass over A.
  init(
    _ workspace: Workspace, sparsity: Int, breadth: Int? = nil
  ) throws(RecoveryError) {
    self.workspace = workspace
    self.sparsity = sparsity
    bounds = try AtomDistances(workspace.problem.atoms, workspace.engine)
    self.breadth = min(
      breadth ?? Foresight.breadth(workspace.problem, sparsity: sparsity), workspace.problem.columns
    )
    stepsInPass = Self.stepsInPass(workspace)
    products = HostProducts(workspace)
    basis = OrthonormalBasis(rows: workspace.problem.rows)
    iterate = Iterate(empty: workspace.problem)
    state = State(
      squares: rowSquares(
        try products.correlations(of: workspace.problem.planes(of: iterate.residual))),
      distances: bounds.squares)
  }

  /// A step needs correlations with its direction, and with its residual for every observation.
  private static func stepsInPass(_ workspace: Workspace) -> Int {
    max(1, workspace.engine.residualsInPass / (workspace.problem.planes + 1))
  }

  /// The first of some steps foreseen, which is certain; or the others, as far as they stand: one pass over
  /// A.
  mutating func step(_ search: Search) throws(RecoveryError) -> Step {
    guard path.isEmpty else { return try verified() }
    guard
      let atom = bounds.bestEntry(state.squares, state.distances, besides: iterate.support)
    else { return .end(.residual) }
    path = try foresee(atom, search)
    guard let first = path.first else { return .end(.residual) }
    return taken([first])
  }

  private mutating func verified() throws(RecoveryError) -> Step {
    let problem = workspace.problem
    let columns = try products.correlations(
      of: path.flatMap { [$0.direction] + problem.planes(of: $0.iterate.residual) })
    func enter(_ place: Int) {
      let width = 1 + problem.planes
      state.enter(Array(columns[place * width..<(place + 1) * width]))
    }
    enter(0)
    var found: [Foreseen] = []
    for (place, step) in path.enumerated().dropFirst() {
      let support = found.last?.iterate.support ?? iterate.support
      guard
        step.atom == bounds.bestEntry(state.squares, state.distances, besides: support)
      else { break }
      found.append(step)
      enter(place)
    }
    path = []
    return taken(found)
  }

  private mutating func taken(_ steps: [Foreseen]) -> Step {
    for step in steps {
      iterate = step.iterate
      basis.append(step.direction)
    }
    return Step(
      steps.map { Candidate($0.iterate) },
      stop: steps.last?.iterate.support.count == sparsity ? .iterations : nil)
  }

  /// The steps that OLS would take among promising atoms, of which the first adds `atom`. Empty when
  /// that atom is in the span of the support.
  private func foresee(_ atom: Int, _ search: Search) throws(RecoveryError) -> [Foreseen] {
    var basis = basis
    guard let first = try step(from: iterate, adding: atom, basis) else { return [] }
    var path = [first]
    guard stepsInPass > 1 else { return path }
    let promising = promising(besides: iterate.support.inserting(atom))
    let set = try HostAtoms(promising, of: workspace.problem)
    let bounds = bounds.restricted(to: promising)
    var local = State(squares: [], distances: promising.map { state.distances[$0] })
    var taken: [Int] = []
    while path.count < stepsInPass, let last = path.last,
      last.iterate.support.count < sparsity, !search.isExplained(by: last.iterate.residualNorm)
    {
      basis.append(last.direction)
      let vectors = [last.direction] + workspace.problem.planes(of: last.iterate.residual)
      local.enter(
        try vectors.map { (v) throws(RecoveryError) in try set.correlate(v) })
      guard let place = bounds.bestEntry(local.squares, local.distances, besides: taken),
        let next = try step(from: last.iterate, adding: promising[place], basis)
      else { break }
      taken.append(place)
      path.append(next)
    }
    return path
  }

  private func step(
    from x: Iterate, adding atom: Int, _ basis: OrthonormalBasis
  ) throws(RecoveryError) -> Foreseen? {
    guard let direction = try basis.direction(ofAtom: atom, of: workspace.problem.atoms) else {
      return nil
    }
    return Foreseen(
      atom: atom, iterate: try workspace.project(onto: x.support.inserting(atom)),
      direction: direction)
  }

  /// The atoms with the largest b_j² / w_j, in ascending order.
  private func promising(besides support: [Int]) -> [Int] {
    var scores = state.distances.indices.map { j in
      state.distances[j] > bounds.floors[j]
        ? state.squares[j] / state.distances[j] : 0
    }
    for j in support { scores[j] = 0 }
    return largestMagnitudes(breadth, of: scores).filter { scores[$0] > 0 }
  }

  // MARK: As a checkpoint keeps it

  /// Writes the point, its basis, what the engine said, and what is foreseen.
  public func write(to writer: inout StateWriter) {
    writer.write(breadth)
    writer.write(iterate)
    writer.write(basis.vectors)
    writer.write(state.squares)
    writer.write(state.distances)
    writer.write(path) {
      $0.write($1.atom)
      $0.write($1.iterate)
      $0.write($1.direction)
    }
  }

  /// Reads all that.
  public init(from reader: inout StateReader) throws(RecoveryError) {
    workspace = reader.workspace
    sparsity = reader.atomCount
    let (m, n) = (workspace.problem.rows, workspace.problem.columns)
    bounds = try AtomDistances(workspace.problem.atoms, workspace.engine)
    stepsInPass = Self.stepsInPass(workspace)
    products = HostProducts(workspace)
    breadth = try reader.int(in: 1...n)
    iterate = try reader.iterate(atMost: sparsity)
    basis = OrthonormalBasis(rows: m, vectors: try reader.vector(m * iterate.support.count))
    state = State(squares: try reader.vector(n), distances: try reader.vector(n))
    let k = sparsity
    path = try reader.array { (reader) throws(RecoveryError) in
      Foreseen(
        atom: try reader.int(in: 0...n - 1), iterate: try reader.iterate(atMost: k),
        direction: try reader.vector(m))
    }
    try reader.require(path.count <= stepsInPass)
  }
}
