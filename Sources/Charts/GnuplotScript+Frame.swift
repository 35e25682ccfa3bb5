import Glibc

extension GnuplotScript {
  private static var charactersInCaption: Int { 108 }

  /// Title, caption, and the room that they take.
  mutating func frame(_ chart: some Chart) {
    add("set title \(Self.quoted(chart.title)) font ',17' offset 0,0.3")
    caption(chart.caption)
    add("set border 3 linecolor rgb '#444444'")
    add("set tics nomirror out textcolor rgb '#222222'")
    add("set grid linecolor rgb '#dddddd' linetype 1 linewidth 0.5")
  }

  /// The caption at the lower edge, in as many lines as it takes.
  mutating func caption(_ text: String) {
    let lines = wrapped(text, width: Self.charactersInCaption)
    for (i, line) in lines.enumerated() {
      let height = 18 * (lines.count - 1 - i) + 16
      add(
        "set label \(i + 1) \(Self.quoted(line)) at screen 0.015, "
          + "\(Double(height) / Double(self.height)) left font ',12' textcolor rgb '#555555'")
    }
    add("set bmargin at screen \(Double(18 * lines.count + 78) / Double(height))")
  }

  /// Label, scale and range of an axis, called `x` or `y` by gnuplot.
  mutating func axis(_ name: String, _ axis: Axis, showing values: some Sequence<Double>) {
    add("set \(name)label \(Self.quoted(axis.label))")
    if axis.scale == .logarithmic {
      add("set logscale \(name)")
      add("set format \(name) '%g'")
    }
    guard let range = axis.extent(of: values) else { return add("set \(name)range [1:2]") }
    let spread = axis.range == nil ? axis.widened(range) : range
    add("set \(name)range [\(spread.lowerBound):\(spread.upperBound)]")
    if let ticks = axis.ticks(in: spread) {
      add("set \(name)tics (\(ticks.map { "\($0)" }.joined(separator: ", ")))")
    }
  }

  /// The look of series number `i`.
  static func look(_ i: Int, of series: Series) -> String {
    let colour = Palette.series[i % Palette.series.count]
    let line = "linecolor rgb '\(colour)' linewidth 2"
    let marker = "pointtype \(Palette.markers[i % Palette.markers.count]) pointsize 0.8"
    // Colours repeat: the next round has other dashes.
    let round = i / Palette.series.count
    let dash = "dashtype \(Palette.dashes[(i + round) % Palette.dashes.count])"
    switch series.style {
    case .plainLine: return "with lines \(line) \(dash)"
    case .markers: return "with points \(line) \(marker)"
    case .line:
      let every = max(1, series.points.count / 20)
      return "with linespoints \(line) \(dash) \(marker) pointinterval \(every)"
    }
  }
}

extension Axis {
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

/// The words of `text` in lines of at most `width` characters; a longer word has its own line.
func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let last = lines.last, last.count + 1 + word.count <= width {
      lines[lines.count - 1] = last + " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines
}
