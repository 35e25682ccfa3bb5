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

  /// Groups are one unit apart; the bars of a group share four fifths of it.
  package func write(to script: inout GnuplotScript) {
    // Names that would lap over each other stand upright, cut where they are long.
    let isCrowded = categories.reduce(0) { $0 + $1.count + 2 } > Self.charactersBelow
    let shown =
      isCrowded
      ? categories.map { $0.count > 20 ? $0.prefix(19) + "…" : $0 } : categories
    let longest = shown.map(\.count).max() ?? 0
    script.frame(self, below: isCrowded ? Self.pixelsOfCharacter * longest - 20 : 0)
    script.add("set grid noxtics ytics")
    script.add(
      series.count > 1
        ? "set key outside right top vertical Left reverse samplen 1.5 spacing 1.2" : "unset key")
    let points = series.flatMap(\.points)
    let base = y.scale == .linear ? [0.0] : []
    script.axis("y", y, showing: points.flatMap { [$0.y, $0.low, $0.high] } + base)
    script.add("set xrange [-0.5:\(Double(max(categories.count, 1)) - 0.5)]")
    let names = shown.enumerated().map { i, name in
      // Names of ticks are formats.
      let literal = name.split(separator: "%", omittingEmptySubsequences: false)
      return "\(GnuplotScript.quoted(literal.joined(separator: "%%"))) \(i)"
    }
    script.add(
      names.isEmpty
        ? "unset xtics"
        : "set xtics \(isCrowded ? "rotate by 90 right " : "")(\(names.joined(separator: ", ")))")

    let width = 0.8 / Double(max(series.count, 1))
    var plots: [String] = []
    for (i, series) in series.enumerated() {
      let offset = (Double(i) - Double(self.series.count - 1) / 2) * width
      let data = script.data(
        series.points.map { [$0.x + offset, y.visible($0.y)] })
      let colour = Palette.series[i % Palette.series.count]
      plots.append(
        "\(data) using 1:2:(\(width * 0.92)) with boxes linecolor rgb '\(colour)' "
          + "fillstyle solid 0.85 border title \(GnuplotScript.quoted(series.name))")
      let whiskers = series.points.filter { $0.interval != nil }
      if !whiskers.isEmpty {
        let ends = whiskers.map { [$0.x + offset, y.visible($0.low), y.visible($0.high)] }
        plots.append(
          "\(script.data(ends)) using 1:2:(0):($3-$2) with vectors heads size graph 0.008,90 "
            + "linecolor rgb '#222222' linewidth 1.5 notitle")
      }
    }
    script.add("plot " + (plots.isEmpty ? "NaN notitle" : plots.joined(separator: ", \\\n  ")))
  }

  /// How many characters of the font have room below the axis, side by side.
  private static var charactersBelow: Int { 100 }
  private static var pixelsOfCharacter: Int { 9 }

  /// A line for each bar: its category, its length, and its number. Of several series each is drawn by a letter of its
  /// own.
  package func textDrawing(width: Int, characters: CharacterSet) -> String? {
    let points = series.flatMap(\.points)
    let base = y.scale == .linear ? [0.0] : []
    guard let range = y.extent(of: points.map(\.y) + base), !points.isEmpty else {
      return wrapped(title, width: width).joined(separator: "\n") + "\n(no data)\n"
    }
    let names = categories.map { String($0.prefix(max(width / 3, 4))) }
    let margin = (names.map(\.count).max() ?? 0) + 1
    // A number of at most eight characters stands behind the longest bar.
    let room = max(width - margin - 9, 4)
    func place(_ value: Double) -> Int {
      min(max(Int((y.position(of: value, in: range) * Double(room)).rounded()), 0), room)
    }
    // Where bars begin: what is below zero goes to the left of it.
    let zero = y.scale == .linear ? place(0) : 0
    var lines = wrapped(title, width: width) + [String(y.label.prefix(width))]
    for (i, name) in names.enumerated() {
      for (number, series) in series.enumerated() {
        for point in series.points where Int(exactly: point.x) == i {
          let label = number == 0 ? name : ""
          let start = label + String(repeating: " ", count: margin - label.count)
          guard !y.visible(point.y).isNaN else {
            lines.append(start)
            continue
          }
          let end = place(point.y)
          let gap = String(repeating: " ", count: min(zero, end))
          let bar = String(repeating: brick(number, characters), count: abs(end - zero))
          lines.append("\(start)\(gap)\(bar) \(short(point.y))")
        }
      }
    }
    if series.count > 1 {
      let legend = series.enumerated().map { "\(brick($0, characters)) \($1.name)" }
      lines += wrapped(legend.joined(separator: "  "), width: width)
    }
    return (lines + wrapped(caption, width: width)).joined(separator: "\n") + "\n"
  }

  /// What a bar of series `number` is made of.
  private func brick(_ number: Int, _ characters: CharacterSet) -> Character {
    guard series.count > 1 else { return characters == .unicode ? "█" : "#" }
    return Palette.characters[number % Palette.characters.count]
  }
}
