import Charts

/// Something measured of every solve, and how many of them are summed up.
struct Measure: Sendable {
  let title: String
  let fileName: String
  let axis: Axis
  /// What the numbers of tables are in, where they are not shares or ratios.
  var unit: String?
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

  /// The title of a table.
  var heading: String { "\(title)\(unit.map { ", \($0)" } ?? "") (\(middle))" }

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
    unit: "ms", isMean: false, showsSpread: false,
    sample: { Sample($0.compactMap(\.seconds).map { 1000 * $0 }) })

  /// How many supports were looked at.
  static let iterations = Measure(
    title: "Iterations", fileName: "iterations", axis: Axis("supports evaluated"),
    unit: "supports evaluated", isMean: true,
    sample: { $0.sample("iterations") })
}

/// What one solver made of one problem.
struct Outcome {
  let cell: Int
  let trial: Int
  /// What was measured, or an `error`.
  let values: JSON
  /// Nil where times were left out.
  let seconds: Double?
}

extension ResultSet {
  /// Everything that the solver of this name did, ordered by cell, then trial.
  func outcomes(of solver: String) -> [Outcome] {
    problems.flatMap { problem in
      problem.solves.enumerated().filter { $0.element["solver"]?.string == solver }.map {
        i, values in
        Outcome(
          cell: problem.cell, trial: problem.trial, values: values,
          seconds: i < problem.seconds.count ? problem.seconds[i] : nil)
      }
    }
  }
}

extension Sequence<Outcome> {
  /// The numbers measured under this name; problems that failed have none.
  func sample(_ name: String) -> Sample { Sample(compactMap { $0.values[name]?.double }) }
}

/// Numbers drawn under the same conditions.
struct Sample {
  /// In ascending order.
  private let sorted: [Double]

  init(_ values: some Sequence<Double>) { sorted = values.sorted() }

  var count: Int { sorted.count }

  /// The mean, or nil where there is nothing.
  var mean: Double? { sorted.isEmpty ? nil : sorted.reduce(0, +) / Double(count) }

  /// What 95 % of normal means lie within, or nil for fewer than two numbers.
  var meanInterval: ClosedRange<Double>? {
    guard let mean, count > 1 else { return nil }
    let squares = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let margin = 1.96 * (squares / Double(count - 1) / Double(count)).squareRoot()
    return Self.interval(mean - margin, mean + margin)
  }

  /// The number below which `share` of them lie, between neighbours linearly; nil for none.
  func quantile(_ share: Double) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let position = share * Double(count - 1)
    let below = Int(position)
    let above = min(below + 1, count - 1)
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
  }

  /// The middle half.
  var quartiles: ClosedRange<Double>? {
    guard let low = quantile(0.25), let high = quantile(0.75) else { return nil }
    return Self.interval(low, high)
  }

  /// The numbers between two, or nil where numbers too large have left nothing to tell.
  static func interval(_ low: Double, _ high: Double) -> ClosedRange<Double>? {
    low <= high ? low...high : nil
  }
}
