package import SparseCore

/// What a text table says of a regression: the columns to choose from, the target, and the weights of rows.
package struct DataTable {
  /// Which column is what; every other one may be chosen.
  package struct Roles: Sendable {
    /// The column to explain.
    package var target: Int
    /// Whether the target may hold two words in the place of numbers, of which the first in ascending order counts as 0
    /// and the other as 1.
    package var mayTargetBeWords = false
    /// The column of weights, if one is.
    package var weights: Int?
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

    /// The roles of a table of which one column is explained by all others.
    package init(target: Int) { self.target = target }
  }

  /// All columns of the file.
  package let file: TableColumns
  /// What each is.
  package let roles: Roles
  /// The columns to choose from, in the order of the file, the levels of one in ascending order.
  package let matrix: DenseMatrix
  /// What these are called.
  package let columns: TableColumns
  /// What these are of the file.
  package let sources: [TableColumn]
  /// All levels of the categorical columns.
  package let levels: [Int: [String]]
  /// The column to explain.
  package let target: [Double]
  /// The words that the target holds, 0 and 1 in their place; nil for numbers.
  package let targetLevels: [String]?
  /// The weight of every row, where a column holds them.
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
    let labels = Set(roles.labels.values).sorted()
    var levels = try file.levels(
      of: roles.categorical.union(labels).union(roles.mayTargetBeWords ? [roles.target] : []))
    targetLevels = try Self.targetLevels(&levels, roles, file)
    let sources = Self.sources(file, roles, levels)
    self.levels = levels.filter { roles.categorical.contains($0.key) }
    self.sources = sources
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
    selection.advice = " (--drop leaves a column out, --categorical takes its levels)"
    let contents = try file.read(selection)
    let all = contents.matrix
    self.file = file.columns
    self.roles = roles
    columns = file.columns.some(sources)
    target = (0..<all.rows).map { all[$0, sources.count] }
    weights = roles.weights == nil ? nil : (0..<all.rows).map { all[$0, sources.count + 1] }
    let first = sources.count + others.count - labels.count
    self.labels = Dictionary(
      uniqueKeysWithValues: labels.enumerated().map { place, j in
        (j, (0..<all.rows).map { Int(all[$0, first + place]) })
      })
    do throws(RecoveryError) {
      // The first columns of the same memory.
      matrix = .double(
        try Matrix(
          rows: all.rows, columns: sources.count, leadingDimension: all.leadingDimension,
          storage: all.storage))
    } catch {
      throw .malformed(path: file.path, position: nil, expected: "a matrix", found: "\(error)")
    }
    let guesses = file.guesses(about: all, holdsFirst: sources[0] == TableColumn(0))
    notices =
      guesses.map { "\(file.path.oneLine()): \(Self.text($0))" }
      + file.notices(about: contents, columns)
  }

  /// The columns of ``matrix`` that column `j` of the file is; none where it is something else.
  package func places(of j: Int) -> [Int] { sources.indices.filter { sources[$0].index == j } }

  /// The column of ``matrix`` that is the indicator `name=level`, or nil where there is none.
  package func indicator(called name: String) -> Int? {
    columns.places(of: name).first { sources[$0].level != nil }
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
      let list = words.prefix(5).map { $0.oneLine(limit: 24) }.joined(separator: ", ")
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

  private static func text(_ guess: FileGuess) -> String {
    switch guess {
    case .indexColumn, .namelessColumn: guess.text(advice: " (--index 0 leaves it out)")
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
    var notices: [String] = []
    if !lines.isEmpty {
      let list =
        lines.prefix(5).map(String.init).joined(separator: ", ") + (lines.count > 5 ? ", …" : "")
      notices.append(
        "\(lines.count) of \(rows) rows "
          + "\(lines.count == 1 ? "lacks a value and was" : "lack a value and were") left out: "
          + (lines.count == 1 ? "line " : "lines ") + list)
    }
    for place in contents.fillings.keys.sorted() where place < columns.count {
      let count = contents.kept.holes[place].count
      notices.append(
        "\(count) \(count == 1 ? "cell" : "cells") of \(columns.label(place).oneLine(limit: 80)) without a value "
          + "\(count == 1 ? "was" : "were") filled with \(contents.fillings[place] ?? 0)")
    }
    return notices.map { "\(path.oneLine()): \($0)" }
  }
}
