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

extension Chart {
  /// Most kinds have no drawing in text.
  package func textDrawing(width: Int, characters: CharacterSet) -> String? { nil }
}

/// The files of one chart.
package struct ChartFiles: Equatable, Sendable {
  /// The script, from which the chart can be drawn again.
  package let script: String
  /// The pictures, or none where gnuplot is missing.
  package let pictures: [String]
  /// Whether pictures were asked for that gnuplot was not there to draw.
  package let isGnuplotMissing: Bool

  /// What to do where pictures are missing.
  package var hint: String? {
    isGnuplotMissing
      ? "gnuplot was not found; where it is installed, draw the chart with: gnuplot \(script)" : nil
  }
}

extension Chart {
  /// Writes `name`.gp, `name`.svg and `name`.png into a folder, which is made where it is missing.
  ///
  /// - Parameters:
  ///   - name: letters, digits, `-`, `_` and `.` only.
  ///   - gnuplot: nil keeps the script alone.
  ///   - replacing: whether files that exist are replaced; else they are an error.
  /// - Throws: ``ChartError``.
  package func write(
    into folder: String, named name: String, with gnuplot: Gnuplot? = Gnuplot(),
    formats: [PictureFormat] = PictureFormat.allCases, replacing: Bool = true
  ) throws(ChartError) -> ChartFiles {
    try makeFolder(folder)
    let script = GnuplotScript(self)
    let path = "\(folder)/\(name)"
    try writeText(script.file(named: name), to: path + ".gp", replacing: replacing)
    var pictures: [String] = []
    for format in formats {
      guard let gnuplot else { break }
      let picture = "\(path).\(format.rawValue)"
      try gnuplot.draw(script, as: format, to: picture, replacing: replacing)
      pictures.append(picture)
    }
    return ChartFiles(
      script: path + ".gp", pictures: pictures, isGnuplotMissing: pictures.count < formats.count)
  }
}

/// Why a chart could not be drawn or written.
package enum ChartError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file that could not be written.
  case cannotWrite(path: String, reason: String)
  /// A file that could not be read.
  case cannotRead(path: String, reason: String)
  /// gnuplot could not be started, or ended with an error.
  case gnuplotFailed(status: Int32, message: String)

  /// One line for a person.
  package var description: String {
    switch self {
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
    case .gnuplotFailed(let status, let message):
      "gnuplot ended with status \(status)" + (message.isEmpty ? "" : ": \(message)")
    }
  }
}
