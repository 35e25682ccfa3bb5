import Charts
import SparseRecovery

/// Where the chart of a path goes.
struct PathPlot {
  private let path: String
  /// The picture and the program that draws it, or nil for the terminal.
  private let picture: (format: PictureFormat, gnuplot: Gnuplot)?
  private let files: OutputFiles

  /// - Parameter path: `terminal`, or a file whose name ends in .svg or .png.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for another name, or
  ///   ``FileError/cannotWrite(path:reason:)`` where nothing can be drawn.
  init(_ path: String, _ files: OutputFiles) throws {
    self.path = path
    self.files = files
    if path == "terminal" {
      picture = nil
      return
    }
    guard let format = PictureFormat.allCases.first(where: { path.hasSuffix("." + $0.rawValue) })
    else {
      throw RecoveryError.invalidOption(
        name: "--plot", value: path, expected: "terminal, or a file named .svg or .png")
    }
    try files.check(path)
    guard let gnuplot = Gnuplot() else {
      throw FileError.cannotWrite(path: path, reason: "gnuplot was not found")
    }
    picture = (format, gnuplot)
  }

  /// Draws a chart.
  func draw(_ chart: LineChart) throws {
    guard let picture else {
      return try Console.write(
        "\n" + (chart.textDrawing(width: Console.width, characters: .unicode) ?? "") + "\n")
    }
    do {
      try picture.gnuplot.draw(
        GnuplotScript(chart), as: picture.format, to: path, replacing: files.areReplaced)
    } catch {
      throw FileError.cannotWrite(path: path, reason: "\(error)")
    }
  }
}

extension PathReport {
  /// The loss and the criterion over k, each from its smallest value, 0, to its largest, 1.
  var chart: LineChart {
    let sparsities = rows.map { Double($0.point.sparsity) }
    var series = [curve("loss", sparsities, rows.map(\.point.solution.loss))]
    let values = rows.compactMap(\.value)
    if values.count == rows.count {
      series.append(curve(criterion, sparsities, values, errors: rows.compactMap(\.standardError)))
    }
    let place = rows.firstIndex(where: \.isChosen) ?? rows.count - 1
    let height = series[series.count - 1].points[place].y
    series.append(Series("chosen", [Point(sparsities[place], height)], style: .markers))
    return LineChart(
      title: "k = \(chosen.sparsity) chosen", caption: "\(algorithm), \(criterion)",
      x: Axis("sparsity k"), y: Axis("share of the range"), series: series)
  }

  private func curve(
    _ name: String, _ x: [Double], _ y: [Double], errors: [Double] = []
  ) -> Series {
    let (low, high) = (y.min() ?? 0, y.max() ?? 1)
    let range = high > low ? high - low : 1
    let points = y.indices.map { place in
      let height = (y[place] - low) / range
      guard errors.count == y.count else { return Point(x[place], height) }
      let error = errors[place] / range
      return Point(x[place], height, interval: (height - error)...(height + error))
    }
    return Series(name, points)
  }
}
