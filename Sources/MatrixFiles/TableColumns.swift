import SparseCore

/// The columns of a table: how many there are, and what they are called.
package struct TableColumns: Equatable, Sendable {
  /// How many there are.
  package let count: Int
  /// The name of every column, as it stands in the file, or nil where the file names none. Names may
  /// be empty, and several columns may have the same one.
  package let names: [String]?
  /// The index of each in the file, where they are some of its columns.
  private let indices: [Int]?
  private let places: [String: [Int]]

  /// - Parameter names: as many as columns. Any other number names none.
  package init(count: Int, names: [String]? = nil) { self.init(count: count, names, indices: nil) }

  private init(count: Int, _ names: [String]?, indices: [Int]?) {
    self.count = count
    self.indices = indices
    let names = names?.count == count ? names : nil
    self.names = names
    places = Dictionary(grouping: 0..<(names?.count ?? 0)) { names?[$0] ?? "" }
  }

  /// What some of these columns, or indicators of their levels, are called: `name=level` is an indicator. They keep
  /// the index that their columns have in the file.
  package func some(_ columns: [TableColumn]) -> TableColumns {
    let hasLevels = columns.contains { $0.level != nil }
    let names: [String]? =
      self.names == nil && !hasLevels
      ? nil
      : columns.map { column in
        let name = self.names?[column.index] ?? "\(column.index)"
        return column.level.map { "\(name)=\($0)" } ?? name
      }
    return TableColumns(count: columns.count, names, indices: columns.map(\.index))
  }

  /// The index of column `j` in the file.
  package func index(_ j: Int) -> Int { indices?[j] ?? j }

  /// The columns of this name, in ascending order.
  package func places(of name: String) -> [Int] { places[name] ?? [] }

  /// The names of some columns, or nil where the file names none.
  package func names(of columns: [Int]) -> [String]? {
    names.map { names in columns.map { names[$0] } }
  }

  /// The names that are not empty, each once, in the order of their first columns.
  package var distinctNames: [String] {
    (names ?? []).enumerated().filter { !$1.isEmpty && places(of: $1).first == $0 }.map(\.element)
  }

  /// How a result calls column `j`: by its name, with the index in the file where others have the same one;
  /// by that index where it has none. A name that a list could not hold is in quotes.
  package func label(_ j: Int) -> String {
    guard let names else { return "\(index(j))" }
    guard !names[j].isEmpty else { return "column \(index(j))" }
    let name = Self.quoted(names[j])
    return places(of: names[j]).count > 1 ? "\(name) (\(index(j)))" : name
  }

  /// A name or a level as an item of a list: in quotes where it holds a comma or a quote, or begins or ends
  /// with a blank.
  package static func quoted(_ name: String, limit: Int = .max) -> String {
    let isPlain = !name.contains { ",\"".contains($0) } && name.first != " " && name.last != " "
    let line = name.oneLine(limit: limit)
    return isPlain ? line : "\"\(line.doublingQuotes)\""
  }
}

extension String {
  /// Two quotes for each.
  fileprivate var doublingQuotes: String {
    split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
  }
}
