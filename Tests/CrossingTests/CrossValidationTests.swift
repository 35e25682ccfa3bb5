import SparseRecovery
import Testing

@testable import Solvers

/// Cross-validation against its definition: in every fold, the best of all supports on the rows kept,
/// and its error on the rows held out.
@Suite struct CrossValidationTests {
  /// How rows are dealt out to folds.
  enum Dealing: String, CaseIterable {
    case rows, groups, repeats, labels
  }

  /// Which weights a table has, what is fitted beside, and how rows are dealt out.
  struct Setting: Sendable, CustomTestStringConvertible {
    let weights: Weights
    let centre: Centre
    let folds: Int?
    let dealing: Dealing
    let ridge: Ridge
    let isNonnegative: Bool

    var testDescription: String {
      "weights: \(weights.rawValue); centre: \(centre.rawValue); folds: \(folds ?? 0); "
        + "dealing: \(dealing.rawValue); ridge: \(ridge.rawValue); nonnegative: \(isNonnegative)"
    }
  }

  /// All weights with all centres; what comes last goes round with them, in periods that have no factor in common.
  static let settings = [Weights.none, .random, .steep, .zeroTwenty, .zeroNaN].flatMap { weights in
    Centre.allCases.flatMap { centre in [nil, 4].map { (weights, centre, $0) } }
  }.enumerated().map { number, setting in
    let (weights, centre, folds) = setting
    return Setting(
      weights: weights, centre: centre, folds: folds,
      dealing: folds == nil ? .rows : Dealing.allCases[number / 2 % 4],
      ridge: Ridge.allCases[number % 7 % 3], isNonnegative: number % 5 == 3)
  }

  /// A path as it is by default, and one of exhaustive searches.
  @Test(arguments: settings, [true, false])
  func errorsAreThoseOfTheDefinition(setting: Setting, isDefault: Bool) throws {
    let table = Table(weights: setting.weights)
    var model = RecoveryModel()
    model.hasIntercept = setting.centre == .intercept
    model.isStandardized = setting.centre == .standardize
    model.ridge = setting.ridge.value
    model.isNonnegative = setting.isNonnegative
    let sparsities = 1...3
    let plan = plan(setting, table)
    let given = table.given(0)
    var weighted = model
    weighted.weights = table.givenWeights
    let path = isDefault ? SparsityPath() : SparsityPath(solver: Exhaustive())
    let found = try #require(
      try CrossValidation(path: path, plan: plan).run(
        DenseMatrix.double(table.matrix()), observation: given, model: weighted,
        sparsities: sparsities,
        on: CPUBackend(threads: 1)))
    #expect(found.sparsities == Array(sparsities))

    // Which rows are held out together is drawn from the seed; all else is written out here.
    let counted = table.countedRows
    let folds = try Folds(plan, of: counted, total: given.count, needed: 3)
    #expect(found.rows == folds)
    let heldOut = folds.heldOut.map { fold in fold.compactMap { counted.firstIndex(of: $0) } }
    #expect(
      heldOut.flatMap(\.self).sorted()
        == (0..<table.rows).flatMap {
          Array(repeating: $0, count: plan.labels?.count ?? plan.repeats)
        })
    for (fold, errors) in zip(heldOut, found.folds) {
      let kept = (0..<table.rows).filter { !fold.contains($0) }
      for (k, error) in zip(sparsities, errors) {
        let expected = table.bestError(model, k, kept: kept, heldOut: fold)
        #expect(
          abs(error - expected.error) <= 1e-9 * expected.scale,
          "rows \(fold), k = \(k): \(error), by hand \(expected.error) with \(expected.support)")
      }
    }
    for (place, mean) in found.means.enumerated() {
      let own = found.folds.reduce(0) { $0 + $1[place] } / Double(heldOut.count)
      #expect(abs(mean - own) <= 1e-13 * abs(own))
    }
  }

  /// One support for several observations.
  @Test(arguments: settings.filter { !$0.isNonnegative && $0.folds != nil })
  func jointErrorsAreThoseOfTheDefinition(setting: Setting) throws {
    let table = Table(weights: setting.weights, jointly: true)
    var model = RecoveryModel()
    model.hasIntercept = setting.centre == .intercept
    model.isStandardized = setting.centre == .standardize
    model.ridge = setting.ridge.value
    var weighted = model
    weighted.weights = table.givenWeights
    let found = try #require(
      try CrossValidation(
        path: SparsityPath(solver: Exhaustive()), plan: plan(setting, table)
      ).run(
        DenseMatrix.double(table.matrix()),
        jointly: table.observations.indices.map(table.given), model: weighted, sparsities: 1...3,
        on: CPUBackend(threads: 1)))
    let counted = table.countedRows
    for (heldOut, errors) in zip(found.rows.heldOut, found.folds) {
      let fold = heldOut.compactMap { counted.firstIndex(of: $0) }
      let kept = (0..<table.rows).filter { !fold.contains($0) }
      for (k, error) in zip(1...3, errors) {
        let expected = table.bestError(model, k, kept: kept, heldOut: fold)
        #expect(
          abs(error - expected.error) <= 1e-9 * expected.scale,
          "rows \(fold), k = \(k): \(error), by hand \(expected)")
      }
    }
  }

  private func plan(_ setting: Setting, _ table: Table) -> FoldPlan {
    let rows = table.given(0).count
    var plan = FoldPlan(setting.folds ?? table.rows, seed: 5)
    switch setting.dealing {
    case .rows: break
    case .groups: plan.groups = (0..<rows).map { $0 % 7 }
    case .repeats: plan.repeats = 2
    case .labels: plan.labels = [(0..<rows).map { $0 % 3 }, (0..<rows).map { $0 / 4 % 2 }]
    }
    return plan
  }
}
