import LeastSquares
import SparseCore

/// Ranks groups of atoms by what they explain.
///
/// A group g explains ‖P_g r‖² = z_gᵀ G_g⁻¹ z_g of a residual, where z_g = A_gᵀ r and G_g = A_gᵀA_g, with the ridge on its
/// diagonal; its coefficients make ‖A_g c_g‖² = c_gᵀ G_g c_g of a prediction. With a factor G_g = L Lᵀ these are ‖L⁻¹ z_g‖² and
/// ‖Lᵀ c_g‖², for groups of one atom the squares that atoms are ranked by. Zhang, Zhu, Zhu and Wang 2023,
/// doi:10.1287/ijoc.2022.1241, splice groups by the same.
struct GroupScores: Sendable {
  let groups: AtomGroups
  private let factors: [GroupFactor]

  /// The factors of all groups: m · Σ|g|² flops, and a look at all columns, by several threads where they lie in memory. Of
  /// complex columns of unit norm nothing is looked at.
  init(_ groups: AtomGroups, of problem: RecoveryProblem, threads: Int) throws(RecoveryError) {
    self.groups = groups
    if problem.model.selection == .columns, problem.atoms.isNormalized {
      // a and i a are orthogonal, whatever complex columns are projected out of them.
      factors = groups.members.map { members in
        GroupFactor(norms: members.map { 1 + problem.penalty($0) })
      }
      return
    }
    // An operator is asked by one thread.
    let threads = problem.atoms.dense == nil ? 1 : threads
    factors = try concurrently(groups.members, threads: threads) {
      (members) throws(RecoveryError) in
      GroupFactor(gram: try HostAtoms(members, of: problem).gram())
    }
  }

  /// The root of what every group explains, of correlations of all columns, plane after plane. O(Σ|g|²).
  func ofGradient(_ z: [Double], planes: Int) -> [Double] {
    let columns = z.count / planes
    var own = [Double](repeating: 0, count: groups.members.reduce(0) { max($0, $1.count) })
    return groups.members.indices.map { g in
      let members = groups.members[g]
      var square = 0.0
      for l in 0..<planes {
        for (place, j) in members.enumerated() { own[place] = z[l * columns + j] }
        square += factors[g].explained(by: &own)
      }
      return square.squareRoot()
    }
  }

  /// The atoms of the `count` groups that explain most, of correlations at a few whole groups: without those that explain
  /// nothing, ties to the first.
  func leading(_ count: Int, of z: SparseVector) -> SparseVector {
    strongest(count, of: z) { factor, z in
      var z = z
      return factor.explained(by: &z)
    }
  }

  /// H_k of coefficients on whole groups: the atoms of the `count` groups that make most of the prediction, ties to the first;
  /// without groups of zeros.
  func keeping(_ count: Int, of x: SparseVector) -> SparseVector {
    strongest(count, of: x) { $0.predicted($1) }
  }

  private func strongest(
    _ count: Int, of x: SparseVector, by square: (GroupFactor, [Double]) -> Double
  ) -> SparseVector {
    precondition(groups.areWhole(x.support), "a support of whole groups")
    guard count > 0, !x.support.isEmpty else { return x.rows([]) }
    // The places of a group's atoms are in the order of its members.
    let present = Dictionary(grouping: x.support.indices) { groups.number(of: x.support[$0]) }
      .sorted { $0.key < $1.key }
    let scores = present.map { group, places in
      (0..<x.planes).reduce(0) { sum, l in
        sum + square(factors[group], places.map { x.coefficients[l * x.support.count + $0] })
      }.squareRoot()
    }
    let best = largestMagnitudes(min(count, present.count), of: scores)
    return x.rows(best.filter { scores[$0] > 0 }.flatMap { present[$0].value }.sorted())
  }
}

/// G = L Lᵀ of the atoms of a group, without those that depend on the ones before.
private struct GroupFactor: Sendable {
  private let size: Int
  /// G, size × size.
  private let gram: [Double]
  /// L by rows, with a zero on the diagonal of an atom that is left out.
  private var lower: [Double]

  init(gram: [Double]) {
    self.gram = gram
    size = Int(Double(gram.count).squareRoot().rounded())
    lower = Array(repeating: 0, count: gram.count)
    for i in 0..<size {
      for j in 0...i {
        var sum = gram[i * size + j]
        for p in 0..<j { sum -= lower[i * size + p] * lower[j * size + p] }
        if i > j {
          lower[i * size + j] = lower[j * (size + 1)] > 0 ? sum / lower[j * (size + 1)] : 0
        } else if sum > SweptGroups.leastDistance * gram[i * (size + 1)] {
          lower[i * (size + 1)] = sum.squareRoot()
        }
      }
    }
  }

  /// Of orthogonal atoms by their squared norms.
  init(norms: [Double]) {
    let size = norms.count
    var gram = [Double](repeating: 0, count: size * size)
    for i in 0..<size { gram[i * (size + 1)] = norms[i] }
    self.init(gram: gram)
  }

  /// ‖L⁻¹ z‖² of the first numbers of z, in whose place L⁻¹ z stands then.
  func explained(by z: inout [Double]) -> Double {
    var square = 0.0
    for i in 0..<size {
      guard lower[i * (size + 1)] > 0 else {
        z[i] = 0
        continue
      }
      for p in 0..<i { z[i] -= lower[i * size + p] * z[p] }
      z[i] /= lower[i * (size + 1)]
      square += z[i] * z[i]
    }
    return square
  }

  /// cᵀ G c.
  func predicted(_ c: [Double]) -> Double {
    var square = 0.0
    for i in 0..<size {
      for j in 0..<size { square += c[i] * gram[i * size + j] * c[j] }
    }
    return max(square, 0)
  }
}

extension Workspace {
  /// What ranks groups; nil where each atom stands for itself. Computed once for the atoms.
  func groupScores() throws(RecoveryError) -> GroupScores? {
    try host.groupScores(threads: engine.threads)
  }
}

extension SparseVector {
  /// H_k, of groups where there are any.
  func keeping(_ k: Int, by scores: GroupScores?) -> SparseVector {
    scores.map { $0.keeping(k, of: self) } ?? keeping(k)
  }

  /// The k largest entries of a gradient, or those of the k groups that explain most.
  func leading(_ k: Int, by scores: GroupScores?) -> SparseVector {
    scores.map { $0.leading(k, of: self) } ?? keeping(k)
  }
}
