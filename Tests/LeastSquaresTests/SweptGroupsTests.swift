import LeastSquares
import SparseCore
import TestSupport
import Testing

/// The Gram matrix swept on groups of atoms, against projections onto every support that it speaks of.
@Suite struct SweptGroupsTests {
  /// 30 × 24 in groups of one to five atoms that do not stand side by side.
  private static let labels = (0..<24).map { j in [0, 1, 2, 1, 3, 2, 4, 1, 0, 3, 5, 1][j % 12] }

  private struct Drawn {
    let problem: RecoveryProblem
    let members: [[Int]]
    let set: GroupSet

    init(ridge: Double = 0, observations: Int = 1, repeats: Bool = false, seed: UInt64) throws {
      var generator = SeededGenerator(seed: seed)
      var columns = (0..<24).map { _ in (0..<30).map { _ in generator.normal() } }
      if repeats {
        // An atom twice in its group, and one that another group has as well.
        columns[3] = columns[1]
        columns[4] = columns[0].map { -2 * $0 }
      }
      var model = RecoveryModel()
      model.ridge = ridge
      let ys = (0..<observations).map { _ in (0..<30).map { _ in generator.normal() } }
      problem = try RecoveryProblem(
        matrix: .double(Matrix(rows: 30, columns: 24, columnMajor: columns.flatMap { $0 })),
        observation: ys[0], model: model
      ).observing(jointly: ys)
      let members = Set(labels).sorted().map { label in
        labels.indices.filter { labels[$0] == label }
      }
      self.members = members
      set = GroupSet(
        try SwapSet(HostAtoms(problem), observation: problem.scaledPlanes), groups: members)
    }

    func loss(_ groups: [Int]) throws -> Double {
      let norm = try problem.projection(onto: groups.flatMap { members[$0] }.sorted()).residualNorm
      return norm * norm
    }

    /// The best exchange by trying all.
    func best(_ support: [Int], _ isAllowed: (Int, Int) -> Bool = { _, _ in true }) throws
      -> Double
    {
      var best = Double.infinity
      for place in support.indices {
        for group in members.indices
        where !support.contains(group) && isAllowed(support[place], group) {
          var next = support
          next[place] = group
          best = min(best, try loss(next))
        }
      }
      return best
    }
  }

  /// Losses that are sums of 30 squares, from Gram matrices of condition below 10³.
  private static let tolerance = 1e-11

  @Test(arguments: [0, 0.4], [1, 3]) func movesAreExact(ridge: Double, observations: Int) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let drawn = try Drawn(ridge: ridge, observations: observations, seed: seed)
      var generator = SeededGenerator(seed: seed)
      let swept = try SweptGroups(drawn.set, support: [0, 4])
      for _ in 0..<6 {
        let size = try drawn.loss([])
        let loss = try drawn.loss(swept.support)
        #expect(abs(swept.loss - loss) < Self.tolerance * size)
        let best = try drawn.best(swept.support)
        let move = try #require(swept.bestMove())
        #expect(abs(move.loss - best) < Self.tolerance * size)
        // From anywhere: groups that nobody would choose.
        let banned = generator.int(below: 6)
        let other = try #require(
          swept.bestMove(isBanned: { $0 == move.group || $0 == banned }))
        #expect(other.group != move.group && other.group != banned)
        try swept.make(other)
      }
    }
  }

  @Test func whatIsBannedComesOnlyBelowTheAspiration() throws {
    let drawn = try Drawn(seed: 5)
    let swept = try SweptGroups(drawn.set, support: [1, 3])
    let move = try #require(swept.bestMove())
    let all = { (_: Int) in true }
    #expect(swept.bestMove(isBanned: all) == nil)
    #expect(swept.bestMove(isHeld: all) == nil)
    let above = swept.bestMove(isBanned: all, aspiration: move.loss * 1.01)
    #expect(above?.group == move.group && above?.place == move.place)
    let held = swept.bestMove(isHeld: { $0 == 1 })
    let allowed = try drawn.best([1, 3]) { leaving, _ in leaving != 1 }
    let size = try drawn.loss([])
    #expect(abs((held?.loss ?? .infinity) - allowed) < Self.tolerance * size)
  }

  /// Atoms that repeat others explain nothing more, inside a group and between groups.
  @Test(arguments: [[0, 3], [3, 0], [1, 0], [1, 2]]) func dependentAtomsAreLeftOut(support: [Int])
    throws
  {
    let drawn = try Drawn(repeats: true, seed: 7)
    let swept = try SweptGroups(drawn.set, support: support)
    let size = try drawn.loss([])
    let loss = try drawn.loss(support)
    #expect(abs(swept.loss - loss) < Self.tolerance * size)
    // What an exchange announces may be too large where the group that leaves had what another lacks; never too small.
    let move = try #require(swept.bestMove())
    let best = try drawn.best(support)
    #expect(move.loss > best - Self.tolerance * size)
  }
}
