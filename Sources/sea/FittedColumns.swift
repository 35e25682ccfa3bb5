import SparseRecovery

/// The columns that a fit was made of, which other tables are compared with.
struct FittedColumns {
  /// How many there were, the target and those left out included.
  let count: Int
  /// The column explained, where it is one of them.
  let target: FittedModel.Column?

  /// Where some of them stand in another table: by name, or by index those without a name.
  ///
  /// Indices say something in a table with as many columns, or with all of them but the target.
  ///
  /// - Throws: ``FileError`` for another number of columns where one is wanted by its index, with all that are not
  ///   there, or with a name that is there twice.
  func places(
    of wanted: [FittedModel.Column], in table: TableFile
  ) throws(FileError) -> [Int] {
    var gap: Int?
    if wanted.contains(where: { $0.name == nil }), table.columns.count != count {
      gap = try placeOfTarget(leftOutOf: table, whereNotAmong: wanted)
    }
    var places: [Int] = []
    var missing: [String] = []
    var missed: Set<String> = []
    for column in wanted {
      guard let name = column.name else {
        places.append(column.index - (gap.map { column.index > $0 } ?? false ? 1 : 0))
        continue
      }
      let found = table.columns.places(of: name)
      guard found.count < 2 else {
        throw .malformed(
          path: table.path, position: nil, expected: "one column '\(name.oneLine())' of the model",
          found: "several: \(found.map(String.init).joined(separator: ", "))")
      }
      if let place = found.first {
        places.append(place)
      } else if missed.insert(name).inserted {
        // Several indicators are of one column.
        missing.append(TableColumns.quoted(name, limit: 80))
      }
    }
    guard missing.isEmpty else {
      let hint =
        table.columns.names == nil
        ? " (there is no line of names; --header says that there is)" : ""
      throw .malformed(
        path: table.path, position: nil, expected: "the columns of the model",
        found: "none of \(missing.prefix(10).joined(separator: ", "))"
          + (missing.count > 10 ? ", … (\(missing.count) in all)" : "") + hint)
    }
    return places
  }

  /// What is to be said of columns that are found by their index in a table that has names: a line, or none.
  func notices(about wanted: [FittedModel.Column], in table: TableFile) -> [String] {
    guard table.columns.names != nil, wanted.contains(where: { $0.name == nil }) else { return [] }
    return [
      "\(table.path.oneLine()): columns that have no name in the model were found by their index, whatever they are "
        + "called here"
    ]
  }

  /// Where the target stood of a table that has all columns but it.
  ///
  /// - Throws: ``FileError`` for any other table.
  private func placeOfTarget(
    leftOutOf table: TableFile, whereNotAmong wanted: [FittedModel.Column]
  ) throws(FileError) -> Int {
    let mayLackTarget = target.map { !wanted.contains($0) } ?? false
    if mayLackTarget, let target, table.columns.count == count - 1,
      target.name.map({ table.columns.places(of: $0).isEmpty }) ?? true
    {
      return target.index
    }
    let without = mayLackTarget ? ", or \(count - 1) without its target" : ""
    throw .malformed(
      path: table.path, position: nil,
      expected: "the \(count) columns of the model, which are told by their index\(without)",
      found: "\(table.columns.count)")
  }
}
