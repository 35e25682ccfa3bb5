package import SparseCore

/// How a regression is read from a text table: the columns to choose from, and what else is read of each row.
package struct TablePlan: Sendable {
  /// Which column is what; every other one may be chosen.
  package struct Roles: Sendable {
    /// The column to explain.
    package var target: Int
    /// Whether the target may hold two words in the place of numbers, of which the first in ascending order counts as 0
    /// and the other as 1.
    package var mayTargetBeWords = false
    /// The column of weights, if one is.
    package var weights: Int?
    /// The weight of every row that has a target, where they are not a column.
    package var givenWeights: [Double]?
    /// Columns that hold labels of rows, each under what it is for: nothing to choose from.
    package var labels: [String: Int] = [:]
    /// Columns that are not looked at.
    package var dropped: Set<Int> = []
    /// Columns that hold levels: each stands for an indicator of every level.
    package var categorical: Set<Int> = []
    /// Whether the first level of each, in ascending order, has no indicator, since a constant and the others say
    /// the same.
    package var leavesBaseOut = false
    /// What becomes of cells without a value. A row without a target or a weight is left out where others are filled.
    package var missing: MissingCells = .refused
    /// What may help where the table is not what was expected.
    package var advice = TableAdvice()

    /// The roles of a table of which one column is explained by all others.
    package init(target: Int) { self.target = target }
  }

  /// What each column of the file is.
  package let roles: Roles
  /// All columns of the file.
  package let file: TableColumns
  /// What the columns to choose from are of the file: in its order, the levels of one in ascending order.
  package let sources: [TableColumn]
  /// What these are called.
  package let columns: TableColumns
  /// All levels of the categorical columns.
  package let levels: [Int: [String]]
  /// The words that the target holds, 0 and 1 in their place; nil for numbers.
  package let targetLevels: [String]?
  /// What is read: the columns to choose from, the target, the weights where there are any, the labels.
  package let selection: TableSelection
  /// The columns of labels, in ascending order.
  private let labels: [Int]

  /// Plans to read a table; one pass over it where columns hold levels or labels.
  ///
  /// - Precondition: the roles are of columns of the file, and no column has two.
  /// - Throws: ``FileError``, also where no column is left to choose from.
  package init(_ file: TableFile, _ roles: Roles) throws(FileError) {
    labels = Set(roles.labels.values).sorted()
    var levels = try file.levels(
      of: roles.categorical.union(labels).union(roles.mayTargetBeWords ? [roles.target] : []))
    targetLevels = try Self.targetLevels(&levels, roles, file)
    let sources = Self.sources(file, roles, levels)
    guard !sources.isEmpty else {
      throw .malformed(
        path: file.path, position: nil,
        expected: "columns to choose from beside the target", found: "none")
    }
    let others = [roles.target] + (roles.weights.map { [$0] } ?? []) + labels
    var selection = TableSelection(sources + others.map { TableColumn($0) })
    selection.levels = levels
    selection.labels = Set(labels).union(targetLevels == nil ? [] : [roles.target])
    selection.missing = roles.missing
    selection.required = Set(others)
    selection.rowWeights =
      roles.weights != nil
      ? .column(sources.count + 1) : roles.givenWeights.map { .numbers($0) }
    selection.advice = roles.advice
    self.levels = levels.filter { roles.categorical.contains($0.key) }
    self.roles = roles
    self.file = file.columns
    self.sources = sources
    self.selection = selection
    columns = file.columns.some(sources)
  }

  /// What was read of some rows: A in place, without a copy, and the other columns.
  ///
  /// - Parameter path: of the file, for messages.
  package func rows(
    of contents: TableContents, path: String
  ) throws(FileError) -> (
    matrix: DenseMatrix, target: [Double], weights: [Double]?, labels: [Int: [Int]]
  ) {
    let (all, count) = (contents.matrix, contents.kept.count)
    func column(_ j: Int) -> [Double] { (0..<count).map { all[$0, j] } }
    let first = sources.count + (roles.weights == nil ? 1 : 2)
    do throws(RecoveryError) {
      // The first columns of the same memory.
      let matrix = try Matrix<Double>(
        rows: all.rows, columns: sources.count, leadingDimension: all.leadingDimension,
        storage: all.storage)
      return (
        .double(matrix), column(sources.count),
        roles.weights == nil ? nil : column(sources.count + 1),
        Dictionary(
          uniqueKeysWithValues: labels.enumerated().map { place, j in
            (j, column(first + place).map { Int($0) })
          })
      )
    } catch {
      throw .malformed(path: path, position: nil, expected: "a matrix", found: "\(error)")
    }
  }

  /// The words of the target, where it may hold words and does.
  ///
  /// - Throws: ``FileError/malformed(path:position:expected:found:)`` for other than two.
  private static func targetLevels(
    _ levels: inout [Int: [String]], _ roles: Roles, _ file: TableFile
  ) throws(FileError) -> [String]? {
    guard roles.mayTargetBeWords, let words = levels[roles.target],
      words.contains(where: { Double($0) == nil })
    else {
      levels[roles.target] = nil
      return nil
    }
    guard words.count == 2 else {
      let list = words.prefix(5).map { TableColumns.quoted($0, limit: 24) }.joined(separator: ", ")
      throw .malformed(
        path: file.path, position: nil,
        expected:
          "two words or numbers in the target \(file.columns.label(roles.target).oneLine(limit: 80))",
        found: "\(words.count): \(list)\(words.count > 5 ? ", …" : "")")
    }
    return words
  }

  private static func sources(
    _ file: TableFile, _ roles: Roles, _ levels: [Int: [String]]
  ) -> [TableColumn] {
    let others = roles.dropped.union([roles.target]).union(roles.weights.map { [$0] } ?? [])
      .union(roles.labels.values)
    var sources: [TableColumn] = []
    for j in 0..<file.columns.count where !others.contains(j) {
      if roles.categorical.contains(j) {
        let levels = levels[j, default: []].dropFirst(roles.leavesBaseOut ? 1 : 0)
        sources += levels.map { TableColumn(j, level: $0) }
      } else {
        sources.append(TableColumn(j))
      }
    }
    return sources
  }
}
