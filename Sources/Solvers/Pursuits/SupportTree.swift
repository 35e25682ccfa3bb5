import LeastSquares
import SparseCore

/// All supports of k atoms, as the paths of a tree: the atoms of a path ascend.
///
/// A node holds the atoms behind its last one with the span of the path taken out of them. Its
/// children cost a vector operation each; the leaves, which are nearly all supports, only their gain
/// Σ_l (a_jᵀ r_l)² / ‖P^⊥a_j‖² over the observations. An atom in the span of a path lowers no loss: it
/// takes its place in the count, and nothing else. Supports on the way are judged as well, so that one
/// with fewer than k atoms is the answer where more explain nothing more.
///
/// A ridge is least squares with a row √p_j e_j below the atoms for each of them. With signs the plain
/// loss is a lower bound: only what it does not rule out is projected, and an atom in the span of a path
/// stays, because it may lie outside the cone.
struct SupportTree {
  /// The least squared loss on a support of atoms, penalty included, as the model allows it: in the
  /// units of the observations of the tree.
  typealias Projection = ([Int]) throws(RecoveryError) -> Double
  /// Takes the best support so far with its squared loss, after so many supports since the last time,
  /// and says why to stop.
  typealias Report = (_ best: [Int], _ squaredLoss: Double, _ tried: Int) -> StopReason?

  private let atomCount: Int
  private let isNonnegative: Bool
  /// The columns that may be selected.
  private let columns: [Int]
  /// ‖a_j‖² of these, times what rounding may leave of it.
  private let floors: [Double]
  private let root: ProjectedAtoms
  private var best: [Int] = []
  /// The smallest squared loss so far.
  private var least: Double
  private var unreported = 0

  /// Where there are more rows than columns, their QR factor stands for them: 2 · m · n² flops.
  ///
  /// - Parameter observations: as scaled, of length m.
  init(
    _ problem: RecoveryProblem, observations: [[Double]], atomCount: Int
  ) throws(RecoveryError) {
    self.atomCount = atomCount
    isNonnegative = problem.model.isNonnegative
    let atoms = problem.atoms
    let columns = atoms.usable
    let added = problem.model.ridge > 0 ? columns.count : 0
    var rows = atoms.rows + added
    var block = columns.enumerated().flatMap { place, j in
      atoms.atom(j)
        + (0..<added).map { $0 == place ? problem.penalty(j).squareRoot() : 0 }
    }
    var sides = observations.flatMap { $0 + Array(repeating: 0, count: added) }
    let width = columns.count + observations.count
    if rows > width {
      let factor = try triangularFactor(block + sides, rows: rows, columns: width)
      rows = width
      block = Array(factor.prefix(rows * columns.count))
      sides = Array(factor.dropFirst(rows * columns.count))
    }
    let root = ProjectedAtoms(block, rows: rows, observations: sides)
    let floor = 16 * Double(rows + 8) * Double.ulpOfOne
    floors = zip(columns, root.distances).map { floor * atoms.cancellation($0) * $1 }
    least = root.residualSquare
    self.columns = columns
    self.root = root
  }

  /// Tries all supports: nil when none is left, or why it stopped.
  mutating func run(
    _ project: Projection, _ report: Report
  ) throws(RecoveryError) -> StopReason? {
    if let stop = try descend(root, path: [], atomsLeft: atomCount, project, report) { return stop }
    return unreported > 0 ? tell(report) : nil
  }

  /// Tries the supports that continue `path`, independent places among the columns.
  private mutating func descend(
    _ node: ProjectedAtoms, path: [Int], atomsLeft: Int, _ project: Projection, _ report: Report
  ) throws(RecoveryError) -> StopReason? {
    let first = columns.count - node.distances.count
    for place in node.distances.indices.dropLast(atomsLeft - 1) {
      var child = path
      let isIndependent = node.distances[place] > floors[first + place]
      if isIndependent || isNonnegative {
        child.append(first + place)
        let gain = isIndependent ? node.gain(place) : 0
        let stop = try judge(child, node.residualSquare, less: gain, project, report)
        if let stop { return stop }
      }
      guard atomsLeft > 1 else { continue }
      let stop = try descend(
        isIndependent ? node.without(place) : node.behind(place), path: child,
        atomsLeft: atomsLeft - 1, project, report)
      if let stop { return stop }
    }
    return nil
  }

  /// Compares the squared loss of a path, `square` − `gain`, with the least so far; what may be less is
  /// projected.
  private mutating func judge(
    _ path: [Int], _ square: Double, less gain: Double, _ project: Projection, _ report: Report
  ) throws(RecoveryError) -> StopReason? {
    unreported += 1
    // The difference is off by some roundings of the square. Where it is so small that these could
    // hide which support is better, only the projection tells.
    let error = 64 * Double.ulpOfOne * square
    let bound = square - gain
    if bound < least - error || (bound < least + error && bound < 1e-6 * square) {
      let support = path.map { columns[$0] }
      let found = try project(support)
      if found < least {
        (best, least) = (support, found)
        return tell(report)
      }
    }
    return unreported >= 1 << 16 ? tell(report) : nil
  }

  private mutating func tell(_ report: Report) -> StopReason? {
    defer { unreported = 0 }
    return report(best, least, unreported)
  }
}
