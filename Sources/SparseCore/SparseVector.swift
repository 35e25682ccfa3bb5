/// A vector of length n with few nonzero entries; or several with one support, the planes of a joint problem.
public struct SparseVector: Sendable, Equatable {
  /// Where the entries are, in ascending order.
  public let support: [Int]
  /// The entries, in the order of the support: plane after plane.
  public let coefficients: [Double]

  /// Entries at ascending indices, one for each in every plane.
  public init(support: [Int], coefficients: [Double]) {
    precondition(
      support.isEmpty
        ? coefficients.isEmpty
        : !coefficients.isEmpty && coefficients.count.isMultiple(of: support.count),
      "one coefficient an index in every plane")
    self.support = support
    self.coefficients = coefficients
  }

  /// The entries of a selection.
  package init(_ selection: Selection) {
    self.init(support: selection.indices, coefficients: selection.values)
  }

  /// How many planes there are: 1 where the support is empty.
  public var planes: Int { support.isEmpty ? 1 : coefficients.count / support.count }

  /// One plane alone.
  public func plane(_ l: Int) -> SparseVector {
    SparseVector(support: support, coefficients: coefficients.part(l, of: planes))
  }
}

extension [Double] {
  /// Part `l` of `count` that are equally long.
  package func part(_ l: Int, of count: Int) -> [Double] {
    guard count > 1 else { return self }
    let length = self.count / count
    return Array(self[l * length..<(l + 1) * length])
  }
}

/// The entries of largest magnitude of a vector: the answer of
/// ``Engine/largest(_:of:)-(_,EngineVector)``.
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

extension SparseVector {
  /// The support named by the k largest entries of an exploratory vector: with zero columns replaced.
  ///
  /// The exploratory vector is exactly zero at columns that may not be selected, so such a column
  /// can only be among the k largest when fewer than k entries are nonzero. The tie at zero then
  /// goes to the lowest usable columns instead.
  package func support(among atoms: Atoms) -> [Int] {
    guard support.contains(where: { !atoms.isUsable($0) }) else { return support }
    var chosen = Set(nonzeroRows.map { support[$0] })
    for j in 0..<atoms.columns where chosen.count < support.count && atoms.isUsable(j) {
      chosen.insert(j)
    }
    return chosen.sorted()
  }

  /// The places in the support where any plane has a number that is not zero.
  package var nonzeroRows: [Int] {
    support.indices.filter { p in
      (0..<planes).contains { coefficients[p + $0 * support.count] != 0 }
    }
  }
}
