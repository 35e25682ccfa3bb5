import Glibc
public import SparseRecovery

/// A size of a problem that grows while the others stay.
public enum ScalingAxis: String, Sendable, Codable, CaseIterable {
  /// The number of rows.
  case rows = "m"
  /// The number of columns.
  case columns = "n"
  /// The number of columns to select.
  case sparsity = "k"

  /// The size of a problem along this axis.
  func size(of shape: ProblemShape) -> Int {
    switch self {
    case .rows: shape.rows
    case .columns: shape.columns
    case .sparsity: shape.sparsity
    }
  }

  /// A problem with this size so many times as large, rounded, and at least 1.
  func scaled(_ shape: ProblemShape, by factor: Double) -> ProblemShape {
    func times(_ size: Int, _ axis: ScalingAxis) -> Int {
      axis == self ? max(1, Int((Double(size) * factor).rounded())) : size
    }
    return ProblemShape(
      times(shape.rows, .rows), times(shape.columns, .columns), times(shape.sparsity, .sparsity))
  }

  /// Whether two problems differ along this axis at most.
  fileprivate func isOnly(between shape: ProblemShape, and base: ProblemShape) -> Bool {
    Self.allCases.allSatisfy { $0 == self || $0.size(of: shape) == $0.size(of: base) }
  }
}

/// How the time of an iteration grows with one size of the problem.
public struct Scaling: Equatable, Sendable, Codable {
  /// What grows.
  public let axis: ScalingAxis
  /// The engine.
  public let engine: EngineIdentity
  /// The precision of gradients.
  public let precision: Precision
  /// How gradients were computed.
  public let gradient: SEA.Gradient
  /// The sizes along the axis, ascending.
  public let sizes: [Int]
  /// The fewest seconds of an iteration at each size.
  public let secondsPerIteration: [Double]
  /// The power of the size that fits these times best.
  public let law: PowerLaw

  /// All that the rows tell: one for each axis, engine, precision and gradient of which there are
  /// two sizes or more.
  ///
  /// - Parameter base: the problem that all axes have in common.
  static func all(in rows: [SolveRow], around base: ProblemShape) -> [Scaling] {
    rows.map(\.way).removingRepeats().flatMap { way in
      ScalingAxis.allCases.compactMap { axis in
        let line = rows.filter { $0.way == way && axis.isOnly(between: $0.shape, and: base) }
          .sorted { axis.size(of: $0.shape) < axis.size(of: $1.shape) }
        let sizes = line.map { axis.size(of: $0.shape) }
        let times = line.map(\.leastSecondsPerIteration)
        return PowerLaw(fitting: zip(sizes, times).map { (Double($0), $1) }).map {
          Scaling(
            axis: axis, engine: way.engine, precision: way.precision, gradient: way.gradient,
            sizes: sizes, secondsPerIteration: times, law: $0)
        }
      }
    }
  }
}

/// y = factor · x^exponent, the straight line through points on logarithmic axes.
public struct PowerLaw: Equatable, Sendable, Codable {
  /// The slope of the line: 1 where y grows as x does.
  public let exponent: Double
  /// y at x = 1.
  public let factor: Double
  /// The part of the variance of log y that the line explains, from 0 to 1; 1 where y does not vary.
  public let determination: Double

  /// Fits by least squares on the logarithms.
  ///
  /// - Returns: nil for fewer than two different x, or numbers that are not finite and above zero.
  package init?(fitting points: [(x: Double, y: Double)]) {
    guard points.allSatisfy({ $0.x > 0 && $0.y > 0 && $0.x.isFinite && $0.y.isFinite }) else {
      return nil
    }
    let logs = points.map { (x: log($0.x), y: log($0.y)) }
    let count = Double(logs.count)
    let meanX = logs.reduce(0) { $0 + $1.x } / count
    let meanY = logs.reduce(0) { $0 + $1.y } / count
    let xx = logs.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    let xy = logs.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
    let yy = logs.reduce(0) { $0 + ($1.y - meanY) * ($1.y - meanY) }
    guard xx > 0 else { return nil }
    exponent = xy / xx
    factor = exp(meanY - exponent * meanX)
    determination = yy > 0 ? xy * xy / (xx * yy) : 1
  }
}
