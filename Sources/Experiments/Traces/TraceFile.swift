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
    try self.init(path: path, table: TraceTable(path: path, bytes: fileBytes(path)))
  }

  /// A trace that is at hand; `path` is what it is called.
  package init(path: String, table: TraceTable) {
    self.path = path
    traces = table.traces
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
