/// Supports are ascending lists of distinct columns.
extension [Int] {
  /// S ∪ {j}, for j ∉ S.
  func inserting(_ atom: Int) -> [Int] {
    var support = self
    support.insert(atom, at: firstIndex { $0 > atom } ?? endIndex)
    return support
  }

  /// S ∪ T, for disjoint S and T.
  func union(_ others: [Int]) -> [Int] { (self + others).sorted() }

  /// S without {j}.
  func removing(_ atom: Int) -> [Int] { filter { $0 != atom } }
}
