import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import LeastSquares

/// Bounds on the loss of many supports, against the loss of every one of them.
@Suite struct QuadraticLossTests {
  enum Kind: CaseIterable {
    case incoherent, coherent, ridge, wide, signs, coherentSigns, joint, jointSigns
  }

  private static let columns = 11

  /// A problem whose columns share a factor where they are to be coherent.
  private func problem(_ kind: Kind, seed: UInt64) throws -> RecoveryProblem {
    var generator = SeededGenerator(seed: seed)
    let rows = kind == .wide ? 8 : 24
    let shared = (0..<rows).map { _ in generator.normal() }
    let share = [.coherent, .coherentSigns].contains(kind) ? 2.0 : 0
    let entries = (0..<Self.columns * rows).map { generator.normal() + share * shared[$0 % rows] }
    var model = RecoveryModel()
    model.isNonnegative = [.signs, .coherentSigns, .jointSigns].contains(kind)
    if [.ridge, .wide].contains(kind) { model.ridge = 3 }
    func observation() -> [Double] { (0..<rows).map { _ in generator.normal() } }
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: rows, columns: Self.columns, columnMajor: entries)),
      observation: observation(), model: model)
    guard [.joint, .jointSigns].contains(kind) else { return problem }
    return try problem.observing(jointly: (0..<3).map { _ in observation() })
  }

  private func loss(_ problem: RecoveryProblem) throws -> QuadraticLoss {
    try QuadraticLoss(
      SwapSet(
        HostAtoms(problem.atoms.usable, of: problem), observation: problem.scaledPlanes),
      cancellation: 1)
  }

  /// Every support of at most k atoms with its squared loss.
  private func allLosses(
    _ problem: RecoveryProblem, atMost k: Int
  ) throws -> [(support: [Int], loss: Double)] {
    var supports: [[Int]] = [[]]
    var latest = supports
    for _ in 0..<k {
      latest = latest.flatMap { s in ((s.last ?? -1) + 1..<Self.columns).map { s + [$0] } }
      supports += latest
    }
    return try supports.map { support in
      guard !support.isEmpty else { return (support, problem.scaledPlanes.squaredNorm) }
      let norm = try problem.projection(onto: support).residualNorm
      return (support, norm * norm)
    }
  }

  /// A bound holds for all supports that have the chosen atoms and candidates beside them; what it settles is so in all
  /// supports below the target; and it is no less than the loss of all candidates.
  @Test(arguments: Kind.allCases, 1...6)
  func boundsHold(kind: Kind, seed: UInt64) throws {
    let problem = try problem(kind, seed: seed)
    let (root, isNonnegative) = (try loss(problem), problem.model.isNonnegative)
    let k = 4
    let all = try allLosses(problem, atMost: k)
    for (chosen, leftOut) in [([], []), ([3], []), ([], [0, 5]), ([2, 7], [1]), ([9, 0, 4], [])] {
      let candidates = (0..<Self.columns).filter { !(chosen + leftOut).contains($0) }
      let (loss, dependent) = root.choosing(chosen, among: candidates)
      #expect(dependent.isEmpty && loss.candidates == candidates)
      let members = all.filter { member in
        chosen.allSatisfy(member.support.contains)
          && !leftOut.contains(where: member.support.contains)
      }
      let least = try #require(members.map(\.loss).min())
      for steps in [0, 3, 100] {
        let bound = try #require(
          try loss.bound(
            atMost: k - chosen.count, target: .infinity, isNonnegative: isNonnegative, steps: steps,
            isCancelled: { false }))
        #expect(bound.loss <= least)
        let target = least * 1.01
        let settled = bound.settled(atMost: k - chosen.count, target: target)
        for (support, _) in members.filter({ $0.loss < target }) {
          for place in settled.chosen { #expect(support.contains(candidates[place])) }
          for place in settled.leftOut { #expect(!support.contains(candidates[place])) }
        }
        // At the least squares on all candidates the bound is no less than their loss.
        guard !isNonnegative else { continue }
        let everything = try problem.projection(onto: (chosen + candidates).sorted()).residualNorm
        #expect(bound.loss >= everything * everything - 1e-10 * root.leastLoss)
      }
    }
  }

  /// The loss of the chosen atoms, and the best atom beside them, are those of projections.
  @Test(arguments: [Kind.incoherent, .coherent, .ridge, .wide, .joint])
  func chosenAtomsAreProjectedOnto(kind: Kind) throws {
    let problem = try problem(kind, seed: 9)
    let root = try loss(problem)
    let all = try allLosses(problem, atMost: 4)
    func isNear(_ a: Double, _ b: Double) -> Bool {
      abs(a - b) <= 1e-12 * problem.scaledPlanes.squaredNorm
    }
    for chosen in [[], [5], [1, 8], [10, 0, 4]] {
      let others = (0..<Self.columns).filter { !chosen.contains($0) }
      let loss = root.choosing(chosen, among: others).loss
      let known = try #require(all.first { $0.support == chosen.sorted() })
      #expect(isNear(loss.leastLoss, known.loss))
      let entries = all.filter {
        $0.support.count == chosen.count + 1 && chosen.allSatisfy($0.support.contains)
      }
      let expected = try #require(entries.min { $0.loss < $1.loss })
      let (bounds, dependent) = root.entries(choosing: chosen, among: others)
      #expect(dependent.isEmpty && bounds.map(\.atom) == others)
      let found = try #require(bounds.min { $0.loss < $1.loss })
      #expect((chosen + [found.atom]).sorted() == expected.support)
      #expect(found.loss <= expected.loss)
      #expect(isNear(found.loss, expected.loss))
    }
  }

  /// Of orthonormal columns the bound is the loss of the best support, but for rounding.
  @Test(arguments: 1...7) func orthonormalColumnsLeaveNoGap(k: Int) throws {
    let entries = (0..<8).flatMap { j in (0..<8).map { $0 == j ? 1.0 : 0 } }
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: 8, columns: 8, columnMajor: entries)),
      observation: [8, -7, 6, -5, 4, -3, 2, 1])
    let loss = try loss(problem)
    let bound = try #require(
      try loss.bound(
        atMost: k, target: .infinity, isNonnegative: false, steps: 5, isCancelled: { false }))
    let least = try problem.projection(onto: Array(0..<k)).residualNorm
    #expect(bound.loss <= least * least)
    #expect(bound.loss >= least * least - 1e-10 * loss.leastLoss)
    let settled = bound.settled(atMost: k, target: least * least * 1.01)
    #expect(settled.chosen.sorted() == Array(0..<k) && settled.leftOut.sorted() == Array(k..<8))
  }

  /// Atoms in the span of chosen ones are told apart, and named where there is no bound.
  @Test func dependentAtomsHaveNoBound() throws {
    var generator = SeededGenerator(seed: 4)
    let free = (0..<5).map { _ in (0..<9).map { _ in generator.normal() } }
    let columns = [
      free[0], free[1], zip(free[0], free[1]).map { $0 - 3 * $1 }, free[2], free[3], free[4],
    ]
    let problem = try RecoveryProblem(
      matrix: .double(Matrix(rows: 9, columns: 6, columnMajor: columns.flatMap { $0 })),
      observation: (0..<9).map { _ in generator.normal() })
    let root = try loss(problem)
    #expect(
      try root.bound(
        atMost: 2, target: .infinity, isNonnegative: false, steps: 5, isCancelled: { false }) == nil
    )
    #expect(root.mostDependent == 2)
    #expect(root.choosing([0, 1], among: [2, 3, 4, 5]).dependent == [2])
    #expect(root.choosing([0, 1, 2], among: [3, 4, 5]).dependent == [2])
    #expect(root.repeats(isNonnegative: false).isEmpty)
    #expect(root.entries(choosing: [0, 1], among: [2, 3, 4, 5]).dependent == [2])
    #expect(root.entries(choosing: [0, 1, 2], among: [3, 4, 5]).dependent == [2])
    // Chosen as well, it changes nothing.
    let (with, without) = (
      root.choosing([0, 1, 2], among: [3, 4, 5]).loss,
      root.choosing([0, 1], among: [3, 4, 5]).loss
    )
    #expect(with.leastLoss == without.leastLoss && with.candidates == [3, 4, 5])
    #expect(root.choosing([0, 1], among: [2]).loss.mostDependent == nil)
  }
}
