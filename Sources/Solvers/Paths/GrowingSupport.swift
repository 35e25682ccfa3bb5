import LeastSquares
import SparseCore

/// Finds the atom whose entry into a support lowers the loss most, for supports that change little
/// from one to the next.
///
/// Keeps an orthonormal basis Q of the span and AᵀQ on the host, 8 · n · k bytes. A new direction
/// q = (a − Q h) / ‖a − Q h‖, h = Qᵀa, has Aᵀq = (Aᵀa − AᵀQ h) / ‖a − Q h‖: with the Gram column of a at
/// hand it takes no pass over A.
struct GrowingSupport<E: Engine> {
  private let problem: LoadedProblem<E>
  private var distances: AtomDistances?
  private var products: HostProducts<E>
  private var basis: OrthonormalBasis
  /// The atoms that span, in any order; those in the span of the others are not among them.
  private var atoms: [Int] = []
  /// The support followed.
  private var support: [Int] = []
  /// AᵀQ, n × k.
  private var table: [Double] = []
  /// Atoms that correlated well with the latest residual.
  private var promising: [Int] = []

  init(_ problem: LoadedProblem<E>) {
    self.problem = problem
    products = HostProducts(problem)
    basis = OrthonormalBasis(rows: problem.problem.rows)
  }

  private var columns: Int { problem.problem.columns }

  /// Computes the Gram columns of the support of x that are missing, and fills the pass with atoms
  /// likely to follow.
  func prepareGramColumns(of x: Iterate) throws(RecoveryError) {
    guard x.support.count <= problem.cache.capacity else { return }
    let passes = problem.cache.passes
    _ = try problem.cache.load(x.support) { () throws(RecoveryError) in promising }
    problem.matrixPasses += problem.cache.passes - passes
  }

  /// argmax (a_jᵀ r)² / ‖P^⊥a_j‖² over the atoms outside the support of x, or nil when none lowers the
  /// loss. With a ridge or signs, the atom that correlates most with the residual.
  ///
  /// O(n · k) for every atom by which the support differs from the one before, and at most a pass
  /// over A for sixteen of these.
  mutating func bestEntry(at x: Iterate) throws(RecoveryError) -> Int? {
    guard problem.problem.model.isPlain else {
      return try problem.strongest(1, at: x).indices.first
    }
    try prepareGramColumns(of: x)
    let z = try problem.scratch()
    try problem.gradient(at: x, into: z)
    let correlations = try problem.engine.read(z)
    promising = largestMagnitudes(
      min(2 * problem.engine.residualsInPass, columns), of: correlations)
    try follow(x.support)
    let bounds = distances ?? AtomDistances(problem.problem.atoms, problem.engine)
    distances = bounds
    var squares = bounds.squares
    for start in stride(from: 0, to: table.count, by: columns) {
      for j in 0..<columns { squares[j] -= table[start + j] * table[start + j] }
    }
    return bounds.bestEntry(correlations, squares, besides: x.support)
  }

  /// Turns the basis to the span of `target`.
  private mutating func follow(_ target: [Int]) throws(RecoveryError) {
    guard target != support else { return }
    let wanted = Set(target)
    let leaving = Set(atoms).subtracting(wanted)
    // Rather anew than by turns as many as there are atoms.
    if 2 * leaving.count > atoms.count { clear() }
    for atom in leaving.sorted() { leave(atom) }
    let spanning = Set(atoms)
    try enter(target.filter { !spanning.contains($0) })
    support = target
  }

  private mutating func clear() {
    basis = OrthonormalBasis(rows: problem.problem.rows)
    atoms = []
    table = []
  }

  private mutating func leave(_ atom: Int) {
    guard let place = atoms.firstIndex(of: atom) else { return }
    guard
      let exits = ExitDirections(
        atoms.flatMap(problem.problem.atoms.atom), basis,
        observation: problem.problem.scaledObservation)
    else { return clear() }
    let reflection = Reflection(onto: exits.direction(place))
    basis.remove(reflection)
    reflection.apply(to: &table, rows: columns)
    table.removeLast(columns)
    atoms.remove(at: place)
  }

  private mutating func enter(_ entering: [Int]) throws(RecoveryError) {
    let atoms = problem.problem.atoms
    let isGramTrusted = problem.engine.precision == .double && problem.engine.storageRoundoff == 0
    for j in entering {
      let a = atoms.atom(j)
      let h = basis.coordinates(of: a, columns: 1)
      guard let (direction, length) = basis.complement(of: a, cancellation: atoms.cancellation(j))
      else { continue }
      let size = a.squaredNorm.squareRoot()
      if isGramTrusted, length > size / 16, problem.cache.holds([j]),
        let gram = try problem.cache.load([j]).first
      {
        var products = try problem.engine.read(gram)
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
