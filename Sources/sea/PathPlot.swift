import Arguments
import Charts
import SparseRecovery

/// Where a chart of a path goes.
struct PathPlot {
  private let path: String
  /// The picture and the program that draws it, or nil for the terminal.
  private let picture: (format: PictureFormat, gnuplot: Gnuplot)?
  private let files: OutputFiles

  /// Nil where the option is not given: `terminal`, or a file whose name ends in .svg or .png.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for another name, or
  ///   ``FileError/cannotWrite(path:reason:)`` where nothing can be drawn.
  init?(_ arguments: ParsedArguments, _ option: String, _ files: OutputFiles) throws {
    guard let path = arguments.text(ifGiven: option) else { return nil }
    self.path = path
    self.files = files
    if path == "terminal" {
      picture = nil
      return
    }
    guard let format = PictureFormat.allCases.first(where: { path.hasSuffix("." + $0.rawValue) })
    else {
      throw RecoveryError.invalidOption(
        name: "--\(option)", value: path, expected: "terminal, or a file named .svg or .png")
    }
    try files.check(path)
    guard let gnuplot = Gnuplot() else {
      throw FileError.cannotWrite(path: path, reason: "gnuplot was not found")
    }
    picture = (format, gnuplot)
  }

  /// Draws a chart.
  func draw(_ chart: some Chart) throws {
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
    var series = [curve("loss", sparsities, rows.map(\.point.loss))]
    for verdict in verdicts where verdict.choice.values.count == rows.count {
      series.append(
        curve(
          verdict.criterion, sparsities, verdict.choice.values,
          errors: verdict.choice.standardErrors ?? []))
    }
    let place = rows.firstIndex { $0.point.sparsity == chosen.sparsity } ?? rows.count - 1
    // On the curve of the first criterion, or on that of the loss.
    let height = series[min(1, series.count - 1)].points[place].y
    series.append(Series("chosen", [Point(sparsities[place], height)], style: .markers))
    return LineChart(
      title: "k = \(chosen.sparsity) chosen",
      caption: "\(algorithm), \(verdicts.map(\.criterion).joined(separator: ", "))",
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
      // Beyond the largest double there is no height to draw.
      guard height.isFinite, error.isFinite else { return Point(x[place], height) }
      return Point(x[place], height, interval: (height - error)...(height + error))
    }
    return Series(name, points)
  }
}
