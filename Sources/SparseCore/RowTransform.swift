/// What is done to the rows before least squares: T = (I − QQᵀ) W^½.
///
/// Q is an orthonormal basis of what every fit contains, W^½1 for an intercept and W^½a_j for the
/// columns included: minimising ‖T(Ax − y)‖₂ over the others is the whole least squares (Frisch and
/// Waugh 1933; Lovell 1963). T is never applied to A as a whole: engines hold A, and D Aᵀ Tᵀ r takes
/// one pass over A like any correlation.
package struct RowTransform: Sendable {
  /// W^½, or nil for ones.
  private let rootWeights: [Double]?
  /// The columns of Q.
  private var basis: [[Double]] = []

  /// Nil when there is nothing to do.
  init?(_ model: Model, _ matrix: DenseMatrix) {
    guard model.fitsIntercept || model.weights != nil || !model.included.isEmpty else { return nil }
    rootWeights = model.weights?.map { $0.squareRoot() }
    if model.fitsIntercept { extend(by: Array(repeating: 1, count: matrix.rows)) }
    for j in model.included.sorted() {
      extend(by: (0..<matrix.rows).map { matrix[$0, j] })
    }
  }

  /// Adds W^½v to what is projected out, unless it is there already.
  private mutating func extend(by v: [Double]) {
    let largest = v.reduce(0) { max($0, abs($1)) }
    // Near one, so that no square overflows; by a power of two, which rounds nothing.
    let scaled = v.map { $0.scaled(by: -Int(largest > 0 ? largest.exponent : 0)) }
    let direction = applied(to: scaled)
    let norm = direction.squaredNorm.squareRoot()
    guard norm > rounding * scaled.squaredNorm.squareRoot() else { return }
    basis.append(direction.map { $0 / norm })
  }

  /// The largest factor by which T lengthens a vector, at most.
  var norm: Double { rootWeights?.reduce(0, max) ?? 1 }

  /// ‖Tv‖ / ‖v‖ of a v that T takes to zero but for rounding, at most.
  var rounding: Double { 8 * Double.ulpOfOne * norm }

  /// v ← T v: 4 · m flops for each direction projected out.
  package func apply(to v: UnsafeMutableBufferPointer<Double>) {
    if let rootWeights {
      for i in v.indices { v[i] *= rootWeights[i] }
    }
    project(v)
  }

  /// T v.
  package func applied(to v: [Double]) -> [Double] {
    var v = v
    v.withUnsafeMutableBufferPointer { apply(to: $0) }
    return v
  }

  /// Tᵀ v.
  package func transposed(_ v: [Double]) -> [Double] {
    var v = v
    v.withUnsafeMutableBufferPointer { project($0) }
    guard let rootWeights else { return v }
    return zip(v, rootWeights).map { $0 * $1 }
  }

  /// v ← W^½ v.
  package func weighted(_ v: [Double]) -> [Double] {
    guard let rootWeights else { return v }
    return zip(v, rootWeights).map { $0 * $1 }
  }

  /// v ← (I − QQᵀ) v, twice: what the first time leaves of a part much larger than the rest is
  /// rounding, which the second removes.
  private func project(_ v: UnsafeMutableBufferPointer<Double>) {
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
