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
