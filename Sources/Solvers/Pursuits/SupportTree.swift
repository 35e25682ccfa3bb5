import LeastSquares
import SparseCore

/// All supports of k atoms, as the paths of a tree: the atoms of a path ascend.
///
/// A node holds the atoms behind its last one with the span of the path taken out of them. Its
/// children cost a vector operation each; the leaves, which are nearly all supports, only their gain
/// (a_jᵀ r)² / ‖P^⊥a_j‖². An atom in the span of a path lowers no loss: it takes its place in the count,
/// and nothing else. Supports on the way are judged as well, so that one with fewer than k atoms is
/// the answer where more explain nothing more.
struct SupportTree<E: Engine> {
  private let problem: LoadedProblem<E>
  private let sparsity: Int
  /// The columns that may be selected.
  private let columns: [Int]
  /// ‖a_j‖² of these, times what rounding may leave of it.
  private let floors: [Double]
  private let root: ProjectedAtoms
  /// The smallest ‖r‖² so far.
  private var least: Double
  private var best: Iterate
  private var unreported = 0

  /// Where there are more rows than columns, their QR factor stands for them: 2 · m · n² flops.
  init(_ problem: LoadedProblem<E>, sparsity: Int) throws(RecoveryError) {
    self.problem = problem
    self.sparsity = sparsity
    let atoms = problem.problem.atoms
    columns = (0..<atoms.columns).filter(atoms.isUsable)
    var (rows, block) = (atoms.rows, columns.flatMap(atoms.column))
    var observation = problem.problem.scaledObservation
    if rows > columns.count + 1 {
      let factor = try triangularFactor(
        block + observation, rows: rows, columns: columns.count + 1)
      rows = columns.count + 1
      block = Array(factor.dropLast(rows))
      observation = Array(factor.suffix(rows))
    }
    root = ProjectedAtoms(block, rows: rows, observation: observation)
    let floor = 16 * Double(rows + 8) * Double.ulpOfOne
    floors = root.distances.map { $0 * floor }
    best = Iterate(empty: problem.problem)
    least = best.residual.squaredNorm
  }

  /// Tries all supports: nil when none is left, or why it stopped.
  mutating func run(
    _ search: inout Search, _ observer: Observer
  ) throws(RecoveryError) -> StopReason? {
    try descend(root, path: [], atomsLeft: sparsity, &search, observer)
  }

  /// Tries the supports that continue `path`, independent places among the columns.
  private mutating func descend(
    _ node: ProjectedAtoms, path: [Int], atomsLeft: Int, _ search: inout Search,
    _ observer: Observer
  ) throws(RecoveryError) -> StopReason? {
    let first = columns.count - node.distances.count
    for place in node.distances.indices.dropLast(atomsLeft - 1) {
      var child = path
      let isIndependent = node.distances[place] > floors[first + place]
      if isIndependent {
        child.append(first + place)
        let gain = node.correlations[place] * node.correlations[place] / node.distances[place]
        if let stop = try judge(node.residualSquare, less: gain, child, &search, observer) {
          return stop
        }
      }
      guard atomsLeft > 1 else { continue }
      let stop = try descend(
        isIndependent ? node.without(place) : node.behind(place), path: child,
        atomsLeft: atomsLeft - 1, &search, observer)
      if let stop { return stop }
    }
    return nil
  }

  /// Compares ‖r‖² = `square` − `gain` with the least so far; what may be less is projected.
  private mutating func judge(
    _ square: Double, less gain: Double, _ path: [Int], _ search: inout Search,
    _ observer: Observer
  ) throws(RecoveryError) -> StopReason? {
    unreported += 1
    // The difference is off by some roundings of `square`. Where it is so small that these could
    // hide which support is better, only the projection tells.
    let error = 64 * Double.ulpOfOne * square
    let bound = square - gain
    if bound < least - error || (bound < least + error && bound < 1e-6 * square) {
      let x = try problem.project(onto: path.map { columns[$0] })
      let found = x.residual.squaredNorm
      if found < least {
        (best, least) = (x, found)
        return report(&search, observer)
      }
    }
    return unreported >= 1 << 16 ? report(&search, observer) : nil
  }

  private mutating func report(_ search: inout Search, _ observer: Observer) -> StopReason? {
    search.skip(unreported - 1)
    unreported = 0
    return search.record(best, observer: observer)
  }
}
