/// A picture of numbers that can be drawn by gnuplot and, for some kinds, in plain text.
package protocol Chart: Sendable {
  /// The line above the picture.
  var title: String { get }
  /// The settings, below the picture.
  var caption: String { get }

  /// Appends the commands and the data of the picture.
  func write(to script: inout GnuplotScript)

  /// The picture in at most `width` columns of text, or nil where this kind has none.
  func textDrawing(width: Int, characters: CharacterSet) -> String?
}

/// What a drawing in text may be made of.
package enum CharacterSet: Sendable {
  /// Braille dots, blocks and box lines.
  case unicode
  /// The 95 printable characters of ASCII.
  case ascii
}

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
}

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
}

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
}

/// Groups of bars: one group for each category, one bar in it for each series.
package struct BarChart: Chart {
  package let title: String
  package let caption: String
  package let y: Axis
  package let categories: [String]
  /// Bars by name; x counts the categories from zero, and an interval is drawn as a whisker.
  package let series: [Series]

  /// Collects the parts.
  package init(
    title: String, caption: String = "", y: Axis, categories: [String], series: [Series]
  ) {
    self.title = title
    self.caption = caption
    self.y = y
    self.categories = categories
    self.series = series
  }
}

extension Chart {
  /// Most kinds have no drawing in text.
  package func textDrawing(width: Int, characters: CharacterSet) -> String? { nil }
}
