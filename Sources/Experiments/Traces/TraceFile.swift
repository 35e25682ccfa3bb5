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
    formats: [PictureFormat]?, replacing: Bool = true
  ) throws(ChartError) -> Drawing {
    let iterations = traces.map { "\($0.solver): \($0.trace.residuals.count) iterations" }
    var album = Album(
      folder: folder,
      report: Report(
        title: "Trace of a solve", settings: [("trace", path)], command: command),
      gnuplot: gnuplot, formats: formats, replacing: replacing)
    let caption = "\(path); \(iterations.joined(separator: ", "))"
    // A solver that runs more than once has a chart for each run.
    var runs: [String: Int] = [:]
    for (solver, trace) in traces {
      let run = runs[solver, default: 0] + 1
      runs[solver] = run
      try album.add(
        trace.residualChart(of: solver, caption: caption),
        named: "trace-residual-\(solver)" + (run > 1 ? "-\(run)" : ""))
    }
    try album.add(
      SolveTrace.explorationChart(traces, caption: caption), named: "trace-exploration")
    return try Drawing(album)
  }
}

/// The lines of a trace of a solve: a header with names, then a line for each iteration.
package struct TraceTable {
  /// The solvers in the order in which they began, a start before what starts from it.
  let traces: [(solver: String, trace: SolveTrace)]

  /// Reads the columns `solver`, `relative_residual` and `is_new`, in any order and beside others.
  ///
  /// - Throws: ``ExperimentError/damaged(path:line:reason:)``.
  package init(path: String, bytes: [UInt8]) throws(ExperimentError) {
    var lines = Pieces(of: bytes[...], separator: "\n")
    guard let header = lines.next(), let columns = Columns(header) else {
      throw .damaged(path: path, line: 1, reason: "expected results, or the trace of a solve")
    }
    var traces: [(solver: String, trace: SolveTrace)] = []
    while let line = lines.next() {
      if line.isEmpty { continue }
      guard let iteration = columns.iteration(line) else {
        throw .damaged(path: path, line: lines.number, reason: "expected an iteration")
      }
      if traces.last?.solver != iteration.solver {
        traces.append((iteration.solver, SolveTrace()))
      }
      traces[traces.count - 1].trace.record(
        residual: iteration.residual, isNew: iteration.isNew)
    }
    self.traces = traces
  }
}

/// Where the three columns stand.
private struct Columns {
  private let solver: Int
  private let residual: Int
  private let isNew: Int
  private let count: Int

  init?(_ header: ArraySlice<UInt8>) {
    var (solver, residual, isNew): (Int?, Int?, Int?)
    var cells = Pieces(of: header, separator: ",")
    while let name = cells.next() {
      let place = cells.number
      if name.elementsEqual("solver".utf8) { solver = solver ?? place }
      if name.elementsEqual("relative_residual".utf8) { residual = residual ?? place }
      if name.elementsEqual("is_new".utf8) { isNew = isNew ?? place }
    }
    guard let solver, let residual, let isNew else { return nil }
    (self.solver, self.residual, self.isNew, count) = (solver, residual, isNew, cells.number)
  }

  /// What a line tells, without an array of its cells.
  func iteration(
    _ line: ArraySlice<UInt8>
  ) -> (solver: String, residual: Double, isNew: Bool)? {
    var (name, value, flag): (String?, Double?, UInt8?)
    var cells = Pieces(of: line, separator: ",")
    while let cell = cells.next() {
      if cells.number == solver { name = String(validating: cell, as: UTF8.self) }
      if cells.number == residual {
        value = String(validating: cell, as: UTF8.self).flatMap { Double($0) }
      }
      if cells.number == isNew, cell.count == 1 { flag = cell.first }
    }
    guard cells.number == count, let name, let value, value.isFinite, let flag,
      [UInt8(ascii: "0"), UInt8(ascii: "1")].contains(flag)
    else { return nil }
    return (name, value, flag == UInt8(ascii: "1"))
  }
}

/// The pieces of a text between separators, one after another, without memory for any of them.
private struct Pieces {
  private let separator: UInt8
  private var rest: ArraySlice<UInt8>?
  /// How many were taken.
  private(set) var number = 0

  init(of text: ArraySlice<UInt8>, separator: Unicode.Scalar) {
    self.separator = UInt8(ascii: separator)
    rest = text
  }

  /// The next piece, which may be empty; nil after the last.
  mutating func next() -> ArraySlice<UInt8>? {
    guard let text = rest else { return nil }
    number += 1
    guard let end = text.firstIndex(of: separator) else {
      rest = nil
      return text
    }
    rest = text[(end + 1)...]
    return text[..<end]
  }
}
