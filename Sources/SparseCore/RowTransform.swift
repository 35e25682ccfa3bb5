/// What is done to the rows before least squares: T = (I − QQᵀ) W^½.
///
/// Q is an orthonormal basis of what every fit contains, W^½1 for an intercept and W^½a_j for the
/// columns included: minimising ‖T(Ax − y)‖₂ over the others is the whole least squares (Frisch and
/// Waugh 1933; Lovell 1963). T is never applied to A as a whole: engines hold A, and D Aᵀ Tᵀ r takes
/// one pass over A like any correlation.
///
/// A row of weight 0 is absent: T writes a zero there, whatever the number before, NaN included.
package struct RowTransform: Sendable {
  /// W, or nil for ones.
  let weights: [Double]?
  /// W^½, or nil for ones.
  private let rootWeights: [Double]?
  /// The columns of Q.
  package private(set) var basis: [[Double]] = []

  /// Nil when there is nothing to do.
  init?(_ model: RecoveryModel, _ operator: any LinearOperator) throws(RecoveryError) {
    guard model.fitsIntercept || model.weights != nil || !model.included.isEmpty else { return nil }
    weights = model.weights
    rootWeights = weights?.map { $0.squareRoot() }
    if model.fitsIntercept { extend(by: Array(repeating: 1, count: `operator`.rows)) }
    for j in model.included.sorted() {
      extend(by: try `operator`.column(j))
    }
  }

  /// Adds W^½v to what is projected out, unless it is there already.
  private mutating func extend(by v: [Double]) {
    // Near one before and after the weights, so that nothing overflows.
    let direction = weighted(present(v).nearOne).nearOne
    let complement = projected(direction)
    let length = complement.norm
    guard length > Self.rounding * direction.norm else { return }
    basis.append(complement.map { $0 / length })
  }

  /// The largest factor by which T lengthens a vector, at most.
  var norm: Double { rootWeights?.reduce(0, max) ?? 1 }

  /// Whether anything is projected out.
  var projects: Bool { !basis.isEmpty }

  /// ‖Tv‖ / ‖W^½v‖ of a v that T takes to zero but for rounding, at most.
  static var rounding: Double { 8 * Double.ulpOfOne }

  /// v ← T v: 4 · m flops for each direction projected out.
  package func apply(to v: UnsafeMutableBufferPointer<Double>) {
    weigh(v)
    project(v)
  }

  /// T v.
  package func applied(to v: [Double]) -> [Double] { projected(weighted(v)) }

  /// Tᵀ v.
  package func transposed(_ v: [Double]) -> [Double] { weighted(projected(v)) }

  /// W^½ v.
  package func weighted(_ v: [Double]) -> [Double] {
    var v = v
    v.withUnsafeMutableBufferPointer { weigh($0) }
    return v
  }

  /// v with zeros in the rows that are absent.
  func present(_ v: [Double]) -> [Double] {
    guard let rootWeights else { return v }
    return zip(v, rootWeights).map { $1 == 0 ? 0 : $0 }
  }

  /// v ← W^½ v.
  func weigh(_ v: UnsafeMutableBufferPointer<Double>) {
    guard let rootWeights else { return }
    for i in v.indices { v[i] = rootWeights[i] == 0 ? 0 : rootWeights[i] * v[i] }
  }

  private func projected(_ v: [Double]) -> [Double] {
    var v = v
    v.withUnsafeMutableBufferPointer { project($0) }
    return v
  }

  /// v ← (I − QQᵀ) v, twice: what the first time leaves of a part much larger than the rest is
  /// rounding, which the second removes.
  func project(_ v: UnsafeMutableBufferPointer<Double>) {
    for _ in 0..<2 {
      for q in basis {
        q.withUnsafeBufferPointer { q in
          var part = 0.0
          for i in v.indices { part += q[i] * v[i] }
          for i in v.indices { v[i] -= part * q[i] }
        }
      }
    }
  }
}
