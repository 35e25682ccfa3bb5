/// Lines over numbers: a line for each series, with a band where points have an interval.
package struct LineChart: Chart {
  package let title: String
  package let caption: String
  package let x: Axis
  package let y: Axis
  package let series: [Series]

  /// Collects the parts.
  package init(title: String, caption: String = "", x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.caption = caption
    self.x = x
    self.y = y
    self.series = series
  }

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

  /// Lines in dots, every series with a letter or sign of its own at its points.
  package func textDrawing(width: Int, characters: CharacterSet) -> String? {
    let points = series.flatMap(\.points)
    guard let xRange = x.extent(of: points.map(\.x)), let yRange = y.extent(of: points.map(\.y))
    else { return wrapped(title, width: width).joined(separator: "\n") + "\n(no data)\n" }
    let columns = max(width - TextFrame.margin, 10)
    var canvas = TextCanvas(columns: columns, rows: min(max(columns / 3, 5), 24))
    for (i, series) in series.enumerated() {
      let places = series.points.map { point -> (x: Double, y: Double)? in
        guard !x.visible(point.x).isNaN, !y.visible(point.y).isNaN else { return nil }
        return (x.position(of: point.x, in: xRange), y.position(of: point.y, in: yRange))
      }
      if series.style != .markers {
        for (a, b) in zip(places, places.dropFirst()) {
          if let a, let b { canvas.line(from: a, to: b) }
        }
      }
      let every = max(1, places.count / 10)
      for (j, place) in places.enumerated() where series.style == .markers || j % every == 0 {
        if let place { canvas.mark(place.x, place.y, Self.marker(i)) }
      }
    }
    let frame = TextFrame(
      title: title, caption: caption, x: x, y: y, xRange: xRange, yRange: yRange,
      characters: characters)
    let legend = series.enumerated().map { "\(Self.marker($0)) \($1.name)" }
    return frame.around(canvas.lines(characters), legend: legend, width: width)
  }

  private static func marker(_ i: Int) -> Character {
    Palette.characters[i % Palette.characters.count]
  }
}
