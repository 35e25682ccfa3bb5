import LeastSquares
import SparseCore

/// Finds the atom whose entry into a support lowers the loss most, for supports that change little
/// from one to the next.
///
/// Keeps an orthonormal basis Q of the span and AᵀQ on the host, 8 · n · k bytes. A new direction
/// q = (a − Q h) / ‖a − Q h‖, h = Qᵀa, has Aᵀq = (Aᵀa − AᵀQ h) / ‖a − Q h‖: with the Gram column of a at
/// hand it takes no pass over A.
struct GrowingSupport {
  private let workspace: Workspace
  private var distances: AtomDistances?
  private var products: HostProducts
  private var basis: OrthonormalBasis
  /// The atoms that span, in any order; those in the span of the others are not among them.
  private var atoms: [Int] = []
  /// The support followed.
  private var support: [Int] = []
  /// AᵀQ, n × k.
  private var table: [Double] = []
  /// Atoms that correlated well with the latest residual.
  private var promising: [Int] = []

  init(_ workspace: Workspace) {
    self.workspace = workspace
    products = HostProducts(workspace)
    basis = OrthonormalBasis(rows: workspace.problem.rows)
  }

  private var columns: Int { workspace.problem.columns }

  /// Computes the Gram columns of the support of x that are missing, and fills the pass with atoms
  /// likely to follow.
  func prepareGramColumns(of x: Iterate) throws(RecoveryError) {
    guard x.support.count <= workspace.cache.capacity else { return }
    let passes = workspace.cache.passes
    _ = try workspace.cache.load(x.support) { () throws(RecoveryError) in promising }
    workspace.matrixPasses += workspace.cache.passes - passes
  }

  /// argmax (a_jᵀ r)² / ‖P^⊥a_j‖² over the atoms outside the support of x, or none when none lowers the
  /// loss. With a ridge, signs or another loss than least squares, the atom that correlates most with the residual; of groups
  /// the atoms of the one that explains most of it.
  ///
  /// O(n · k) for every atom by which the support differs from the one before, and at most a pass
  /// over A for ``Engine/residualsInPass`` of these.
  mutating func bestEntry(at x: Iterate) throws(RecoveryError) -> [Int] {
    guard workspace.problem.model.isPlain, workspace.problem.hasSquaredLoss,
      workspace.problem.atoms.groups == nil
    else { return try workspace.strongest(1, at: x).support }
    try prepareGramColumns(of: x)
    let z = try workspace.scratch()
    try workspace.negativeGradient(at: x, into: z)
    let correlations = try workspace.engine.read(z[0])
    promising = largestMagnitudes(
      min(2 * workspace.engine.residualsInPass, columns), of: correlations)
    try follow(x.support)
    let bounds =
      if let distances { distances } else {
        try AtomDistances(workspace.problem.atoms, workspace.engine)
      }
    distances = bounds
    var squares = bounds.squares
    for start in stride(from: 0, to: table.count, by: columns) {
      for j in 0..<columns { squares[j] -= table[start + j] * table[start + j] }
    }
    return bounds.bestEntry(rowSquares([correlations]), squares, besides: x.support).map { [$0] }
      ?? []
  }

  /// Turns the basis to the span of `target`.
  private mutating func follow(_ target: [Int]) throws(RecoveryError) {
    guard target != support else { return }
    let wanted = Set(target)
    let leaving = Set(atoms).subtracting(wanted)
    // Rather anew than by turns as many as there are atoms.
    if 2 * leaving.count > atoms.count { clear() }
    for atom in leaving.sorted() { try leave(atom) }
    let spanning = Set(atoms)
    try enter(target.filter { !spanning.contains($0) })
    support = target
  }

  private mutating func clear() {
    basis = OrthonormalBasis(rows: workspace.problem.rows)
    atoms = []
    table = []
  }

  private mutating func leave(_ atom: Int) throws(RecoveryError) {
    guard let place = atoms.firstIndex(of: atom) else { return }
    guard
      let exits = try ExitDirections(
        workspace.problem.atoms.block(atoms), basis,
        observation: workspace.problem.scaledObservation)
    else { return clear() }
    let reflection = Reflection(onto: exits.direction(place))
    basis.remove(reflection)
    reflection.apply(to: &table, rows: columns)
    table.removeLast(columns)
    atoms.remove(at: place)
  }

  private mutating func enter(_ entering: [Int]) throws(RecoveryError) {
    let atoms = workspace.problem.atoms
    let isGramTrusted =
      workspace.engine.precision == .double && workspace.engine.storageRoundoff == 0
    for j in entering {
      let a = try atoms.atom(j)
      let h = basis.coordinates(of: a, columns: 1)
      guard let (direction, length) = basis.complement(of: a, cancellation: atoms.cancellation(j))
      else { continue }
      let size = a.squaredNorm.squareRoot()
      if isGramTrusted, length > size / 16, workspace.cache.holds([j]),
        let gram = try workspace.cache.load([j]).first
      {
        var products = try workspace.engine.read(gram)
        for (p, coordinate) in h.enumerated() {
          for i in 0..<columns { products[i] -= coordinate * table[p * columns + i] }
        }
        table += products.map { $0 / length }
      } else {
        table += try products.correlations(of: [direction])[0]
      }
      basis.append(direction)
      self.atoms.append(j)
    }
  }
}
