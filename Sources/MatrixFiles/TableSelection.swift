package import SparseCore

/// What is read of a text table: its columns in the order wanted, and what holds for cells without a value.
package struct TableSelection: Sendable {
  /// The columns of the matrix.
  package var columns: [TableColumn]
  /// The levels of each column of the file that has levels; a cell with another one is refused.
  package var levels: [Int: [String]] = [:]
  /// Columns of the file whose levels are numbered: a cell becomes the place of its level among ``levels``.
  package var labels: Set<Int> = []
  /// What becomes of cells without a value: empty ones, `NA` and `nan`.
  package var missing: MissingCells = .refused
  /// Columns of the file that are never filled: a row without a value there is left out where others would be
  /// filled.
  package var required: Set<Int> = []
  /// What cells of the columns of the matrix are filled with, or nil for the means of what is there.
  package var fillings: [Double]?
  /// What rows count in these means, or nil for one each.
  package var rowWeights: RowWeights?
  /// What may help where a cell cannot be read.
  package var advice = TableAdvice()

  /// Columns of numbers, by index.
  package init(_ columns: [TableColumn]) { self.columns = columns }
}

/// What may help where a table is not what was expected: each in parentheses and behind a blank, in the words of
/// whoever reads it.
package struct TableAdvice: Sendable {
  /// Where a cell has no value, and that is refused.
  package var values = ""
  /// Where a cell of a column of the file holds something other than a number.
  package var numbers: [Int: String] = [:]
  /// Where the first column looks like an index of the rows.
  package var index = ""

  package init() {}
}

/// What the rows of a table count.
package enum RowWeights: Sendable {
  /// A column of the matrix that is read says so, which has no cell to fill.
  case column(Int)
  /// A number for every row that is kept.
  case numbers([Double])
}

/// One column of a matrix that is read from a text table.
package struct TableColumn: Hashable, Sendable {
  /// The column of the file.
  package let index: Int
  /// The level whose indicator this is, 1 where a cell holds it and 0 elsewhere, or nil for numbers.
  package let level: String?

  package init(_ index: Int, level: String? = nil) {
    self.index = index
    self.level = level
  }
}

/// What becomes of cells without a value.
package enum MissingCells: String, CaseIterable, Sendable {
  /// They are refused.
  case refused = "refuse"
  /// Their rows are left out.
  case dropped = "drop"
  /// They are filled with the mean of their column.
  case filled = "mean"
}

/// Which rows of a table were kept, and which cells of them have no value.
package struct KeptRows: Sendable {
  /// How many rows were kept.
  package private(set) var count = 0
  /// The lines of the others.
  package private(set) var droppedLines: [Int] = []
  /// The rows, of those kept, whose cell in a column of the matrix has no value.
  package private(set) var holes: [[Int]]
  /// The rows read that were kept, where some were not.
  private var indices: [Int] = []

  /// The rows of the table that were kept, counted from zero, in ascending order.
  package var rows: [Int] { droppedLines.isEmpty ? Array(0..<count) : indices }

  init(columns: Int) { holes = Array(repeating: [], count: columns) }

  /// All of so many rows, with a value in each cell.
  init(all count: Int, columns: Int) {
    self.init(columns: columns)
    self.count = count
  }

  /// Notes cells of the row that is being read.
  mutating func fill(_ places: [Int]) {
    for place in places { holes[place].append(count) }
  }

  /// Ends a row, which takes what was noted of it along where it is left out.
  mutating func endRow(line: Int, isComplete: Bool) {
    if isComplete {
      if !droppedLines.isEmpty { indices.append(count + droppedLines.count) }
      count += 1
      return
    }
    // Rows up to here were kept, each in its place.
    if droppedLines.isEmpty { indices = Array(0..<count) }
    droppedLines.append(line)
    for place in holes.indices where holes[place].last == count { holes[place].removeLast() }
  }
}

/// What was read of a text table.
package struct TableContents: Sendable {
  /// The columns wanted, of the rows that were kept; of a panel without any, one row of what lay there.
  package let matrix: Matrix<Double>
  /// Which rows these are.
  package let kept: KeptRows
  /// What cells without a value were filled with, for each column of the matrix that has some.
  package let fillings: [Int: Double]
}
