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

/// The entries of largest magnitude of a vector: the answer of ``Engine/largest(_:of:)``.
public struct Selection: Equatable, Sendable {
  /// Where the entries are, in ascending order.
  public let indices: [Int]
  /// The entries themselves, in the order of `indices`.
  public let values: [Double]

  /// Pairs indices with values of equal number.
  public init(indices: [Int], values: [Double]) {
    precondition(indices.count == values.count, "one value an index")
    self.indices = indices
    self.values = values
  }
}

extension Selection {
  /// The support named by this selection: its indices, with zero columns replaced.
  ///
  /// The exploratory vector is exactly zero at columns that may not be selected, so such a column
  /// can only be among the k largest when fewer than k entries are nonzero. The tie at zero then
  /// goes to the lowest usable columns instead.
  package func support(among atoms: Atoms) -> [Int] {
    guard indices.contains(where: { !atoms.isUsable($0) }) else { return indices }
    let nonzero = zip(indices, values).filter { $0.1 != 0 }.map(\.0)
    var chosen = Set(nonzero)
    for j in 0..<atoms.columns where chosen.count < indices.count && atoms.isUsable(j) {
      chosen.insert(j)
    }
    return chosen.sorted()
  }
}
