/// Commands for gnuplot with their data inside, so that a script needs no other file.
///
/// Texts from outside enter through ``quoted(_:)`` only, numbers through ``data(_:)``.
package struct GnuplotScript: Sendable {
  /// The size of the picture in pixels.
  package private(set) var width = 960
  /// The size of the picture in pixels.
  package private(set) var height = 600
  private var body = ""
  private var blocks = 0

  /// The script of a chart.
  package init(_ chart: some Chart) {
    add("set encoding utf8")
    chart.write(to: &self)
  }

  /// Appends a line.
  package mutating func add(_ command: String) { body += command + "\n" }

  /// Appends rows of numbers and returns the name of their block; infinities count as missing.
  package mutating func data(_ rows: [[Double]]) -> String {
    let name = "$data\(blocks)"
    blocks += 1
    add("\(name) << EOD")
    for row in rows {
      add(row.map { $0.isFinite ? "\($0)" : "NaN" }.joined(separator: " "))
    }
    add("EOD")
    return name
  }

  /// Chooses the size of the picture.
  package mutating func resize(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// The commands that draw to the output that `format` writes to, without naming a file.
  package func text(_ format: PictureFormat) -> String {
    format.terminal(width: width, height: height) + "\n" + body
  }

  /// The script as a file: run by gnuplot it draws `name`.svg, or another format by request.
  ///
  /// - Parameter name: letters, digits, `-`, `_` and `.` only.
  package func file(named name: String) -> String {
    precondition(name.utf8.allSatisfy(isPlain), "a name that gnuplot could misread")
    var text = """
      # Draws \(name).svg:  gnuplot \(name).gp
      # Draws \(name).png:  gnuplot -e "format='png'" \(name).gp
      if (!exists("format")) format = 'svg'

      """
    for format in PictureFormat.allCases {
      text += "if (format eq '\(format.rawValue)') "
      text += format.terminal(width: width, height: height) + "\n"
    }
    return text + "set output '\(name).' . format\n" + body + "unset output\n"
  }

  /// `text` as gnuplot reads it literally: nothing between single quotes is interpreted.
  package static func quoted(_ text: String) -> String {
    let literal = text.unicodeScalars.map { scalar in
      switch scalar {
      // Doubled quotes are misread at the start of a text.
      case "'": "’"
      // A line ends a command, and other control characters are not drawn.
      case _ where scalar.properties.generalCategory == .control: " "
      default: String(scalar)
      }
    }
    return "'" + literal.joined() + "'"
  }

  private static var charactersInCaption: Int { 108 }

  /// Title, caption, and the room that they take.
  ///
  /// - Parameter room: how many pixels the names below an axis take beyond a line.
  mutating func frame(_ chart: some Chart, below room: Int = 0) {
    add("set title \(Self.quoted(chart.title)) font ',17' offset 0,0.3")
    caption(chart.caption, below: room)
    add("set border 3 linecolor rgb '#444444'")
    add("set tics nomirror out textcolor rgb '#222222'")
    add("set grid linecolor rgb '#dddddd' linetype 1 linewidth 0.5")
  }

  /// The caption at the lower edge, in as many lines as it takes.
  mutating func caption(_ text: String, below room: Int = 0) {
    let lines = wrapped(text, width: Self.charactersInCaption)
    for (i, line) in lines.enumerated() {
      let height = 18 * (lines.count - 1 - i) + 16
      add(
        "set label \(i + 1) \(Self.quoted(line)) at screen 0.015, "
          + "\(Double(height) / Double(self.height)) left font ',12' textcolor rgb '#555555'")
    }
    add("set bmargin at screen \(Double(18 * lines.count + 78 + room) / Double(height))")
  }

  /// Label, scale and range of an axis, called `x` or `y` by gnuplot.
  mutating func axis(_ name: String, _ axis: Axis, showing values: some Sequence<Double>) {
    add("set \(name)label \(Self.quoted(axis.label))")
    if axis.scale == .logarithmic {
      add("set logscale \(name)")
      add("set format \(name) '%g'")
    }
    guard let range = axis.extent(of: values) else { return add("set \(name)range [1:2]") }
    let spread = axis.range == nil ? axis.widened(range) : range
    add("set \(name)range [\(spread.lowerBound):\(spread.upperBound)]")
    if let ticks = axis.ticks(in: spread) {
      add("set \(name)tics (\(ticks.map { "\($0)" }.joined(separator: ", ")))")
    }
  }

  /// The look of series number `i`.
  static func look(_ i: Int, of series: Series) -> String {
    let colour = Palette.series[i % Palette.series.count]
    let line = "linecolor rgb '\(colour)' linewidth 2"
    let marker = "pointtype \(Palette.markers[i % Palette.markers.count]) pointsize 0.8"
    // Colours repeat: the next round has other dashes.
    let round = i / Palette.series.count
    let dash = "dashtype \(Palette.dashes[(i + round) % Palette.dashes.count])"
    switch series.style {
    case .plainLine: return "with lines \(line) \(dash)"
    case .markers: return "with points \(line) \(marker)"
    case .line:
      let every = max(1, series.points.count / 20)
      return "with linespoints \(line) \(dash) \(marker) pointinterval \(every)"
    }
  }
}

/// What a picture may be written as.
package enum PictureFormat: String, CaseIterable, Sendable {
  case svg, png

  /// The command that selects the format. Markup in texts is switched off.
  func terminal(width: Int, height: Int) -> String {
    switch self {
    case .svg:
      "set terminal svg size \(width),\(height) noenhanced font 'sans-serif,15' background '#ffffff'"
    case .png:
      "set terminal pngcairo size \(width),\(height) noenhanced font 'sans,11' background '#ffffff'"
    }
  }
}

/// Whether a byte may be part of a file name that gnuplot and shells read literally.
private func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
    UInt8(ascii: "."):
    true
  default: false
  }
}
