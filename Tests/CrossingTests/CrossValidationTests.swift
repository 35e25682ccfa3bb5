import SparseRecovery
import Testing

@testable import Solvers

/// Cross-validation against its definition: in every fold, the best of all supports on the rows kept,
/// and its error on the rows held out.
@Suite struct CrossValidationTests {
  /// Which weights a table has, and what is taken off its columns.
  struct Setting: Sendable, CustomTestStringConvertible {
    let weights: Weights
    let centre: Centre
    let folds: Int?

    var testDescription: String {
      "weights: \(weights.rawValue); centre: \(centre.rawValue); folds: \(folds ?? 0)"
    }
  }

  static let settings = [Weights.none, .random, .steep, .zeroTwenty, .zeroNaN].flatMap { weights in
    Centre.allCases.flatMap { centre in
      [nil, 4].map { Setting(weights: weights, centre: centre, folds: $0) }
    }
  }

  /// A path as it is by default, and one of exhaustive searches.
  @Test(arguments: settings, [true, false])
  func errorsAreThoseOfTheDefinition(setting: Setting, isDefault: Bool) throws {
    var numbers = Row.factors.map { _ in 0 }
    numbers[Row.place(of: Weights.self)] = Weights.allCases.firstIndex(of: setting.weights) ?? 0
    let table = Table(Row(numbers))
    var model = RecoveryModel()
    model.hasIntercept = setting.centre == .intercept
    model.isStandardized = setting.centre == .standardize
    let problem = try table.problem(model, observation: 0, normalize: true, withoutFill: true)
    let sparsities = 1...3
    let count = setting.folds ?? table.rows
    let given = table.given(0)
    var weighted = model
    weighted.weights = table.givenWeights
    let path = isDefault ? SparsityPath() : SparsityPath(solver: Exhaustive())
    let found = try #require(
      try CrossValidation(path: path, folds: count, seed: 5).run(
        DenseMatrix.double(table.matrix()), observation: given, model: weighted,
        sparsities: sparsities,
        on: CPUBackend(threads: 1)))
    #expect(found.sparsities == Array(sparsities))

    // Which rows are held out together is drawn from the seed; all else is written out here.
    let counted = (table.givenWeights ?? given.map { _ in 1 }).enumerated()
      .filter { $0.element > 0 }.map(\.offset)
    let heldOut = try Folds(count, of: counted, seed: 5, needed: 3).heldOut
      .map { fold in fold.compactMap { counted.firstIndex(of: $0) } }
    #expect(heldOut.flatMap(\.self).sorted() == Array(0..<problem.rows))
    for (fold, errors) in zip(heldOut, found.folds) {
      for (k, error) in zip(sparsities, errors) {
        let expected = bestError(table, model, k, heldOut: fold)
        #expect(
          abs(error - expected.error) <= 1e-9 * expected.scale,
          "rows \(fold), k = \(k): \(error), by hand \(expected.error) with \(expected.support)")
      }
    }
    for (place, mean) in found.means.enumerated() {
      let own = found.folds.reduce(0) { $0 + $1[place] } / Double(count)
      #expect(abs(mean - own) <= 1e-13 * abs(own))
    }
  }

  /// The weighted error on the rows held out of the best support on the others.
  private func bestError(
    _ table: Table, _ model: RecoveryModel, _ k: Int, heldOut: [Int]
  ) -> (error: Double, scale: Double, support: [Int]) {
    let weights = table.weights ?? Array(repeating: 1, count: table.rows)
    let kept = (0..<table.rows).filter { !heldOut.contains($0) }
    let oracle = Oracle(table.keeping(kept), observation: 0, model)
    var (best, support) = (oracle.fit([]), [Int]())
    forEachSubset(k, of: oracle.usable) { columns in
      let fit = oracle.fit(columns)
      if fit.loss < best.loss { (best, support) = (fit, columns) }
    }
    var (sum, scale, total) = (0.0, 0.0, 0.0)
    for i in heldOut {
      let y = table.observations[0][i]
      let terms = zip(support, best.coefficients).map { $1 * table.columns[$0][i] }
      let deviation = terms.reduce(best.intercept ?? 0, +) - y
      let size = terms.reduce(abs(y) + abs(best.intercept ?? 0)) { $0 + abs($1) }
      sum += weights[i] * deviation * deviation
      scale += weights[i] * size * size
      total += weights[i]
    }
    return (sum / total, scale / total, support)
  }
}
