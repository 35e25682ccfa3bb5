package import Charts

extension Regression {
  /// Errors and times against k, the best k of each solver, and tables.
  package func addPictures(of results: ResultSet, to album: inout Album) throws {
    let curves = SparsityCurves(
      results, of: solvers, over: sparsities, axis: Axis("features selected, k"),
      caption: caption)
    let measures = [Measure.trainError, .heldOutError, .iterations, .time]
    try curves.addCharts(measures, to: &album)
    album.report.add(heading: "Smallest error on samples held out (medians)")
    album.report.add(
      table: ["solver", "k", "error"],
      rows: solvers.indices.map { i in
        let best = curves.least(i, .heldOutError)
        return [solvers[i].name, best.map { "\($0.sparsity)" } ?? "–", significant(best?.value, 4)]
      })
    curves.addTables(measures, to: &album.report)
  }

  package var described: [Report.Setting] {
    [
      ("data", description.name),
      (
        "size",
        "\(description.rows) samples, \(description.columns) features"
          + (description.degree == 2 ? ", products of two included" : "")
      ),
      ("intercept", hasIntercept ? "fitted beside, not counted" : "none"),
      ("features selected k", sparsities.map(String.init).joined(separator: ", ")),
      ("held out", heldOutInWords),
    ]
  }

  private var caption: String {
    "\(description.name): \(description.rows) samples, \(description.columns) features"
      + "\(description.degree == 2 ? " with products" : ""); \(heldOutInWords); seed \(seed)"
  }

  private var heldOutInWords: String {
    switch holdOut {
    case .share(let share): "\(significant(100 * share)) % held out, \(trials) splits"
    case .folds(let count): "one of \(count) folds held out"
    }
  }
}

extension Measure {
  static let trainError = Measure(
    title: "Error on the samples learnt from", fileName: "train-error",
    axis: Axis("RMS error / that of a constant"), isMean: false, showsSpread: false,
    sample: { $0.sample("trainError") })

  static let heldOutError = Measure(
    title: "Error on the samples held out", fileName: "held-out-error",
    axis: Axis("RMS error / that of a constant"), isMean: false, showsSpread: false,
    sample: { $0.sample("heldOutError") })
}
