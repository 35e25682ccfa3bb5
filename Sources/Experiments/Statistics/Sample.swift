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
