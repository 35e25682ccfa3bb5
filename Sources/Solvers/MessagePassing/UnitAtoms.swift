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
  private let workspace: Workspace
  private let image: EngineVector

  /// Below this ‖a − u uᵀa‖₂² of a unit atom a, single precision leaves less than three digits of the
  /// difference: the atom is left out.
  private static var leastRest: Double { 1e-4 }

  /// One pass over A on the host where atoms are not normalised, else nothing.
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
  }

  private init(_ atoms: UnitAtoms, factors: [Double], direction: [Double]) {
    columns = atoms.columns
    workspace = atoms.workspace
    image = atoms.image
    self.factors = factors
    self.direction = direction
  }

  /// The same without their means, of unit length again: what an intercept would make of them. Nil
  /// where there is no mean to take off. One pass over A.
  func centred() throws(RecoveryError) -> UnitAtoms? {
    guard !workspace.problem.model.fitsIntercept else { return nil }
    let ones = [Double](repeating: 1, count: workspace.problem.rows)
    let constant = workspace.problem.atoms.transform?.applied(to: ones) ?? ones
    let length = constant.norm
    // The columns included explain a constant but for rounding.
    guard length > 1e-8 * Double(constant.count).squareRoot() else { return nil }
    let direction = constant.map { $0 / length }
    let shared = try correlate(direction)
    let rests = shared.map { 1 - $0 * $0 }
    return UnitAtoms(
      self,
      factors: zip(factors, rests).map { $1 > Self.leastRest ? $0 / $1.squareRoot() : 0 },
      direction: direction)
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
