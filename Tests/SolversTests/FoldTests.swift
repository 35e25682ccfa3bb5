import SparseRecovery
import Testing

@testable import Solvers

/// Which rows are held out together.
@Suite struct FoldTests {
  private func folds(
    _ plan: FoldPlan, rows: [Int] = Array(0..<20), total: Int = 20, needed: Int = 1
  ) throws(RecoveryError) -> Folds {
    try Folds(plan, of: rows, total: total, needed: needed)
  }

  /// Every row is held out once, by the fold that the assignment says.
  private func expectPartition(_ folds: Folds, of rows: [Int], total: Int) {
    let assignment = folds.assignment(rows: total)
    #expect(assignment.count == folds.counts.count)
    for (repetition, assignment) in zip(folds.repetitions, assignment) {
      #expect(repetition.flatMap(\.self).sorted() == rows)
      for (fold, heldOut) in repetition.enumerated() {
        #expect(heldOut == heldOut.sorted() && heldOut.allSatisfy { assignment[$0] == fold })
      }
      for i in 0..<total where !rows.contains(i) { #expect(assignment[i] == nil) }
    }
  }

  @Test func rowsAreDealtOut() throws {
    let rows = (0..<20).filter { $0 % 7 != 0 }
    var plan = FoldPlan(4, seed: 3)
    let one = try folds(plan, rows: rows)
    expectPartition(one, of: rows, total: 20)
    #expect(one.heldOut.map(\.count).sorted() == [4, 4, 4, 5])
    // In the order of the seed, row after row to fold after fold.
    var generator = SeededGenerator(seed: 3)
    let order = generator.shuffled(rows)
    for (place, row) in order.enumerated() { #expect(one.heldOut[place % 4].contains(row)) }
    plan.repeats = 3
    let several = try folds(plan, rows: rows)
    expectPartition(several, of: rows, total: 20)
    #expect(several.counts == [4, 4, 4] && Array(several.heldOut[..<4]) == one.heldOut)
    #expect(Set(several.repetitions).count == 3)
  }

  /// Folds and draws of one seed do not come from the same random numbers.
  @Test func foldsAreNotThoseOfDraws() throws {
    let rows = Array(0..<24)
    var plan = FoldPlan(2, seed: 5)
    plan.repeats = 4
    let found = try folds(plan, rows: rows)
    let draws = RowDraws(.subsample, of: rows, total: 24, seed: 5, needed: 1)
    for number in 0..<4 {
      let halves = Set(draws.draw(number).map(\.heldOut))
      for repetition in found.repetitions {
        // Dealt out one after the other, or cut in the middle, of one order.
        let order = zip(repetition[0], repetition[1]).flatMap { [$0, $1] }
        #expect(Set(repetition) != halves && !halves.contains(order[..<12].sorted()))
      }
    }
  }

  /// A group is never split, and no fold has more rows than the smallest and the largest group.
  @Test(arguments: 1...20) func groupsStayTogether(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let groups = (0..<60).map { _ in generator.int(below: 12) }
    let rows = (0..<60).filter { $0 % 9 != 2 }
    var plan = FoldPlan(4, seed: seed)
    plan.groups = groups
    plan.repeats = 2
    let found = try folds(plan, rows: rows, total: 60)
    expectPartition(found, of: rows, total: 60)
    for assignment in found.assignment(rows: 60) {
      for label in 0..<12 {
        #expect(Set(rows.filter { groups[$0] == label }.map { assignment[$0] }).count <= 1)
      }
    }
    let largest = (0..<12).map { label in rows.count { groups[$0] == label } }.max() ?? 0
    for repetition in found.repetitions {
      let sizes = repetition.map(\.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= largest)
    }
  }

  /// Groups of one row each are dealt out as rows are.
  @Test func singleRowsAreGroups() throws {
    var plan = FoldPlan(3, seed: 8)
    let plain = try folds(plan)
    plan.groups = (0..<20).map { 5 * $0 }
    #expect(try folds(plan) == plain)
  }

  @Test func labelsAreTheFolds() throws {
    let labels = [(0..<20).map { [7, -1, 40][$0 % 3] }, (0..<20).map { $0 / 10 }]
    let found = try folds(FoldPlan(labels: labels), rows: Array(1..<20))
    expectPartition(found, of: Array(1..<20), total: 20)
    #expect(found.counts == [3, 2])
    // In ascending order of the labels.
    #expect(found.heldOut[0] == [1, 4, 7, 10, 13, 16, 19])
    #expect(found.heldOut[1] == [3, 6, 9, 12, 15, 18])
    #expect(found.heldOut[3] == Array(1..<10) && found.heldOut[4] == Array(10..<20))
    // What was used can be used again.
    var plan = FoldPlan(5, seed: 2)
    plan.repeats = 2
    let dealt = try folds(plan)
    let again = dealt.assignment(rows: 20).map { $0.map { $0 ?? -1 } }
    #expect(try folds(FoldPlan(labels: again)) == dealt)
  }

  private func refusal(_ plan: FoldPlan, needed: Int = 1) -> RecoveryError? {
    do throws(RecoveryError) {
      _ = try folds(plan, needed: needed)
      return nil
    } catch { return error }
  }

  private func refusal(_ name: String, _ value: String, _ expected: String) -> RecoveryError {
    .invalidOption(name: name, value: value, expected: expected)
  }

  @Test func refusedWithFacts() {
    #expect(
      refusal(FoldPlan(labels: [Array(0..<19)]))
        == refusal("folds", "19 labels", "20 labels, one for each row"))
    #expect(
      refusal(FoldPlan(labels: [(0..<20).map { $0 % 2 }, [1]]))
        == refusal("folds", "1 labels of repetition 2", "20 labels, one for each row"))
    #expect(
      refusal(FoldPlan(labels: [Array(repeating: 4, count: 20)]))
        == refusal(
          "folds", "1 label", "at least two different labels on the rows that take part"))
    // Held out by one label, hardly a row is left.
    #expect(
      refusal(FoldPlan(labels: [(0..<20).map { $0 == 3 ? 1 : 0 }]), needed: 2)
        == refusal(
          "folds", "2, which keep 1 rows",
          "folds that keep at least 2 rows for the largest sparsity"))
    var plan = FoldPlan(3)
    plan.groups = (0..<20).map { $0 % 2 }
    #expect(
      refusal(plan) == refusal("folds", "3", "a number from 2 to 2, the groups that take part"))
    plan.groups = [1]
    #expect(refusal(plan) == refusal("fold-groups", "1 labels", "20 labels, one for each row"))
    plan.groups = nil
    plan.repeats = 0
    #expect(refusal(plan) == refusal("fold-repeats", "0", "a number from 1 on"))
  }

  /// Repetitions are validations of their own, by their means; the standard error is the root mean square of theirs.
  @Test(arguments: [TableReduction.off, .on]) func repetitionsAreAveraged(
    reduction: TableReduction
  ) throws {
    let synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 60, columns: 9), sparsity: 3, snr: 5, seed: 2))
    func errors(_ plan: FoldPlan) throws -> CrossValidationErrors {
      var validation = CrossValidation(path: SparsityPath(solver: OLS()), plan: plan)
      validation.reduction = reduction
      return try #require(
        try validation.run(
          DenseMatrix.double(synthetic.matrix), observation: synthetic.observation,
          sparsities: 1...4, on: CPUBackend(threads: 1)))
    }
    var plan = FoldPlan(4, seed: 3)
    plan.repeats = 3
    let all = try errors(plan)
    let each = try all.rows.assignment(rows: 60).map { labels in
      try errors(FoldPlan(labels: [labels.map { $0 ?? -1 }]))
    }
    #expect(each.flatMap(\.folds) == all.folds)
    for place in 0..<4 {
      let mean = each.reduce(0) { $0 + $1.means[place] } / 3
      #expect(abs(all.means[place] - mean) <= 1e-14 * mean)
      let square = each.reduce(0) { $0 + $1.standardErrors[place] * $1.standardErrors[place] } / 3
      #expect(abs(all.standardErrors[place] - square.squareRoot()) <= 1e-13 * mean)
    }
  }
}
