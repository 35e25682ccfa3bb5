import LeastSquares
import SparseCore

/// A support with all that is needed to see what every addition and every swap would gain.
///
/// AᵀQ for an orthonormal basis Q of the span of the support is kept on the host, 8 · n · k bytes.
/// A swap turns Q so that one vector leaves, and adds one: only its products are new.
struct Exchange<E: Engine> {
  /// Where the search stands.
  private(set) var iterate: Iterate

  private let problem: LoadedProblem<E>
  private let distances: AtomDistances
  private var basis: OrthonormalBasis
  private var table: SwapTable
  private var products: HostProducts<E>
  /// b = Aᵀ r, for the residual r = y − A x of the field.
  private var correlations: [Double] = []

  /// Begins at the projection onto the support of `x`, without atoms that depend on those before.
  ///
  /// ⌈(k + 1) / ``Engine/residualsInPass``⌉ passes over A.
  init(_ problem: LoadedProblem<E>, from x: Iterate) throws(RecoveryError) {
    self.problem = problem
    let atoms = problem.problem.atoms
    distances = AtomDistances(atoms, problem.engine)
    products = HostProducts(problem)
    table = SwapTable(squares: distances.squares, floors: distances.floors)
    var basis = OrthonormalBasis(rows: atoms.rows)
    var directions: [[Double]] = []
    var independent: [Int] = []
    for j in x.support {
      guard let direction = basis.direction(ofAtom: j, of: atoms) else { continue }
      basis.append(direction)
      directions.append(direction)
      independent.append(j)
    }
    self.basis = basis
    iterate =
      try x.method != nil && independent == x.support
      ? x : problem.project(onto: independent)
    correlations = try fill(with: directions)
  }

  /// Adds the atom whose entry lowers the loss most. False when none lowers it.
  ///
  /// One pass over A; O(n · k).
  mutating func grow() throws(RecoveryError) -> Bool {
    guard
      let atom = distances.bestEntry(
        correlations, table.distances(), besides: iterate.support)
    else { return false }
    let candidate = try problem.project(onto: iterate.support.inserting(atom))
    guard isBetter(candidate),
      let direction = basis.direction(ofAtom: atom, of: problem.problem.atoms)
    else { return false }
    try enter(direction, candidate)
    return true
  }

  /// Makes the swap that lowers the loss most. False when none lowers it.
  ///
  /// One pass over A when a swap is made, none when not; 2 · n · k² flops on the host.
  mutating func swap() throws(RecoveryError) -> Bool {
    let support = iterate.support
    let atoms = problem.problem.atoms
    guard
      let exits = ExitDirections(
        support.flatMap(atoms.atom), basis, observation: problem.problem.scaledObservation)
    else { return false }
    let entries = table.bestEntries(exits, correlations: correlations, support: support)
      .sorted { ($0.decrease.selectionKey, $1.exit) > ($1.decrease.selectionKey, $0.exit) }
    for entry in entries {
      let candidate = try problem.project(
        onto: support.removing(support[entry.exit]).inserting(entry.atom))
      guard isBetter(candidate) else { continue }
      let reflection = Reflection(onto: exits.direction(entry.exit))
      var rest = basis
      rest.remove(reflection)
      guard let direction = rest.direction(ofAtom: entry.atom, of: atoms) else { continue }
      basis = rest
      table.remove(reflection)
      try enter(direction, candidate)
      return true
    }
    return false
  }

  /// Whether a projection lowers the loss by more than rounding, so that no support comes twice.
  private func isBetter(_ candidate: Iterate) -> Bool {
    candidate.residualNorm < iterate.residualNorm * (1 - 0x1p-32)
  }

  private mutating func enter(
    _ direction: [Double], _ candidate: Iterate
  ) throws(RecoveryError) {
    basis.append(direction)
    iterate = candidate
    correlations = try fill(with: [direction])
  }

  /// Appends Aᵀ q for new vectors of the basis and answers Aᵀ r.
  private mutating func fill(with directions: [[Double]]) throws(RecoveryError) -> [Double] {
    var columns = try products.correlations(
      of: directions + [iterate.residual.map(-)])
    let correlations = columns.removeLast()
    for column in columns { table.append(column) }
    return correlations
  }
}
