package import Charts

/// A trace of a solve: a text table with a line for each iteration.
package struct TraceFile {
  private let path: String
  /// The solvers in the order in which they began, a start before what starts from it.
  private let traces: [(solver: String, trace: SolveTrace)]

  /// Reads the columns `solver`, `relative_residual` and `is_new`, in any order and beside others.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)``, or
  ///   ``ExperimentError/damaged(path:line:reason:)``.
  package init(_ path: String) throws {
    let lines = String(decoding: try fileBytes(path), as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let names = lines.first ?? []
    guard let solver = names.firstIndex(of: "solver"),
      let residual = names.firstIndex(of: "relative_residual"),
      let isNew = names.firstIndex(of: "is_new")
    else {
      throw ExperimentError.damaged(
        path: path, line: 1, reason: "expected results, or the trace of a solve")
    }
    var traces: [(solver: String, trace: SolveTrace)] = []
    for (number, cells) in lines.enumerated().dropFirst() {
      guard cells.count == names.count, let value = Double(cells[residual]),
        cells[isNew] == "0" || cells[isNew] == "1"
      else {
        throw ExperimentError.damaged(path: path, line: number + 1, reason: "expected an iteration")
      }
      if traces.last?.solver != String(cells[solver]) {
        traces.append((String(cells[solver]), SolveTrace()))
      }
      traces[traces.count - 1].trace.record(residual: value, isNew: cells[isNew] == "1")
    }
    self.path = path
    self.traces = traces
  }

  /// Draws the residual over the iterations of each solver, and the supports that it explored.
  ///
  /// - Throws: ``ChartError``.
  package func draw(
    into folder: String, command: String, with gnuplot: Gnuplot? = Gnuplot(),
    formats: [PictureFormat], replacing: Bool = true
  ) throws(ChartError) -> Drawing {
    let iterations = traces.map { "\($0.solver): \($0.trace.residuals.count) iterations" }
    var album = Album(
      folder: folder,
      report: Report(
        title: "Trace of a solve", settings: [("trace", path)], command: command),
      gnuplot: gnuplot, formats: formats, replacing: replacing)
    let caption = "\(path); \(iterations.joined(separator: ", "))"
    for (solver, trace) in traces {
      try album.add(
        trace.residualChart(of: solver, caption: caption), named: "trace-residual-\(solver)")
    }
    try album.add(
      SolveTrace.explorationChart(traces, caption: caption), named: "trace-exploration")
    return try Drawing(album)
  }
}
