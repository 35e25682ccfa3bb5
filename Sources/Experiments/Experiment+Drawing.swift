package import Charts
import Glibc
import SparseRecovery

extension Experiment {
  /// Draws the results at `path` into `folder`: charts, and a page with them and with tables.
  ///
  /// - Parameters:
  ///   - command: what a reader types to get the same page.
  ///   - gnuplot: nil writes scripts instead of pictures.
  ///   - formats: what pictures are written as.
  ///   - replacing: whether files that exist are replaced; else they are an error.
  /// - Throws: ``ExperimentError`` for results of other settings, ``FileError``, ``RecoveryError``
  ///   or ``ChartError``.
  package func draw(
    resultsAt path: String, into folder: String, command: String,
    with gnuplot: Gnuplot? = Gnuplot(), formats: [PictureFormat] = PictureFormat.allCases,
    replacing: Bool = true
  ) throws -> Drawing {
    let results = try ResultSet.read(path)
    let precision = results.header["precision"]?.string.flatMap(Precision.init(rawValue:))
    let expected = header(
      backend: results.header["backend"]?.string ?? "", precision: precision ?? .double)
    if let difference = results.header.difference(from: expected) {
      throw ExperimentError.differentSettings(path: path, difference: difference)
    }
    var album = Album(
      folder: folder,
      report: Report(title: Self.title, settings: reportSettings(results), command: command),
      gnuplot: gnuplot, formats: formats, replacing: replacing)
    try addPictures(of: results, to: &album)
    return try Drawing(album)
  }

  /// What the page says about the run.
  private func reportSettings(_ results: ResultSet) -> [Report.Setting] {
    let common = [
      ("problems a cell", "\(trials)"),
      ("problems solved", "\(results.problems.count) of \(problemCount)"),
      ("cells without problems", "\(cellCount - possibleCells.count)"), ("seed", "\(seed)"),
    ]
    let machine = ["backend", "precision"].map { ($0, results.header[$0]?.string ?? "") }
    return described + common + machine + solvers.map { ($0.name, $0.described) }
  }
}

/// `value` with `digits` significant digits, as C's %g writes it; a dash for none.
func significant(_ value: Double?, _ digits: Int = 3) -> String {
  guard let value else { return "–" }
  var buffer = [CChar](repeating: 0, count: 32)
  withVaList([Int32(digits), value]) { _ = vsnprintf(&buffer, buffer.count, "%.*g", $0) }
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
