import Charts

/// Something measured of every solve, and how many of them are summed up.
struct Measure: Sendable {
  let title: String
  let fileName: String
  let axis: Axis
  /// Whether the middle is the mean, with its confidence; otherwise the median, with the quartiles.
  let isMean: Bool
  /// Whether charts show how far single problems lie apart: not where all solvers share that, or
  /// where it tells more of the machine.
  var showsSpread = true
  /// The numbers in question.
  let sample: @Sendable ([Outcome]) -> Sample

  /// What bands mean.
  var band: String {
    guard showsSpread else { return middle }
    return isMean ? "means with 95 % confidence" : "medians with quartiles"
  }

  /// What single numbers are.
  var middle: String { isMean ? "means" : "medians" }

  func centre(_ sample: Sample) -> Double? { isMean ? sample.mean : sample.quantile(0.5) }

  func spread(_ sample: Sample) -> ClosedRange<Double>? {
    guard showsSpread else { return nil }
    return isMean ? sample.meanInterval : sample.quartiles
  }

  /// The time of a solve.
  static let time = Measure(
    title: "Time", fileName: "time", axis: Axis("time of a solve, ms", scale: .logarithmic),
    isMean: false, showsSpread: false,
    sample: { Sample($0.compactMap(\.seconds).map { 1000 * $0 }) })

  /// How many supports were looked at.
  static let iterations = Measure(
    title: "Iterations", fileName: "iterations", axis: Axis("supports evaluated"), isMean: true,
    sample: { $0.sample("iterations") })
}
