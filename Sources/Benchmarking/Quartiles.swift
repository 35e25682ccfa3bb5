/// What is kept of a sample of numbers.
public struct Quartiles: Equatable, Sendable, Codable {
  /// The smallest.
  public let minimum: Double
  /// A quarter of the sample is no larger.
  public let lowerQuartile: Double
  /// Half of the sample is no larger.
  public let median: Double
  /// Three quarters of the sample are no larger.
  public let upperQuartile: Double

  /// Sorts `samples`, at least one; between two of them, interpolates.
  package init(of samples: [Double]) {
    precondition(!samples.isEmpty, "statistics of nothing")
    let sorted = samples.sorted()
    func quantile(_ fraction: Double) -> Double {
      let place = fraction * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    minimum = quantile(0)
    lowerQuartile = quantile(0.25)
    median = quantile(0.5)
    upperQuartile = quantile(0.75)
  }
}
