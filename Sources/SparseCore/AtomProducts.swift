/// Products with atoms, T A D, of an operator that knows the inner products of its columns: no column is gathered for
/// them.
///
/// Q is the basis of what T takes away. With B = QᵀW^½A, whose rows cost a product with A each, the inner products of
/// atoms are D (AᵀW A − BᵀB) D.
package struct AtomProducts: Sendable {
  private let `operator`: any LinearOperator
  private let scale: [Double]
  private let transform: RowTransform?
  /// B, a row for each direction of Q.
  private let shadows: [[Double]]

  /// Nil where the operator leaves inner products to columns, and where a square of a norm may leave the range of
  /// doubles. A product with A for each direction of Q.
  ///
  /// - Parameter norms: ‖W^½a_j‖ of every column.
  /// - Throws: what the operator throws.
  init?(
    _ operator: any LinearOperator, scale: [Double], norms: [Double], _ transform: RowTransform?
  ) throws(RecoveryError) {
    guard zip(scale, norms).allSatisfy({ $0 == 0 || Self.norms.contains($1) }),
      try `operator`.gram([0], [0], weights: transform?.weights) != nil
    else { return nil }
    self.operator = `operator`
    self.scale = scale
    self.transform = transform
    shadows = try (transform?.basis ?? []).map { (q) throws(RecoveryError) in
      try `operator`.correlations(with: transform?.weighted(q) ?? q)
    }
  }

  /// The norms whose squares, and products of two, stay in the range with all their digits.
  private static var norms: ClosedRange<Double> { 0x1p-450...0x1p450 }

  /// Σ_p c_p T a_p d_p for coefficients of `atoms`: one product with A, 8 · (m + n) bytes for a while.
  ///
  /// - Throws: what the operator throws.
  package func image(
    of c: some Sequence<Double>, atoms: [Int]
  ) throws(RecoveryError) -> [Double] {
    var x = [Double](repeating: 0, count: `operator`.columns)
    for (j, c) in zip(atoms, c) { x[j] += c * scale[j] }
    let given = try `operator`.applied(to: x)
    // T leaves out what stands in rows of weight 0.
    let image = transform?.applied(to: given) ?? given
    try Self.require(image, "products")
    return image
  }

  /// (T a_p d_p)ᵀ r for every one of `atoms`: one product with A, 8 · (m + n) bytes for a while.
  ///
  /// - Throws: what the operator throws.
  package func correlations(
    _ r: [Double], with atoms: [Int]
  ) throws(RecoveryError) -> [Double] {
    let products = try `operator`.correlations(with: transform?.transposed(r) ?? r)
    let correlations = atoms.map { products[$0] * scale[$0] }
    try Self.require(correlations, "adjoint products")
    return correlations
  }

  /// The inner products of the atoms I and J, |I| × |J|, column after column.
  ///
  /// - Throws: what the operator throws, and ``RecoveryError/operatorFailure(_:)`` where it answers with fewer numbers.
  package func innerProducts(_ I: [Int], _ J: [Int]) throws(RecoveryError) -> [Double] {
    guard !I.isEmpty, !J.isEmpty else { return [] }
    var products = try `operator`.gram(I, J, weights: transform?.weights) ?? []
    guard products.count == I.count * J.count else {
      throw .operatorFailure(
        "expected \(I.count) × \(J.count) inner products, found \(products.count) numbers")
    }
    try Self.require(products, "inner products")
    for (q, j) in J.enumerated() {
      for (p, i) in I.enumerated() {
        let place = p + q * I.count
        for shadow in shadows { products[place] -= shadow[i] * shadow[j] }
        products[place] *= scale[i] * scale[j]
      }
    }
    return products
  }

  private static func require(_ numbers: [Double], _ name: String) throws(RecoveryError) {
    if let number = numbers.first(where: { !$0.isFinite }) {
      throw .operatorFailure("expected finite \(name), found \(number)")
    }
  }
}
