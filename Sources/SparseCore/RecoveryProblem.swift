/// Find at most k columns of A that explain y best: minimise ½‖Ax − y‖₂² over ‖x‖₀ ≤ k.
public struct RecoveryProblem: Sendable {
  /// The columns of A, scaled to unit norm on the fly.
  public let atoms: Atoms
  /// The observation y as given, of length m.
  public let observation: [Double]

  /// y divided by ``observationScale``, so that no product with an atom overflows.
  package let scaledObservation: [Double]
  /// A power of two near the largest |yᵢ|: dividing by it rounds nothing, so that the supports
  /// visited do not depend on the unit in which y is given.
  package let observationScale: Double

  /// The number of rows, m.
  public var rows: Int { atoms.rows }
  /// The number of columns, n.
  public var columns: Int { atoms.columns }

  /// States the problem, checking every number: one pass over A.
  ///
  /// - Throws: what ``Atoms/init(_:normalize:)`` throws,
  ///   ``RecoveryError/observationLength(expected:found:)``,
  ///   ``RecoveryError/nonFiniteObservation(index:value:)``, or
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)`` when m or n is 2³¹ or more: BLAS and LAPACK
  ///   count them with 32 bits. Their product may be larger.
  public init(
    matrix: DenseMatrix, observation: [Double], normalize: Bool = true
  ) throws(RecoveryError) {
    guard matrix.rows <= Int32.max, matrix.columns <= Int32.max else {
      throw .matrixTooLarge(rows: matrix.rows, columns: matrix.columns)
    }
    guard observation.count == matrix.rows else {
      throw .observationLength(expected: matrix.rows, found: observation.count)
    }
    if let index = observation.firstIndex(where: { !$0.isFinite }) {
      throw .nonFiniteObservation(index: index, value: observation[index])
    }
    self.init(
      atoms: try Atoms(matrix, normalize: normalize), finiteObservation: observation)
  }

  private init(atoms: Atoms, finiteObservation observation: [Double]) {
    self.atoms = atoms
    self.observation = observation
    let largest = observation.reduce(0) { max($0, abs($1)) }
    // The exponent stays clear of both ends so that the scale and its reciprocal are normal.
    let exponent = largest > 0 ? min(max(Int(largest.exponent), -1000), 1000) : 0
    observationScale = Double(sign: .plus, exponent: exponent, significand: 1)
    scaledObservation = observation.map { $0.scaled(by: -exponent) }
  }

  /// The coefficients of the original columns, x_j = c_j · scale_j · observationScale.
  package func originalCoefficients(_ coefficients: [Double], support: [Int]) -> [Double] {
    zip(support, coefficients).map { j, c in c * atoms.scale[j] * observationScale }
  }
}
