import Glibc

extension SolveStudy {
  /// Whole solves from small to large, in double precision: those of small problems in a moment,
  /// the last of 1.6 GB.
  static func endToEnd(isQuick: Bool) -> SolveStudy {
    let shapes = [
      ProblemShape(250, 1000, 10), ProblemShape(500, 5000, 25), ProblemShape(1000, 10000, 50),
      ProblemShape(2000, 20000, 50), ProblemShape(4000, 50000, 100),
    ]
    return isQuick
      ? SolveStudy(
        shapes: Array(shapes.prefix(2)), entriesRead: 250_000_000, repetitions: 1, patience: 1)
      : SolveStudy(shapes: shapes, entriesRead: 2_500_000_000)
  }

  /// The shape that the axes of ``scaling(isQuick:)`` have in common.
  static func scalingBase(isQuick: Bool) -> ProblemShape {
    isQuick ? ProblemShape(250, 1000, 10) : ProblemShape(1000, 10000, 50)
  }

  /// A base shape, and shapes in which one of m, n and k grows tenfold around it, all told from
  /// 1/√10 to √10 times the base in equal ratios.
  static func scaling(isQuick: Bool) -> SolveStudy {
    let base = scalingBase(isQuick: isQuick)
    let steps = isQuick ? 2 : 4
    let factors = (0...steps).map { pow(10, Double($0) / Double(steps) - 0.5) }
    let shapes = ScalingAxis.allCases.flatMap { axis in
      factors.map { axis.scaled(base, by: $0) }
    }.removingRepeats()
    return isQuick
      ? SolveStudy(shapes: shapes, entriesRead: 25_000_000, repetitions: 1, patience: 0.5)
      : SolveStudy(shapes: shapes, entriesRead: 1_000_000_000, repetitions: 2, patience: 1.5)
  }

  /// Shapes on which the gradients compare differently: square, wide, tall, with supports from a
  /// hundredth of the columns to more than a quarter, in caches and beyond them.
  static func gradients(isQuick: Bool) -> SolveStudy {
    let shapes = [
      ProblemShape(200, 200, 10), ProblemShape(100, 1000, 5), ProblemShape(250, 1000, 60),
      ProblemShape(1000, 500, 25), ProblemShape(500, 5000, 25), ProblemShape(400, 1200, 200),
      ProblemShape(100, 20000, 10), ProblemShape(500, 5000, 150),
      ProblemShape(1000, 10000, 50), ProblemShape(2000, 20000, 50),
      ProblemShape(600, 1200, 310),
    ]
    return isQuick
      ? SolveStudy(
        shapes: Array(shapes.prefix(4)), iterations: 200, entriesRead: 50_000_000,
        hasEqualIterations: true, repetitions: 1, patience: 0.5)
      : SolveStudy(
        shapes: shapes, entriesRead: 4_000_000_000, hasEqualIterations: true, repetitions: 2,
        patience: 3)
  }
}
