extension LineChart {
  /// Bands first, so that no line is hidden by one.
  package func write(to script: inout GnuplotScript) {
    script.frame(self)
    script.add("set key outside right top vertical Left reverse samplen 3 spacing 1.2")
    let points = series.flatMap(\.points)
    script.axis("x", x, showing: points.map(\.x))
    script.axis("y", y, showing: points.flatMap { [$0.y, $0.low, $0.high] })

    var bands: [String] = []
    var lines: [String] = []
    for (i, series) in series.enumerated() {
      let data = script.data(
        series.points.map { point in
          [x.visible(point.x)] + [point.y, point.low, point.high].map { y.visible($0) }
        })
      if series.points.contains(where: { $0.interval != nil }) {
        let colour = Palette.series[i % Palette.series.count]
        bands.append(
          "\(data) using 1:3:4 with filledcurves linecolor rgb '\(colour)' "
            + "fillstyle transparent solid 0.18 noborder notitle")
      }
      lines.append(
        "\(data) using 1:2 \(GnuplotScript.look(i, of: series)) "
          + "title \(GnuplotScript.quoted(series.name))")
    }
    let plots = bands + lines
    script.add("plot " + (plots.isEmpty ? "NaN notitle" : plots.joined(separator: ", \\\n  ")))
  }
}

extension Point {
  /// The lower end of the interval, or y.
  var low: Double { interval?.lowerBound ?? y }
  /// The upper end of the interval, or y.
  var high: Double { interval?.upperBound ?? y }
}
