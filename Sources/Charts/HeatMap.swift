/// A grid of coloured cells, with curves over it.
package struct HeatMap: Chart {
  package let title: String
  package let caption: String
  package let x: Axis
  package let y: Axis
  /// The name of the colour scale; its range is what the colours span.
  package let value: Axis
  /// The centres of the columns, ascending.
  package let columns: [Double]
  /// The centres of the rows, ascending.
  package let rows: [Double]
  /// The value of each cell, row by row; nil for a cell that has none.
  package let cells: [[Double?]]
  /// What is drawn over the cells.
  package let curves: [Series]

  /// Collects the parts: `cells` holds a row for each of `rows`, with a cell for each of `columns`.
  package init(
    title: String, caption: String = "", x: Axis, y: Axis, value: Axis, columns: [Double],
    rows: [Double], cells: [[Double?]], curves: [Series] = []
  ) {
    precondition(cells.count == rows.count, "a row of cells for every row")
    precondition(cells.allSatisfy { $0.count == columns.count }, "a cell for every column")
    self.title = title
    self.caption = caption
    self.x = x
    self.y = y
    self.value = value
    self.columns = columns
    self.rows = rows
    self.cells = cells
    self.curves = curves
  }

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

  /// Cells as shades, light to dense; a cell without a value is blank.
  package func textDrawing(width: Int, characters: CharacterSet) -> String? {
    let shades: [Character] =
      characters == .unicode ? ["·", "░", "▒", "▓", "█"] : Array(".:-=+*#%@")
    let xEdges = Self.edges(columns)
    let yEdges = Self.edges(rows)
    guard let left = xEdges.first, let right = xEdges.last, let low = yEdges.first,
      let high = yEdges.last, let range = value.extent(of: cells.joined().compactMap { $0 })
    else { return wrapped(title, width: width).joined(separator: "\n") + "\n(no data)\n" }
    let room = max(width - TextFrame.margin, 4)
    // Where there is not one character for every cell, some cells are passed over.
    let shown = Self.spread(columns.count, over: min(columns.count, room))
    let repeats = max(1, min(room / shown.count, 4))
    let field = Self.spread(rows.count, over: min(rows.count, 40)).reversed().map { row in
      String(
        shown.flatMap { column -> [Character] in
          guard let cell = cells[row][column], cell.isFinite else {
            return Array(repeating: " ", count: repeats)
          }
          let position = min(max(value.position(of: cell, in: range), 0), 1)
          let shade = Int((position * Double(shades.count - 1)).rounded())
          return Array(repeating: shades[shade], count: repeats)
        })
    }
    let frame = TextFrame(
      title: title, caption: caption, x: Axis(x.label), y: Axis(y.label), xRange: left...right,
      yRange: low...high, characters: characters)
    let scale =
      "\(value.label): \(short(range.lowerBound)) \(String(shades)) \(short(range.upperBound))"
    return frame.around(Array(field), legend: [scale], width: width)
  }

  /// `wanted` of the indices below `count`, as evenly as may be.
  private static func spread(_ count: Int, over wanted: Int) -> [Int] {
    (0..<wanted).map { $0 * count / wanted }
  }
}
