/// A point of a chart, with the interval that its y is known to lie in where there is one.
package struct Point: Equatable, Sendable {
  /// The position along the x axis.
  package let x: Double
  /// The value; NaN interrupts a line.
  package let y: Double
  /// The confidence interval of y.
  package let interval: ClosedRange<Double>?

  /// Places a point.
  package init(_ x: Double, _ y: Double, interval: ClosedRange<Double>? = nil) {
    self.x = x
    self.y = y
    self.interval = interval
  }

  /// The lower end of the interval, or y.
  var low: Double { interval?.lowerBound ?? y }
  /// The upper end of the interval, or y.
  var high: Double { interval?.upperBound ?? y }
}

/// Points that belong together, under one name in the legend.
package struct Series: Sendable {
  /// How the points are drawn.
  package enum Style: Sendable {
    /// Joined by a line, with a marker at each or, where there are many, at some of them.
    case line
    /// Markers alone.
    case markers
    /// A line without markers.
    case plainLine
  }

  /// The name in the legend.
  package let name: String
  /// The points in the order in which they are joined.
  package let points: [Point]
  /// How they are drawn.
  package let style: Style

  /// Names points.
  package init(_ name: String, _ points: [Point], style: Style = .line) {
    self.name = name
    self.points = points
    self.style = style
  }
}
