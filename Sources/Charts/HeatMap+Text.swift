extension HeatMap {
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
