import LeastSquares
public import SparseCore

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
public struct SupportTree: IterationState {
  /// The least squared loss on a support of atoms, penalty included, as the model allows it: in the
  /// units of the observations of the tree.
  typealias Projection = ([Int]) throws(RecoveryError) -> Double
  /// The best support so far with its squared loss, after so many supports since the last time.
  typealias Report = (best: [Int], squaredLoss: Double, tried: Int)

  private let atomCount: Int
  private let isNonnegative: Bool
  /// The columns that may be selected.
  private let columns: [Int]
  /// ‖a_j‖² of these, times the square of what rounding leaves of a vector of length one that is projected: nearer to a span
  /// is in it.
  private let floors: [Double]
  private let root: ProjectedAtoms
  private var best: [Int] = []
  /// The smallest squared loss so far.
  private var least: Double
  private var unreported = 0
  /// The nodes from the root down to where the search stands.
  private var levels: [Level] = []

  /// A node, whose children up to `next` were tried.
  private struct Level {
    let node: Node
    /// Independent places among the columns.
    let path: [Int]
    /// How many more atoms a support has.
    let atomsLeft: Int
    var next = 0

    /// A support needs so many atoms behind the first that no other child leads to one.
    var end: Int { node.distances.count - (atomsLeft - 1) }
  }

  /// What is left of the atoms behind a path, with what its leaves ask for: an object, of which no leaf makes a copy.
  private final class Node {
    let atoms: ProjectedAtoms
    let distances: [Double]
    let gains: [Double]
    /// By how many times more than rounding what is left of the atoms is off: an atom near the span of those before it
    /// leaves a direction of few digits, and all behind it are projected along that.
    let blur: Double
    /// What rounding may hide of a gain, as a share of the loss of no atoms.
    let error: Double

    /// - Parameter floors: those of the atoms.
    init(_ atoms: ProjectedAtoms, _ floors: ArraySlice<Double>, blur: Double) {
      self.atoms = atoms
      self.blur = blur
      distances = atoms.distances
      gains = atoms.gains
      var worst = 0.0
      for (floor, distance) in zip(floors, distances) where distance > floor {
        worst = max(worst, floor / distance)
      }
      error = 4 * blur * worst.squareRoot()
    }
  }

  /// Where there are more rows than columns, their QR factor stands for them: 2 · m · n² flops.
  init(_ problem: RecoveryProblem, atomCount: Int) throws(RecoveryError) {
    self.atomCount = atomCount
    isNonnegative = problem.model.isNonnegative
    let atoms = problem.atoms
    let columns = atoms.usable
    let added = problem.model.ridge > 0 ? columns.count : 0
    var rows = atoms.rows + added
    var block: [Double] = []
    for (place, j) in columns.enumerated() {
      block += try atoms.atom(j)
      block += (0..<added).map { $0 == place ? problem.penalty(j).squareRoot() : 0 }
    }
    let observations = problem.scaledObservations
    var sides = observations.flatMap { $0 + Array(repeating: 0, count: added) }
    let width = columns.count + observations.count
    if rows > width {
      let factor = try triangularFactor(block + sides, rows: rows, columns: width)
      rows = width
      block = Array(factor.prefix(rows * columns.count))
      sides = Array(factor.dropFirst(rows * columns.count))
    }
    let root = ProjectedAtoms(block, rows: rows, observations: sides)
    floors = zip(columns, root.distances).map { j, square in
      let share = Self.roundoff(rows: rows) * atoms.cancellation(j)
      return share * share * square
    }
    least = root.residualSquare
    self.columns = columns
    self.root = root
    levels = [Level(node: Node(root, floors[...], blur: 1), path: [], atomsLeft: atomCount)]
  }

  /// Tries supports up to the next that is to be told, because it is better than those before or because
  /// many were tried; nil when none is left.
  mutating func next(_ project: Projection) throws(RecoveryError) -> Report? {
    while let depth = levels.indices.last {
      let place = levels[depth].next
      guard place < levels[depth].end else {
        levels.removeLast()
        continue
      }
      levels[depth].next += 1
      let node = levels[depth].node
      let isIndependent = isIndependent(place, node)
      let isJudged = isIndependent || isNonnegative
      if levels[depth].atomsLeft > 1 {
        let path = path(depth, isJudged ? place : nil)
        levels.append(child(levels[depth], place, path, isIndependent))
      }
      if isJudged {
        let report = try judge(depth, place, isIndependent, project)
        if let report { return report }
      }
    }
    return unreported > 0 ? tell() : nil
  }

