import LeastSquares
import SparseCore

/// The atoms as message passing wants them, on an engine: all of unit length, those left out that may
/// not be selected; and, if asked for, without what they share.
struct UnitAtoms {
  /// The columns that may be selected, in ascending order.
  let columns: [Int]
  /// What takes a coefficient of a unit atom to one of the atom, for each of `columns`.
  private let factors: [Double]
  /// A unit vector that is projected out, or nil.
  private let direction: [Double]?
  /// As how many rows of independent entries those of the problem count: inner products of two unit atoms have mean square
  /// 1 / `rows`.
  private(set) var rows = 0.0
  private let workspace: Workspace
  private let image: EngineVector

  /// Below this ‖a − u uᵀa‖₂² of a unit atom a, single precision leaves less than three digits of the
  /// difference: the atom is left out.
  private static var leastRest: Double { 1e-4 }
  /// How many vectors of random signs measure ``rows``. Of Gaussian columns it is then known to a factor of 2 where there are
  /// ten, to a quarter where there are sixty, in 95 of 100 draws.
  private static var probes: Int { 4 }

  /// One pass over A on the host where atoms are not normalised, and eight on the engine where weights that are frequencies
  /// leave it open how many rows there are; else nothing.
  init(_ workspace: Workspace) throws(RecoveryError) {
    let atoms = workspace.problem.atoms
    self.workspace = workspace
    columns = atoms.usable
    direction = nil
    // The factor of all atoms where they are taken as they are.
    factors = try columns.map { (j) throws(RecoveryError) in
      atoms.scale[j] == atoms.unit ? 1 / (try atoms.atom(j).norm) : 1
    }
    image = try workspace.engine.makeVector(.residual)
    rows = try effectiveRows()
  }

  private init(_ atoms: UnitAtoms, factors: [Double], direction: [Double]) {
    columns = atoms.columns
    workspace = atoms.workspace
    image = atoms.image
    self.factors = factors
    self.direction = direction
    rows = atoms.rows
  }

  /// What weights say of ``rows``; and where they may say two things, what inner products of the atoms do, within that.
  ///
  /// For signs s, ‖(AᵀA − I) s‖² is the sum of the squared inner products of different atoms in the mean.
  private func effectiveRows() throws(RecoveryError) -> Double {
    let range = workspace.problem.observedRows.effective
    let count = Double(factors.count { $0 > 0 })
    guard range.lowerBound < range.upperBound, count > 1 else { return range.lowerBound }
    var generator = SeededGenerator(seed: 1)
    var squares = 0.0
    for _ in 0..<Self.probes {
      let signs = factors.map { $0 > 0 ? generator.sign() : 0 }
      let products = try correlate(try synthesize(signs, planes: 1))
      squares += zip(products, signs).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let rows = Double(Self.probes) * count * (count - 1) / squares
    return min(max(range.lowerBound, rows), range.upperBound)
  }

  /// The same without their means, of unit length again: what an intercept would make of them. Nil
  /// where there is no mean to take off. One pass over A, and as many as in the beginning.
  func centred() throws(RecoveryError) -> UnitAtoms? {
    guard let direction = constantDirection else { return nil }
    let shared = try correlate(direction)
    let rests = shared.map { 1 - $0 * $0 }
    var atoms = UnitAtoms(
      self,
      factors: zip(factors, rests).map { $1 > Self.leastRest ? $0 / $1.squareRoot() : 0 },
      direction: direction)
    atoms.rows = try atoms.effectiveRows()
    return atoms
  }

  /// What became of the vector of ones, of unit length. Nil where fits explain it, but for rounding.
  private var constantDirection: [Double]? {
    let problem = workspace.problem
    guard !problem.model.fitsIntercept else { return nil }
    var ones = [Double](repeating: 1, count: problem.rows)
    if let rotation = problem.model.rotation {
      guard rotation.startsWithConstant else { return nil }
      ones.replaceSubrange(1..., with: repeatElement(0, count: ones.count - 1))
    }
    let constant = problem.atoms.transform?.applied(to: ones) ?? ones
    let length = constant.norm
    guard length > 1e-8 * Double(constant.count).squareRoot() else { return nil }
    return constant.map { $0 / length }
  }

  /// y without what is projected out; of several y of length m, one after another, each.
  func observed(_ y: [Double]) -> [Double] {
    guard let direction else { return y }
    let planes = y.count / direction.count
    return (0..<planes).flatMap { l in
      let y = y.part(l, of: planes)
      let part = zip(direction, y).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(direction, y).map { $1 - part * $0 }
    }
  }

  /// A x, of length m, for one number a usable column, plane after plane. A pass over A for each plane.
  func synthesize(_ x: [Double], planes: Int) throws(RecoveryError) -> [Double] {
    let input = try workspace.scratch()[0]
    var images: [Double] = []
    for l in 0..<planes {
      var dense = [Double](repeating: 0, count: workspace.problem.columns)
      let first = l * columns.count
      for (place, j) in columns.enumerated() { dense[j] = factors[place] * x[first + place] }
      try workspace.engine.write(dense, to: input)
      try workspace.engine.multiply(input, into: image)
      workspace.matrixPasses += 1
      let product = try workspace.engine.read(image)
      images += workspace.problem.atoms.transform?.applied(to: product) ?? product
    }
    return observed(images)
  }

  /// Aᵀ r, one number a usable column, plane after plane, for an r without what is projected out. A pass over A for as
  /// many planes as the engine takes at once.
  func correlate(_ r: [Double], planes: Int = 1) throws(RecoveryError) -> [Double] {
    let outputs = Array(try workspace.scratch().prefix(planes))
    try workspace.correlate(r, into: outputs)
    var correlations: [Double] = []
    for output in outputs {
      let dense = try workspace.engine.read(output)
      correlations += zip(columns, factors).map { $1 * dense[$0] }
    }
    return correlations
  }
}
