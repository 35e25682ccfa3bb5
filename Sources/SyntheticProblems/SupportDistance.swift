/// How much of the true support S* was missed: (k − |S* ∩ S|) / k with k = |S*|.
///
/// 0 when all of it was found, 1 when none of it was, and 0 when there is nothing to find.
public func supportDistance(_ found: [Int], from truth: [Int]) -> Double {
  let wanted = Set(truth)
  guard !wanted.isEmpty else { return 0 }
  return Double(wanted.subtracting(found).count) / Double(wanted.count)
}