  /// The path of a level, and the atom at a place behind it.
  private func path(_ depth: Int, _ place: Int?) -> [Int] {
    let first = columns.count - levels[depth].node.distances.count
    return levels[depth].path + (place.map { [first + $0] } ?? [])
  }

  private func isIndependent(_ place: Int, _ node: Node) -> Bool {
    node.distances[place] > floors[columns.count - node.distances.count + place]
  }

  private func child(
    _ level: Level, _ place: Int, _ path: [Int], _ isIndependent: Bool
  ) -> Level {
    let node = level.node
    let behind = floors.suffix(node.distances.count - place - 1)
    var blur = node.blur
    if isIndependent {
      let own = floors[columns.count - node.distances.count + place]
      blur += (own / node.distances[place]).squareRoot() / Self.roundoff(rows: root.rows)
    }
    return Level(
      node: Node(
        isIndependent ? node.atoms.without(place) : node.atoms.behind(place), behind, blur: blur),
      path: path, atomsLeft: level.atomsLeft - 1)
  }

  /// Compares the squared loss of a path that ends with the atom at a place with the least so far; what may be less is
  /// projected.
  private mutating func judge(
    _ depth: Int, _ place: Int, _ isIndependent: Bool, _ project: Projection
  ) throws(RecoveryError) -> Report? {
    unreported += 1
    let node = levels[depth].node
    let square = node.atoms.residualSquare
    let bound = square - (isIndependent ? node.gains[place] : 0)
    // The difference is off by some roundings of the square, and by more where a direction has few digits. Where it is so
    // small that these could hide which support is better, only the projection tells.
    let ties = 64 * Double.ulpOfOne * square
    let isBlurred = node.error > Self.leastError
    let error = ties + (isBlurred ? node.error * root.residualSquare : 0)
    if bound < least - ties || (bound < least + error && (isBlurred || bound < 1e-6 * square)) {
      let support = path(depth, place).map { columns[$0] }
      let found = try project(support)
      if found < least {
        (best, least) = (support, found)
        return tell()
      }
    }
    return unreported >= 1 << 16 ? tell() : nil
  }

  /// Of what is less, as a share of the loss of no atoms, no proof speaks.
  private static var leastError: Double { 1e-10 }

  /// What rounding leaves of a vector of length one that is projected.
  private static func roundoff(rows: Int) -> Double { 16 * Double(rows + 8) * Double.ulpOfOne }

  private mutating func tell() -> Report {
    defer { unreported = 0 }
    return (best, least, unreported)
  }

  // MARK: As a checkpoint keeps it

  /// Writes the best and the place in the tree.
  public func write(to writer: inout StateWriter) {
    writer.write(best)
    writer.write(least)
    writer.write(unreported)
    writer.write(levels.map(\.next))
  }

  /// Reads both, and goes down the tree again: O(m · n · k).
  public init(from reader: inout StateReader) throws(RecoveryError) {
    let (workspace, k) = (reader.workspace, reader.atomCount)
    try self.init(workspace.problem, atomCount: k)
    best = try reader.support(atMost: k)
    least = try reader.double()
    unreported = try reader.int(in: 0...(1 << 16))
    let places = try reader.array { (reader) throws(RecoveryError) in
      try reader.int(in: 0...reader.workspace.problem.columns)
    }
    try reader.require(places.count <= k)
    if places.isEmpty { levels = [] }
    for (depth, next) in places.enumerated() {
      try reader.require(next <= max(levels[depth].end, 0))
      levels[depth].next = next
      guard depth + 1 < places.count else { break }
      try reader.require(next > 0)
      let (level, place) = (levels[depth], next - 1)
      let isIndependent = isIndependent(place, level.node)
      let path = path(depth, isIndependent || isNonnegative ? place : nil)
      levels.append(child(level, place, path, isIndependent))
    }
  }
}
