public import SparseCore
import SyntheticProblems
import Testing

/// What every loss must do: be finite at η = 0 and at least 0, be convex along lines, with its gradient for a
/// slope and its curvature no less than that slope's change, fall towards the mean that it expects, take weights for repeated rows, and give the same bits again.
///
/// A convex f lies between its tangents: h f′(η) ≤ f(η + h) − f(η) ≤ h f′(η + h) for every h, so that nothing but
/// rounding is allowed for. A sum of m terms is off by m roundings at most (Higham 2002, §4.2), of which each
/// term may have some dozens of its own.
///
/// - Parameter observations: values that make sense, at least one.
public func expectConformance(
  of loss: any Loss, observations: [Double], seed: UInt64 = 1
) throws {
  #expect(!loss.name.isEmpty && loss.facts == loss.facts)
  for (i, y) in observations.enumerated() { try loss.check(y, at: i) }
  var generator = SeededGenerator(seed: seed)
  let y = observations + observations
  let trial = LossTrial(
    loss: loss, observation: y, weights: y.map { _ in Double(1 + generator.int(below: 3)) })
  let start = trial.at(y.map { _ in 0 })
  try #require(start.isFinite, "finite numbers at η = 0")
  for size in [0.0, 0.1, 1, 5] {
    let η = y.map { _ in size * generator.normal() }
    trial.expectPoint(η)
    trial.expectRepeatedRows(η)
    let line = y.map { _ in generator.normal() }
    for h in [1, 1e-2, 1e-4] {
      trial.expectTangents(η, along: line.map { $0 * h })
      for i in y.indices { trial.expectTangents(η, along: y.indices.map { $0 == i ? h : 0 }) }
    }
    for i in y.indices { trial.expectCurvature(η, row: i) }
  }
  // Searches come to points far from any minimum.
  for size in [1e2, 1e3, 1e5] { trial.expectPoint(y.map { _ in size * generator.normal() }) }
}

/// A loss with weighted observations.
private struct LossTrial {
  let loss: any Loss
  let observation: [Double]
  let weights: [Double]

  func at(_ η: [Double]) -> LossPoint { loss.evaluate(η, observation, weights: weights) }

  private var rounding: Double { 64 * Double(observation.count) * Double.ulpOfOne }

  func expectPoint(_ η: [Double]) {
    let point = at(η)
    guard point.isFinite else { return }
    #expect(point.gradient.count == η.count && point.curvature.count == η.count)
    #expect(point.value >= 0 && point.curvature.allSatisfy { $0 >= 0 })
    #expect(zip(point.gradient, point.curvature).allSatisfy { $0 == 0 || $1 > 0 })
    for (i, g) in point.gradient.enumerated() {
      let (mean, y) = (loss.mean(at: η[i]), observation[i])
      // Of a mean next to y rounding decides.
      let isNear = abs(mean - y) <= rounding * (abs(mean) + abs(y))
      #expect(isNear || (mean > y ? g > 0 : g < 0))
    }
    let again = at(η)
    #expect(point.bits == again.bits)
  }

  func expectTangents(_ η: [Double], along step: [Double]) {
    let (here, there) = (at(η), at(zip(η, step).map(+)))
    guard here.isFinite, there.isFinite else { return }
    let rise = there.value - here.value
    let slack = rounding * (here.value + there.value)
    for (point, isBelow) in [(here, true), (there, false)] {
      let terms = zip(point.gradient, step).map(*)
      let tangent = terms.reduce(0, +)
      let slack = slack + rounding * terms.reduce(0) { $0 + abs($1) }
      #expect(isBelow ? tangent <= rise + slack : rise <= tangent + slack)
    }
  }

  /// The mean of f″ over 2h is within h²/6 · f⁗ of f″; where f″ jumps, it is below the larger of the two.
  func expectCurvature(_ η: [Double], row i: Int) {
    let h = 1e-3
    func moved(by step: Double) -> LossPoint {
      var η = η
      η[i] += step
      return at(η)
    }
    let points = [moved(by: -h), at(η), moved(by: h)]
    guard points.allSatisfy(\.isFinite) else { return }
    let slope = (points[2].gradient[i] - points[0].gradient[i]) / (2 * h)
    let most = points.reduce(0) { max($0, $1.curvature[i]) }
    let slack = rounding * (abs(points[0].gradient[i]) + abs(points[2].gradient[i])) / h
    #expect(slope <= (1 + h) * most + slack)
  }

  func expectRepeatedRows(_ η: [Double]) {
    let rows = weights.indices.flatMap { Array(repeating: $0, count: Int(weights[$0])) }
    let weighted = at(η)
    let repeated = loss.evaluate(
      rows.map { η[$0] }, rows.map { observation[$0] }, weights: rows.map { _ in 1 })
    guard weighted.isFinite, repeated.isFinite else { return }
    #expect(abs(weighted.value - repeated.value) <= rounding * weighted.value)
    for (place, i) in rows.enumerated() {
      let (g, d) = (weighted.gradient[i], weighted.curvature[i])
      #expect(abs(g - weights[i] * repeated.gradient[place]) <= rounding * abs(g))
      #expect(abs(d - weights[i] * repeated.curvature[place]) <= rounding * d)
    }
  }
}

extension LossPoint {
  fileprivate var isFinite: Bool { (gradient + curvature + [value]).allSatisfy(\.isFinite) }

  fileprivate var bits: [UInt64] { (gradient + curvature + [value]).map(\.bitPattern) }
}
