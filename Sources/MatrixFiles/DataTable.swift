package import SparseCore

/// What a text table says of a regression: the columns to choose from, the target, and the weights of rows.
package struct DataTable {
  /// Which column is what; every other one may be chosen.
  package struct Roles: Sendable {
    /// The column to explain.
    package var target: Int
    /// The column of weights, if one is.
    package var weights: Int?
    /// Columns that are not looked at.
    package var dropped: Set<Int> = []

    /// The roles of a table of which one column is explained by all others.
    package init(target: Int) { self.target = target }
  }

  /// All columns of the file.
  package let file: TableColumns
  /// What each is.
  package let roles: Roles
  /// The columns to choose from, in the order of the file.
  package let matrix: DenseMatrix
  /// What these are called.
  package let columns: TableColumns
  /// The column to explain.
  package let target: [Double]
  /// The weight of every row, where a column holds them.
  package let weights: [Double]?
  /// What was guessed to read the table, a line each, with the path.
  package let notices: [String]

  /// Reads a table; the columns to choose from are read in place, without a copy.
  ///
  /// - Precondition: the roles are of columns of the file, and no column has two.
  /// - Throws: ``FileError``, also where no column is left to choose from.
  package init(_ file: TableFile, _ roles: Roles) throws(FileError) {
    let others = roles.dropped.union([roles.target]).union(roles.weights.map { [$0] } ?? [])
    let chosen = (0..<file.columns.count).filter { !others.contains($0) }
    guard !chosen.isEmpty else {
      throw .malformed(
        path: file.path, position: nil,
        expected: "columns to choose from beside the target", found: "none")
    }
    let (all, guesses) = try file.read(
      chosen + [roles.target] + (roles.weights.map { [$0] } ?? []),
      advice: " (--drop leaves a column out)")
    self.file = file.columns
    self.roles = roles
    columns = file.columns.some(chosen)
    target = (0..<all.rows).map { all[$0, chosen.count] }
    weights = roles.weights == nil ? nil : (0..<all.rows).map { all[$0, chosen.count + 1] }
    do throws(RecoveryError) {
      // The first columns of the same memory.
      matrix = .double(
        try Matrix(rows: all.rows, columns: chosen.count, storage: all.storage))
    } catch {
      throw .malformed(path: file.path, position: nil, expected: "a matrix", found: "\(error)")
    }
    notices = guesses.map { "\(file.path.oneLine()): \(Self.text($0))" }
  }

  /// The column of ``matrix`` that column `j` of the file is, or nil where it is something else.
  package func place(of j: Int) -> Int? {
    (0..<columns.count).first { columns.index($0) == j }
  }

  private static func text(_ guess: FileGuess) -> String {
    switch guess {
    case .indexColumn, .namelessColumn: guess.text(advice: " (--index 0 leaves it out)")
    default: "\(guess)"
    }
  }
}
