public import SparseRecovery

/// What ``SEA/Gradient/auto`` chose on a problem, and what would have been fastest.
public struct GradientComparison: Equatable, Sendable, Codable {
  /// The size of the problem.
  public let shape: ProblemShape
  /// The engine.
  public let engine: EngineIdentity
  /// The precision of gradients.
  public let precision: Precision
  /// The iterations of every solve.
  public let iterations: Int
  /// The fewest seconds of a solve with each gradient.
  public let times: [GradientTime]
  /// What `auto` stands for here.
  public let automatic: SEA.Gradient
  /// The gradient with the fewest seconds.
  public let fastest: SEA.Gradient
  /// The seconds of the automatic gradient divided by those of the fastest: 1 for a right choice.
  public let ratio: Double

  /// The seconds of a solve with one gradient.
  public struct GradientTime: Equatable, Sendable, Codable {
    /// How gradients were computed.
    public let gradient: SEA.Gradient
    /// The fewest seconds of a solve.
    public let seconds: Double
  }

  /// One for each shape, engine and precision whose rows hold the automatic gradient and another.
  static func all(in rows: [SolveRow]) -> [GradientComparison] {
    var rest = rows[...]
    var comparisons: [GradientComparison] = []
    while let first = rest.first {
      let group = rest.prefix {
        $0.shape == first.shape && $0.engine == first.engine && $0.precision == first.precision
      }
      rest = rest.dropFirst(group.count)
      guard group.count > 1, let automatic = group.first(where: \.isAutomatic),
        let fastest = group.min(by: { $0.seconds.minimum < $1.seconds.minimum })
      else { continue }
      comparisons.append(
        GradientComparison(
          shape: first.shape, engine: first.engine, precision: first.precision,
          iterations: first.iterations,
          times: group.map { GradientTime(gradient: $0.gradient, seconds: $0.seconds.minimum) },
          automatic: automatic.gradient, fastest: fastest.gradient,
          ratio: automatic.seconds.minimum / fastest.seconds.minimum))
    }
    return comparisons
  }
}
