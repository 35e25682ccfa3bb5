extension LineChart {
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
