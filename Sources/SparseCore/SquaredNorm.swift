extension Sequence<Double> {
  /// Σ xᵢ², in order, for numbers whose squares neither overflow nor underflow.
  @inlinable package var squaredNorm: Double { reduce(0) { $0 + $1 * $1 } }
}
