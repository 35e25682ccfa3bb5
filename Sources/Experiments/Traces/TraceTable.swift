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
