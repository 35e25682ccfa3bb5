extension Matrix {
  /// Copies a row-major matrix into column-major order, once.
  ///
  /// Works on tiles one cache line high, so that whole lines are written and few are in flight,
  /// also where the lines read lie a power of two apart: 2 · m · n elements moved.
  ///
  /// - Parameter element: gives element `p = i * columns + j` of the row-major source.
  package init(
    rows: Int, columns: Int, rowMajor element: (Int) -> Scalar
  ) throws(RecoveryError) {
    try self.init(rows: rows, columns: columns) { target in
      let tileRows = 64 / MemoryLayout<Scalar>.stride
      let tileColumns = 32
      for firstRow in stride(from: 0, to: rows, by: tileRows) {
        for firstColumn in stride(from: 0, to: columns, by: tileColumns) {
          for j in firstColumn..<min(firstColumn + tileColumns, columns) {
            for i in firstRow..<min(firstRow + tileRows, rows) {
              target.initializeElement(at: i + j * rows, to: element(i * columns + j))
            }
          }
        }
      }
    }
  }

  /// Copies `elements`, given in row-major order: m · n of them.
  ///
  /// - Throws: ``RecoveryError/elementCount(expected:found:)`` when there are more or fewer, and
  ///   what ``init(rows:columns:fill:)`` throws.
  public init(rows: Int, columns: Int, rowMajor elements: [Scalar]) throws(RecoveryError) {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard overflow || elements.count == count else {
      throw .elementCount(expected: count, found: elements.count)
    }
    try self.init(rows: rows, columns: columns) { (p: Int) -> Scalar in elements[p] }
  }
}
