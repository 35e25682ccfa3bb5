/// A vector of length n with few nonzero entries.
public struct SparseVector: Sendable, Equatable {
  /// Where the entries are, in ascending order.
  public let support: [Int]
  /// The entries, in the order of the support.
  public let coefficients: [Double]

  /// Entries at ascending indices, one for each.
  public init(support: [Int], coefficients: [Double]) {
    precondition(support.count == coefficients.count, "one coefficient an index")
    self.support = support
    self.coefficients = coefficients
  }
}
