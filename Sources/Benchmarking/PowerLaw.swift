import Glibc

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
