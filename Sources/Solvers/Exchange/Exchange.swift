import LeastSquares
import SparseCore

/// A support with all that is needed to see what every addition and every swap would gain.
///
/// AᵀQ for an orthonormal basis Q of the span of the support is kept on the host, 8 · n · k bytes.
/// A swap turns Q so that one vector leaves, and adds one: only its products are new.
struct Exchange {
  /// Where the search stands.
  private(set) var iterate: Iterate

  private let workspace: Workspace
  private let distances: AtomDistances
  private var basis: OrthonormalBasis
  private var table: SwapTable
  private var products: HostProducts
  /// b = Aᵀ r, plane after plane.
  private var correlations: [Double] = []

  /// Begins at the projection onto the support of `x`, without atoms that depend on those before.
  ///
  /// ⌈(k + L) / ``Engine/residualsInPass``⌉ passes over A, for L observations.
  init(_ workspace: Workspace, from x: Iterate) throws(RecoveryError) {
    self.workspace = workspace
    let atoms = workspace.problem.atoms
    distances = try AtomDistances(atoms, workspace.engine)
    products = HostProducts(workspace)
    table = SwapTable(
      squares: distances.squares, floors: distances.floors, threads: workspace.engine.threads)
    var basis = OrthonormalBasis(rows: atoms.rows)
    var directions: [[Double]] = []
    var independent: [Int] = []
    for j in x.support {
      guard let direction = try basis.direction(ofAtom: j, of: atoms) else { continue }
      basis.append(direction)
      directions.append(direction)
      independent.append(j)
    }
    self.basis = basis
    iterate =
      try x.method != nil && independent == x.support
      ? x : workspace.project(onto: independent)
    correlations = try fill(with: directions)
  }

  /// Adds the atom whose entry lowers the loss most. False when none lowers it.
  ///
  /// One pass over A; O(n · k).
  mutating func grow() throws(RecoveryError) -> Bool {
    guard
      let atom = distances.bestEntry(
        rowSquares(workspace.problem.planes(of: correlations)), table.distances(),
        besides: iterate.support)
    else { return false }
    let candidate = try workspace.project(onto: iterate.support.inserting(atom))
    guard isBetter(candidate),
      let direction = try basis.direction(ofAtom: atom, of: workspace.problem.atoms)
    else { return false }
    try enter(direction, candidate)
    return true
  }

  /// Makes the swap that lowers the loss most. False when none lowers it.
  ///
  /// One pass over A when a swap is made, none when not; 2 · n · k² flops on the host.
  mutating func swap() throws(RecoveryError) -> Bool {
    let support = iterate.support
    let atoms = workspace.problem.atoms
    guard
      let exits = try ExitDirections(
        atoms.block(support), basis, observation: workspace.problem.scaledPlanes)
    else { return false }
    let entries = table.bestEntries(exits, correlations: correlations, support: support)
      .sorted { ($0.decrease.selectionKey, $1.exit) > ($1.decrease.selectionKey, $0.exit) }
    for entry in entries {
      let candidate = try workspace.project(
        onto: support.removing(support[entry.exit]).inserting(entry.atom))
      guard isBetter(candidate) else { continue }
      let reflection = Reflection(onto: exits.direction(entry.exit))
      var rest = basis
      rest.remove(reflection)
      guard let direction = try rest.direction(ofAtom: entry.atom, of: atoms) else { continue }
      basis = rest
      table.remove(reflection)
      try enter(direction, candidate)
      return true
    }
    return false
  }

  /// The supports that one swap leads to, those of the smallest loss, the best first: 2 · n · k² flops on the host.
  ///
  /// - Parameter most: how many, at least one.
  func neighbours(_ most: Int) throws(RecoveryError) -> [[Int]] {
    let support = iterate.support
    guard
      let exits = try ExitDirections(
        workspace.problem.atoms.block(support), basis,
        observation: workspace.problem.scaledPlanes)
    else { return [] }
    return table.bestSwaps(most, exits, correlations: correlations, support: support)
      .map { support.removing(support[$0.exit]).inserting($0.atom) }
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
    let residuals = workspace.problem.planes(of: iterate.residual)
    let columns = try products.correlations(of: directions + residuals)
    for column in columns.prefix(directions.count) { table.append(column) }
    return columns.suffix(residuals.count).flatMap { $0 }
  }

  // MARK: As a checkpoint keeps it

  func write(to writer: inout StateWriter) {
    writer.write(iterate)
    writer.write(basis.vectors)
    writer.write(table.products)
    writer.write(correlations)
  }

  init(from reader: inout StateReader) throws(RecoveryError) {
    workspace = reader.workspace
    let (m, n) = (workspace.problem.rows, workspace.problem.columns)
    distances = try AtomDistances(workspace.problem.atoms, workspace.engine)
    products = HostProducts(workspace)
    iterate = try reader.iterate(atMost: reader.atomCount)
    let k = iterate.support.count
    basis = OrthonormalBasis(rows: m, vectors: try reader.vector(m * k))
    table = SwapTable(
      squares: distances.squares, floors: distances.floors, threads: workspace.engine.threads,
      products: try reader.vector(n * k))
    correlations = try reader.vector(n * workspace.problem.planes)
  }
}

extension Workspace {
  /// `x` after exchanges, each the one that lowers the loss most, until none does: never worse than
  /// the projection onto its support.
  ///
  /// While the support has fewer than `sparsity` atoms, the best atom is added; then atoms are
  /// swapped. The first exchange costs ⌈(k + 1) / ``Engine/residualsInPass``⌉ + 1 passes over A, every
  /// further one a pass; each takes 2 · n · k² flops on the host, where AᵀQ takes 8 · n · k bytes.
  ///
  /// - Parameters:
  ///   - exchanges: the most additions and swaps to make.
  ///   - deadline: when to make no more.
  func polished(
    _ x: Iterate, sparsity: Int, exchanges: Int = .max,
    until deadline: ContinuousClock.Instant? = nil
  ) throws(RecoveryError) -> Iterate {
    var exchange = try Exchange(self, from: x)
    for _ in 0..<exchanges {
      if let deadline, ContinuousClock.now >= deadline { break }
      guard try exchange.improve(sparsity: sparsity) else { break }
    }
    return exchange.iterate.residualNorm < x.residualNorm || x.method == nil ? exchange.iterate : x
  }
}

extension Exchange {
  /// Adds an atom while there are fewer than `sparsity`, or swaps two. False when nothing lowers the
  /// loss.
  mutating func improve(sparsity: Int) throws(RecoveryError) -> Bool {
    if iterate.support.count < sparsity, try grow() { return true }
    return try swap()
  }
}
