import Arguments
import Charts
import Glibc
import SparseRecovery

/// A result as a page for a browser that needs nothing beside it.
struct ResultPage {
  /// The option that names the file.
  static let option = Option(
    "report", .file, help: "Write a page with the result and its charts to this .html file",
    details:
      "gnuplot draws the charts; where it is missing the page has tables, and drawings in text.")

  /// Bars and rows of a table beyond so many are no longer read.
  private static let mostColumns = 40
  /// Points of a chart beyond so many fill it, and the file.
  private static let mostPoints = 2000

  private var report: Report
  private let gnuplot = Gnuplot()

  /// Begins a page.
  ///
  /// - Parameter facts: names and values, shown first.
  init(title: String, facts: [(name: String, value: String)]) {
    report = Report(
      title: title, settings: facts.filter { !$0.name.isEmpty },
      command: CommandWords.line(CommandWords.all))
  }

  /// Appends what is known of the support: each column with its coefficient, and with what one standard deviation of
  /// it changes, which compares columns of different units.
  mutating func add(support solution: SparseSolution, _ input: SolveInput) throws(ChartError) {
    let (texts, sizes) = (solution.coefficientTexts, solution.coefficientSizes)
    let rows = solution.support.enumerated().map { place, j in
      let spread = input.problem.deviation(ofColumn: j)
      return (
        label: input.columns.label(j), coefficient: texts[place], spread: spread,
        effect: sizes[place] * spread
      )
    }.sorted { abs($0.effect) > abs($1.effect) }
    let shown = rows.prefix(Self.mostColumns)
    report.add(heading: "Support")
    report.add(
      table: ["column", "coefficient", "deviation", "effect"],
      rows: shown.map {
        [
          $0.label, $0.coefficient, $0.spread.significant(4),
          $0.effect.significant(4),
        ]
      })
    report.add(
      paragraph:
        "The effect of a column is its coefficient\(solution.imaginaryParts == nil ? "" : ", in magnitude,") times "
        + "its standard deviation over the rows.")
    if shown.count < rows.count {
      report.add(
        paragraph: "The \(shown.count) of \(rows.count) columns with the largest effects are shown."
      )
    }
    guard !shown.isEmpty else { return }
    try add(
      BarChart(
        title: "What one standard deviation of each column changes",
        y: Axis("effect"), categories: shown.map(\.label),
        series: [
          Series("effect", shown.enumerated().map { Point(Double($0), $1.effect) })
        ]))
  }

  /// Appends what is left of y: over what is fitted, and against the quantiles of a normal distribution. Where the loss
  /// is half a deviance each residual is the root of what its row adds to that, and has the sign of y less the mean:
  /// McCullagh and Nelder 1989, §2.4.
  mutating func add(residualsOf solution: SparseSolution, _ input: SolveInput) throws(ChartError) {
    let fitted = solution.prediction(for: input.problem)
    let y = input.observations[0]
    let (weights, loss) = (input.problem.model.weights, input.problem.loss)
    func residual(_ i: Int) -> Double {
      let weight = weights?[i] ?? 1
      guard loss.isHalfDeviance else { return (y[i] - fitted[i]) * weight.squareRoot() }
      let deviance = 2 * loss.evaluate([fitted[i]], [y[i]], weights: [weight]).value
      return y[i] < loss.mean(at: fitted[i]) ? -deviance.squareRoot() : deviance.squareRoot()
    }
    let present = y.indices.filter { weights?[$0] ?? 1 > 0 }
    let points = present.map { (fitted: fitted[$0], residual: residual($0)) }.sorted {
      ($0.residual, $0.fitted) < ($1.residual, $1.fitted)
    }
    let count = points.count
    // Evenly from the smallest residual to the largest, both of them included.
    let most = min(count, Self.mostPoints)
    let places = (0..<most).map { most == 1 ? 0 : $0 * (count - 1) / (most - 1) }
    let scale = (points.reduce(0) { $0 + $1.residual * $1.residual / Double(count) }).squareRoot()
    let name =
      loss.isHalfDeviance
      ? "deviance residual" : weights == nil ? "residual" : "residual × √weight"
    let fittedName = loss.isHalfDeviance ? "linear predictor" : "fitted"
    report.add(heading: "Residuals")
    if input.problem.model.isOfRealForm {
      report.add(paragraph: "The real and the imaginary part of a row are a point each.")
    }
    if most < count {
      report.add(
        paragraph:
          "\(most) of \(count) rows are shown, evenly from the smallest residual to the largest.")
    }
    try add(
      LineChart(
        title: "Residuals over what is fitted", x: Axis(fittedName), y: Axis(name),
        series: [
          Series(
            name, places.map { Point(points[$0].fitted, points[$0].residual) }, style: .markers)
        ]))
    // Of two labels or small counts they are not normal.
    guard !loss.isHalfDeviance else { return }
    let quantiles = places.map { place in
      Point(normalQuantile((Double(place) + 0.5) / Double(count)), points[place].residual)
    }
    let ends = [quantiles.first, quantiles.last].compactMap { $0?.x }
    try add(
      LineChart(
        title: "Residuals against a normal distribution",
        x: Axis("quantile of the normal distribution"),
        y: Axis(name),
        series: [
          Series(name, quantiles, style: .markers),
          Series("normal", ends.map { Point($0, $0 * scale) }, style: .plainLine),
        ]))
  }

  /// Appends a heading and a table.
  mutating func add(_ heading: String, table headings: [String], rows: [[String]]) {
    report.add(heading: heading)
    report.add(table: headings, rows: rows)
  }

  /// Appends a heading and a paragraph.
  mutating func add(_ heading: String, paragraph: String) {
    report.add(heading: heading)
    report.add(paragraph: paragraph)
  }

  /// Appends a chart.
  mutating func add(_ chart: any Chart) throws(ChartError) {
    let picture = try gnuplot?.picture(of: GnuplotScript(chart))
    report.add(chart, picture: picture)
  }

  /// Writes the page.
  func write(to path: String, replacing: Bool) throws(FileError) {
    try AtomicFile.write(to: path, replacing: replacing) { (file) throws(FileError) in
      try file.write(report.html)
    }
  }
}

extension RecoveryProblem {
  /// The standard deviation of column `j` over the rows that take part, by their weights; of a complex one the root of the
  /// variances of both its parts.
  fileprivate func deviation(ofColumn j: Int) -> Double {
    let parts = partsOfNumber
    let column = givenColumn(parts * j)
    func weight(_ i: Int) -> Double { Double(parts) * (model.weights?[i] ?? 1) / totalWeight }
    let variances = (0..<parts).map { part -> Double in
      let rows = stride(from: part, to: rows, by: parts)
      let mean = rows.reduce(0) { $0 + weight($1) * column[$1] }
      return rows.reduce(0) { sum, i in
        let difference = column[i] - mean
        return sum + weight(i) * difference * difference
      }
    }
    return variances.reduce(0, +).squareRoot()
  }
}

/// The quantile of the standard normal distribution for a probability within (0, 1), to 4.5e-4: Abramowitz and Stegun
/// 1964, 26.2.23.
private func normalQuantile(_ p: Double) -> Double {
  let t = (-2 * log(min(p, 1 - p))).squareRoot()
  let above = 2.515517 + t * (0.802853 + t * 0.010328)
  let below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  let magnitude = t - above / below
  return p < 0.5 ? -magnitude : magnitude
}
