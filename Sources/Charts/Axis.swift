import Glibc

/// One direction of a chart.
package struct Axis: Sendable {
  /// How numbers are spread over an axis.
  package enum Scale: Sendable {
    /// Equal differences take equal room.
    case linear
    /// Equal ratios take equal room; numbers that are not positive are left out.
    case logarithmic
  }

  /// What the numbers are, with their unit.
  package let label: String
  /// How they are spread.
  package let scale: Scale
  /// What is shown, or nil for everything.
  package let range: ClosedRange<Double>?
  /// Where numbers stand, or nil for round ones.
  package let ticks: [Double]?

  /// Names an axis.
  package init(
    _ label: String, scale: Scale = .linear, range: ClosedRange<Double>? = nil,
    ticks: [Double]? = nil
  ) {
    self.label = label
    self.scale = scale
    self.range = range
    self.ticks = ticks
  }

  /// `value` where this axis can show it, else NaN.
  func visible(_ value: Double) -> Double {
    value.isFinite && (scale == .linear || value > 0) ? value : .nan
  }

  /// What is shown of `values`: never empty, and nil when no value can be shown.
  func extent(of values: some Sequence<Double>) -> ClosedRange<Double>? {
    if let range { return range }
    let shown = values.filter { !visible($0).isNaN }
    guard let low = shown.min(), let high = shown.max() else { return nil }
    if low < high { return low...high }
    if scale == .logarithmic { return (low / 2)...(low * 2) }
    let margin = low == 0 ? 1 : abs(low) / 2
    return (low - margin)...(low + margin)
  }

  /// Where `value` lies in `range`: 0 at its lower end, 1 at its upper end.
  func position(of value: Double, in range: ClosedRange<Double>) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    switch scale {
    case .linear: return (value / 2 - low / 2) / (high / 2 - low / 2)
    case .logarithmic: return (log2(value) - log2(low)) / (log2(high) - log2(low))
    }
  }

  /// Where numbers stand in `range`, or nil to leave it to gnuplot, which writes powers of ten alone
  /// on a logarithmic axis: too few for less than two or three of them.
  func ticks(in range: ClosedRange<Double>) -> [Double]? {
    if let ticks { return ticks }
    let decades = log10(range.upperBound) - log10(range.lowerBound)
    guard scale == .logarithmic, decades < 2.5 else { return nil }
    let multiples = decades < 0.7 ? [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9] : [1, 2, 5]
    let exponents = Int(log10(range.lowerBound).rounded(.down))
    return (exponents...exponents + 3).flatMap { exponent in
      multiples.map { Self.power(exponent) * $0 }
    }.filter(range.contains)
  }

  /// 10 to an integer, as it is spelled.
  private static func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? .nan }

  /// The number in the middle of `range`, as this axis spreads it.
  func middle(of range: ClosedRange<Double>) -> Double {
    switch scale {
    case .linear: range.lowerBound / 2 + range.upperBound / 2
    case .logarithmic: range.lowerBound.squareRoot() * range.upperBound.squareRoot()
    }
  }

  /// A little more than `range`, so that nothing lies on the frame.
  func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    let (low, high) = (range.lowerBound, range.upperBound)
    switch scale {
    case .linear:
      let margin = (high / 2 - low / 2) / 8
      // A quantity that starts at zero is shown from zero.
      return (low == 0 ? 0 : low - margin)...(high + margin)
    case .logarithmic:
      let factor = exp2(log2(high / low) / 32)
      return (low / factor)...(high * factor)
    }
  }
}
