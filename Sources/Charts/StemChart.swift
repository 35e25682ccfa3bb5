import Glibc

/// Signals one below the other over the same x axis: spike trains as stems, others as lines.
package struct StemChart: Chart {
  /// One signal.
  package struct Panel: Sendable {
    /// What it is.
    package let name: String
    /// Its values.
    package let points: [Point]
    /// Whether every point stands on a stem; otherwise a line joins them.
    package let hasStems: Bool
    /// Open circles drawn with it, for comparison.
    package let reference: Series?

    /// Collects the parts.
    package init(_ name: String, _ points: [Point], hasStems: Bool = true, reference: Series? = nil)
    {
      self.name = name
      self.points = points
      self.hasStems = hasStems
      self.reference = reference
    }
  }

  package let title: String
  package let caption: String
  package let x: Axis
  package let panels: [Panel]

  /// Collects the parts.
  package init(title: String, caption: String = "", x: Axis, panels: [Panel]) {
    self.title = title
    self.caption = caption
    self.x = x
    self.panels = panels
  }

  /// Panels of equal height, placed by hand: their frames lie exactly above each other.
  package func write(to script: inout GnuplotScript) {
    let (panelHeight, above, below) = (120, 50, 110)
    let height = panelHeight * panels.count + above + below
    script.resize(width: 960, height: height)
    script.caption(caption)
    script.add("set multiplot title \(GnuplotScript.quoted(title)) font ',17'")
    script.add("set lmargin at screen 0.085")
    script.add("set rmargin at screen 0.78")
    script.add("set border 3 linecolor rgb '#444444'")
    script.add("set tics nomirror out textcolor rgb '#222222'")
    script.add("set grid x linecolor rgb '#dddddd' linetype 1 linewidth 0.5")
    script.add("set xzeroaxis linecolor rgb '#888888' linetype 1")
    script.add("unset key")
    let all = panels.flatMap { $0.points + ($0.reference?.points ?? []) }
    if let range = x.extent(of: all.map(\.x)) {
      script.add("set xrange [\(range.lowerBound):\(range.upperBound)]")
    }
    for (i, panel) in panels.enumerated() {
      let top = Double(height - above - i * panelHeight) / Double(height)
      let bottom = top - Double(panelHeight - 25) / Double(height)
      script.add("set tmargin at screen \(top)")
      script.add("set bmargin at screen \(bottom)")
      let isLast = i == panels.count - 1
      script.add(isLast ? "set xlabel \(GnuplotScript.quoted(x.label))" : "set format x ''")
      if isLast { script.add("set format x") }
      for (line, text) in wrapped(panel.name, width: 19).prefix(4).enumerated() {
        script.add(
          "set label \(101 + line) \(GnuplotScript.quoted(text)) at screen 0.795, "
            + "\(top - Double(14 + 18 * line) / Double(height)) left font ',13'")
      }
      write(panel, colour: Palette.series[i % Palette.series.count], to: &script)
      for line in 0..<4 { script.add("unset label \(101 + line)") }
      // The caption belongs to the page, not to every panel.
      if i == 0 { for line in 1...20 { script.add("unset label \(line)") } }
    }
    script.add("unset multiplot")
  }

  private func write(_ panel: Panel, colour: String, to script: inout GnuplotScript) {
    let values = panel.points.map(\.y) + (panel.reference?.points.map(\.y) ?? [])
    let axis = Axis("")
    let extent = axis.extent(of: panel.hasStems ? values + [0] : values) ?? 0...1
    let range = axis.widened(extent)
    script.add("set yrange [\(range.lowerBound):\(range.upperBound)]")
    script.add("set ytics \(Self.tickStep(range)) font ',12'")
    let data = script.data(panel.points.map { [$0.x, $0.y] })
    var plots: [String] = []
    if panel.hasStems {
      plots.append("\(data) using 1:2 with impulses linecolor rgb '\(colour)' linewidth 2")
      plots.append("\(data) using 1:2 with points pointtype 7 pointsize 0.5 lc rgb '\(colour)'")
    } else {
      plots.append("\(data) using 1:2 with lines linecolor rgb '\(colour)' linewidth 2")
    }
    if let reference = panel.reference {
      let data = script.data(reference.points.map { [$0.x, $0.y] })
      plots.append("\(data) using 1:2 with points pointtype 6 pointsize 1.1 lc rgb '#000000'")
    }
    script.add("plot " + plots.joined(separator: ", \\\n  "))
  }

  /// The largest round number of which three to seven multiples lie in the range.
  static func tickStep(_ range: ClosedRange<Double>) -> Double {
    let unit = pow(10, floor(log10(range.upperBound - range.lowerBound)))
    let steps = [5, 2, 1, 0.5, 0.2].map { $0 * unit }
    return steps.first { step in
      floor(range.upperBound / step) - ceil(range.lowerBound / step) >= 2
    } ?? unit / 10
  }
}
