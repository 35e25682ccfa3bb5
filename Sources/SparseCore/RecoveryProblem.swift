/// Find at most k columns of A that explain y best: minimise ½‖Ax − y‖₂² over ‖x‖₀ ≤ k, or what a
/// ``Model`` makes of it.
public struct RecoveryProblem: Sendable {
  /// The columns of A, scaled to unit norm on the fly.
  public let atoms: Atoms
  /// The observation y as given, of length m.
  public let observation: [Double]

  /// What is fitted beside the plain least squares.
  public let model: Model

  /// T y divided by ``observationScale``, so that no product with an atom overflows.
  package let scaledObservation: [Double]
  /// A power of two near the largest |(T y)ᵢ|: dividing by it rounds nothing, so that the supports
  /// visited do not depend on the unit in which y is given.
  package let observationScale: Double

  /// The number of rows, m.
  public var rows: Int { atoms.rows }
  /// The number of columns, n.
  public var columns: Int { atoms.columns }

  /// States the problem, checking every number: one pass over A.
  ///
  /// - Parameters:
  ///   - normalize: whether columns are compared as if they had unit norm.
  ///   - model: an intercept, weights, a ridge, columns in or out, signs.
  /// - Throws: what ``Atoms/init(_:normalize:model:)`` throws,
  ///   ``RecoveryError/observationLength(expected:found:)``,
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``, or
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)`` when m or n is 2³¹ or more: BLAS and LAPACK
  ///   count them with 32 bits. Their product may be larger.
  public init(
    matrix: DenseMatrix, observation: [Double], normalize: Bool = true, model: Model = Model()
  ) throws(RecoveryError) {
    guard matrix.rows <= Int32.max, matrix.columns <= Int32.max else {
      throw .matrixTooLarge(rows: matrix.rows, columns: matrix.columns)
    }
    let atoms = try Atoms(matrix, normalize: normalize, model: model)
    self = try RecoveryProblem(atoms, observation: observation, model: model)
  }

  /// The same atoms and another observation.
  ///
  /// - Throws: ``RecoveryError/observationLength(expected:found:)`` or
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``.
  public func observing(_ observation: [Double]) throws(RecoveryError) -> RecoveryProblem {
    try RecoveryProblem(atoms, observation: observation, model: model)
  }

  private init(
    _ atoms: Atoms, observation: [Double], model: Model
  ) throws(RecoveryError) {
    guard observation.count == atoms.rows else {
      throw .observationLength(expected: atoms.rows, found: observation.count)
    }
    if let index = observation.firstIndex(where: { !$0.isFinite }) {
      throw .nonFiniteObservation(index: index, value: observation[index])
    }
    self.atoms = atoms
    self.observation = observation
    self.model = model
    let largest = observation.reduce(0) { max($0, abs($1)) }
    // The exponent stays clear of both ends so that the scale and its reciprocal are normal.
    let exponent = largest > 0 ? min(max(Int(largest.exponent), -1000), 1000) : 0
    observationScale = Double(sign: .plus, exponent: exponent, significand: 1)
    let scaled = observation.map { $0.scaled(by: -exponent) }
    scaledObservation = Self.transformed(scaled, atoms)
  }

  /// T y, exactly zero where T leaves rounding only: a constant observation under an intercept.
  private static func transformed(_ y: [Double], _ atoms: Atoms) -> [Double] {
    guard let transform = atoms.transform else { return y }
    let result = transform.applied(to: y)
    let rounding = transform.rounding
    return result.squaredNorm <= rounding * rounding * y.squaredNorm ? y.map { _ in 0 } : result
  }

  /// What the ridge adds to the squared loss for a coefficient c_j of atom `j`: this · c_j².
  ///
  /// Of the standardised coefficients, x_j · std_j, that is λ / m for every atom of unit norm.
  package func penalty(_ j: Int) -> Double {
    guard model.ridge > 0 else { return 0 }
    if model.isStandardized { return model.ridge / Double(rows) }
    return model.ridge * atoms.scale[j] * atoms.scale[j]
  }

  /// The coefficients of the original columns, x_j = c_j · scale_j · observationScale.
  package func originalCoefficients(_ coefficients: [Double], support: [Int]) -> [Double] {
    zip(support, coefficients).map { j, c in c * atoms.scale[j] * observationScale }
  }
}
