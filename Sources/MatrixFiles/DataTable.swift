package import SparseCore

/// What a text table says of a regression: the columns to choose from, the target, and the weights of rows.
package struct DataTable {
  /// Which column of the file is what.
  package typealias Roles = TablePlan.Roles

  /// What was read of the file.
  private let plan: TablePlan
  /// The columns to choose from, in the order of the file, the levels of one in ascending order.
  package let matrix: DenseMatrix
  /// The column to explain.
  package let target: [Double]
  /// The weight of every row, where a column holds them or they were given.
  package let weights: [Double]?
  /// The number of each row's label, for every column of labels, in ascending order of the labels as text.
  package let labels: [Int: [Int]]
  /// What was guessed to read the table, what was left out and what was filled, a line each, with the path.
  package let notices: [String]

  /// Reads a table; the columns to choose from are read in place, without a copy.
  ///
  /// - Precondition: the roles are of columns of the file, and no column has two.
  /// - Throws: ``FileError``, also where no column is left to choose from.
  package init(_ file: TableFile, _ roles: Roles) throws(FileError) {
    plan = try TablePlan(file, roles)
    let contents = try file.read(plan.selection)
    let weights: [Double]?
    (matrix, target, weights, labels) = try plan.rows(of: contents, path: file.path)
    self.weights = weights ?? roles.givenWeights
    let guesses = file.guesses(
      about: contents.matrix, holdsFirst: plan.sources[0] == TableColumn(0))
    notices =
      guesses.map { "\(file.path.oneLine()): \(Self.text($0, roles.advice))" }
      + file.notices(about: contents, plan.columns)
  }

  /// All columns of the file.
  package var file: TableColumns { plan.file }
  /// What each is.
  package var roles: Roles { plan.roles }
  /// What the columns of ``matrix`` are called.
  package var columns: TableColumns { plan.columns }
  /// What these are of the file.
  package var sources: [TableColumn] { plan.sources }
  /// All levels of the categorical columns.
  package var levels: [Int: [String]] { plan.levels }
  /// The words that the target holds, 0 and 1 in their place; nil for numbers.
  package var targetLevels: [String]? { plan.targetLevels }

  /// The columns of ``matrix`` that column `j` of the file is; none where it is something else.
  package func places(of j: Int) -> [Int] { sources.indices.filter { sources[$0].index == j } }

  /// The column of ``matrix`` that is the indicator `name=level`, or nil where there is none.
  package func indicator(called name: String) -> Int? {
    columns.places(of: name).first { sources[$0].level != nil }
  }

  private static func text(_ guess: FileGuess, _ advice: TableAdvice) -> String {
    switch guess {
    case .indexColumn, .namelessColumn: guess.text(advice: advice.index)
    default: "\(guess)"
    }
  }
}

extension TableFile {
  /// Which rows were left out of what was read, and what was filled: a line each, with the path.
  ///
  /// - Parameter columns: what the columns read are called; others are not spoken of.
  package func notices(about contents: TableContents, _ columns: TableColumns) -> [String] {
    let lines = contents.kept.droppedLines
    var notices = dropped(lines.count, first: Array(lines.prefix(5)))
    for place in contents.fillings.keys.sorted() where place < columns.count {
      let count = contents.kept.holes[place].count
      notices.append(
        "\(count) \(count == 1 ? "cell" : "cells") of \(columns.label(place).oneLine(limit: 80)) without a value "
          + "\(count == 1 ? "was" : "were") filled with \(contents.fillings[place] ?? 0)")
    }
    return notices.map { "\(path.oneLine()): \($0)" }
  }

  /// That rows were left out; nothing where none were.
  ///
  /// - Parameter first: their lines, five at least where there are as many.
  package func dropped(_ count: Int, first lines: [Int]) -> [String] {
    guard count > 0 else { return [] }
    let list =
      lines.prefix(5).map(String.init).joined(separator: ", ") + (count > 5 ? ", …" : "")
    return [
      "\(count) of \(rows) rows "
        + "\(count == 1 ? "lacks a value and was" : "lack a value and were") left out: "
        + (count == 1 ? "line " : "lines ") + list
    ]
  }
}
