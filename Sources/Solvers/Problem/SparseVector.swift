public import SparseCore

extension SparseVector {
  /// The sum of two vectors with disjoint supports.
  init(_ a: SparseVector, _ b: SparseVector) {
    let entries = (Array(zip(a.support, a.coefficients)) + zip(b.support, b.coefficients))
      .sorted { $0.0 < $1.0 }
    self.init(support: entries.map(\.0), coefficients: entries.map(\.1))
  }

  /// H_k: the k entries of largest magnitude, ties to the lowest index; exact zeros are left out.
  public func keeping(_ k: Int) -> SparseVector {
    guard k > 0 else { return SparseVector(support: [], coefficients: []) }
    let positions =
      support.count > k ? largestMagnitudes(k, of: coefficients) : Array(support.indices)
    let kept = positions.filter { coefficients[$0] != 0 }
    return SparseVector(
      support: kept.map { support[$0] }, coefficients: kept.map { coefficients[$0] })
  }

  /// ‖self − other‖₂².
  func squaredDistance(to other: SparseVector) -> Double {
    let theirs = Dictionary(uniqueKeysWithValues: zip(other.support, other.coefficients))
    let mine = Set(support)
    let here = zip(support, coefficients).map { j, c in c - (theirs[j] ?? 0) }.squaredNorm
    return here
      + zip(other.support, other.coefficients).filter { !mine.contains($0.0) }
      .map(\.1).squaredNorm
  }
}
