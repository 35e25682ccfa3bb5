package import Charts
import Glibc

/// The pictures of an experiment and the page that shows them, in one folder.
package struct Album {
  private(set) var charts: [any Chart] = []
  private(set) var files: [ChartFiles] = []
  /// The page: tables, texts and headings go here.
  package var report: Report

  private let folder: String
  private let gnuplot: Gnuplot?
  private let formats: [PictureFormat]?
  private let replacing: Bool

  /// Begins an album in `folder`, which is made where it is missing.
  ///
  /// - Parameters:
  ///   - gnuplot: nil writes scripts instead of pictures.
  ///   - formats: what pictures are written as. Without SVG the page shows drawings in text. Nil writes no
  ///     script either.
  ///   - replacing: whether files that exist are replaced; else they are an error.
  package init(
    folder: String, report: Report, gnuplot: Gnuplot? = Gnuplot(),
    formats: [PictureFormat]? = PictureFormat.allCases, replacing: Bool = true
  ) {
    self.folder = folder
    self.report = report
    self.gnuplot = gnuplot
    self.formats = formats
    self.replacing = replacing
  }

  /// Draws a chart and puts it on the page.
  package mutating func add(_ chart: any Chart, named name: String) throws(ChartError) {
    guard let formats else {
      charts.append(chart)
      return report.add(chart, picture: nil)
    }
    let drawn = try chart.write(
      into: folder, named: Self.plain(name), with: gnuplot, formats: formats, replacing: replacing)
    charts.append(chart)
    files.append(drawn)
    try report.add(chart, drawnAs: drawn)
  }

  /// Writes the page and returns its path.
  func writeReport() throws(ChartError) -> String {
    try makeFolder(folder)
    let path = folder + "/report.html"
    try writeText(report.html, to: path, replacing: replacing)
    return path
  }

  /// `name` as a file name: everything but letters and digits of ASCII becomes a dash, and what is
  /// longer than systems allow is cut off.
  private static func plain(_ name: String) -> String {
    String(name.prefix(200).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }
}

/// What was drawn.
package struct Drawing: Sendable {
  /// The charts, for example to draw them in a terminal.
  package let charts: [any Chart]
  /// Their files, in the same order, where any were to be written.
  package let files: [ChartFiles]
  /// The page that shows all of them.
  package let report: String

  /// Finishes an album.
  package init(_ album: Album) throws(ChartError) {
    charts = album.charts
    files = album.files
    report = try album.writeReport()
  }
}

/// `value` with `digits` significant digits, as C's %g writes it; a dash for none.
func significant(_ value: Double?, _ digits: Int = 3) -> String {
  guard let value else { return "–" }
  var buffer = [CChar](repeating: 0, count: 32)
  withVaList([Int32(digits), value]) { _ = vsnprintf(&buffer, buffer.count, "%.*g", $0) }
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
