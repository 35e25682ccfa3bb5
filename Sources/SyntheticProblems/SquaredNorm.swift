extension Sequence<Double> {
  /// Σ xᵢ².
  var squaredNorm: Double { reduce(0) { $0 + $1 * $1 } }
}
