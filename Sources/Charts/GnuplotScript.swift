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
func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
    UInt8(ascii: "."):
    true
  default: false
  }
}
