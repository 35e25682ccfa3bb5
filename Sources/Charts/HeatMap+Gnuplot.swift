extension HeatMap {
  /// Each cell is a box of its own, so that the grid need not be regular.
  package func write(to script: inout GnuplotScript) {
    script.frame(self)
    script.add("unset grid")
    script.add("set border 0")
    // The legend has a line of its own between the title and the cells.
    script.add("set tmargin at screen 0.86")
    script.add("set title offset 0,1.7")
    script.add("set key at graph 0.5, 1.015 bottom center horizontal Left reverse samplen 3")
    let steps = Palette.viridis.enumerated().map { "\($0) '\($1)'" }.joined(separator: ", ")
    script.add("set palette defined (\(steps))")
    script.add("set cblabel \(GnuplotScript.quoted(value.label)) offset 1,0")
    let shown = value.extent(of: cells.joined().compactMap { $0 }) ?? 0...1
    script.add("set cbrange [\(shown.lowerBound):\(shown.upperBound)]")
    let columnEdges = Self.edges(columns)
    let rowEdges = Self.edges(rows)
    script.add("set xlabel \(GnuplotScript.quoted(x.label))")
    script.add("set ylabel \(GnuplotScript.quoted(y.label))")
    script.add("set xrange [\(columnEdges.first ?? 0):\(columnEdges.last ?? 1)]")
    script.add("set yrange [\(rowEdges.first ?? 0):\(rowEdges.last ?? 1)]")

    var boxes: [[Double]] = []
    for i in rows.indices {
      for (j, cell) in cells[i].enumerated() {
        guard let cell, cell.isFinite else { continue }
        let (left, right) = (columnEdges[j], columnEdges[j + 1])
        let (low, high) = (rowEdges[i], rowEdges[i + 1])
        // A cell laps over those drawn before it, or smoothing would leave seams.
        boxes.append(
          [columns[j], rows[i], left - Self.lap * (right - left), right]
            + [low - Self.lap * (high - low), high, cell])
      }
    }
    var plots: [String] = []
    if !boxes.isEmpty {
      plots.append(
        "\(script.data(boxes)) using 1:2:3:4:5:6:7 with boxxyerror "
          + "fillcolor palette fillstyle solid noborder notitle")
    }
    for (i, curve) in curves.enumerated() {
      let data = script.data(curve.points.map { [$0.x, $0.y] })
      // A light line under a dark one is seen on every colour.
      plots.append("\(data) using 1:2 with lines linecolor rgb '#ffffff' linewidth 5 notitle")
      plots.append(
        "\(data) using 1:2 with lines linecolor rgb '#000000' linewidth 2 "
          + "dashtype \(Palette.dashes[i % Palette.dashes.count]) "
          + "title \(GnuplotScript.quoted(curve.name))")
    }
    script.add("plot " + (plots.isEmpty ? "NaN notitle" : plots.joined(separator: ", \\\n  ")))
  }

  /// The share of a cell by which it laps over its neighbours.
  private static var lap: Double { 0.03 }

  /// The borders of cells with these centres: half way between neighbours.
  static func edges(_ centres: [Double]) -> [Double] {
    guard let first = centres.first, let last = centres.last else { return [] }
    let between = zip(centres, centres.dropFirst()).map { ($0 + $1) / 2 }
    guard let low = between.first, let high = between.last else {
      return [first - 0.5, last + 0.5]
    }
    return [2 * first - low] + between + [2 * last - high]
  }
}
