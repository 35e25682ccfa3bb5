import SparseRecovery
import Testing

@testable import Solvers

/// Draws of rows against their definition: the best of all supports on the rows drawn, each as often as it was drawn,
/// and its error on the rows that were not.
@Suite struct ResamplingTests {
  /// Which weights a table has, and what is fitted beside.
  struct Setting: Sendable, CustomTestStringConvertible {
    let weights: Weights
    let centre: Centre
    let ridge: Ridge
    let isNonnegative: Bool

    var testDescription: String {
      "weights: \(weights.rawValue); centre: \(centre.rawValue); ridge: \(ridge.rawValue); "
        + "nonnegative: \(isNonnegative)"
    }
  }

  static let settings = [Weights.none, .random, .zeroTwenty, .zeroNaN].flatMap { weights in
    Centre.allCases.map { (weights, $0) }
  }.enumerated().map { number, setting in
    Setting(
      weights: setting.0, centre: setting.1, ridge: Ridge.allCases[number % 5 % 3],
      isNonnegative: number % 5 == 2)
  }

  @Test(arguments: settings, Resampling.Scheme.allCases)
  func drawsAreThoseOfTheDefinition(setting: Setting, scheme: Resampling.Scheme) throws {
    try expectDefinition(setting, scheme, jointly: false)
  }

  /// One support for several observations.
  @Test(arguments: settings.filter { !$0.isNonnegative }, Resampling.Scheme.allCases)
  func jointDrawsAreThoseOfTheDefinition(setting: Setting, scheme: Resampling.Scheme) throws {
    try expectDefinition(setting, scheme, jointly: true)
  }

  private func expectDefinition(
    _ setting: Setting, _ scheme: Resampling.Scheme, jointly isJoint: Bool
  ) throws {
    let table = Table(weights: setting.weights, jointly: isJoint)
    var model = RecoveryModel()
    model.hasIntercept = setting.centre == .intercept
    model.isStandardized = setting.centre == .standardize
    model.ridge = setting.ridge.value
    model.isNonnegative = setting.isNonnegative
    var weighted = model
    weighted.weights = table.givenWeights
    var resampling = Resampling(scheme, draws: 2, seed: 7)
    let matrix = DenseMatrix.double(try table.matrix())
    let backend = CPUBackend(threads: 1)
    let found: ResampledPaths
    if isJoint {
      resampling.path = SparsityPath(solver: Exhaustive())
      found = try resampling.run(
        matrix, jointly: table.observations.indices.map(table.given), model: weighted,
        sparsities: 1...3, on: backend)
    } else {
      found = try resampling.run(
        matrix, observation: table.given(0), model: weighted, sparsities: 1...3, on: backend)
    }
    #expect(found.draws.count == 2 && found.rows == table.rows)

    let counted = table.countedRows
    let needed = 3 + (setting.centre == .none ? 0 : 1)
    let rows = RowDraws(
      scheme, of: counted, total: table.given(0).count, seed: 7, needed: needed)
    for (number, parts) in found.draws.enumerated() {
      for (part, draw) in zip(parts, rows.draw(number)) {
        let kept = counted.enumerated().flatMap { place, i in
          Array(repeating: place, count: draw.counts[i])
        }
        let heldOut = draw.heldOut.compactMap { counted.firstIndex(of: $0) }
        for (place, k) in found.sparsities.enumerated() {
          let expected = table.bestError(model, k, kept: kept, heldOut: heldOut)
          #expect(
            abs(part.errors[place] - expected.error) <= 1e-9 * expected.scale,
            "draw \(number), k = \(k): \(part.errors[place]) with \(part.supports[place]), by hand \(expected)"
          )
          if !setting.isNonnegative { #expect(part.supports[place] == expected.support) }
        }
      }
    }
  }
}
