import Arguments
import SparseRecovery

/// What options say of columns, as indices.
extension TableColumns {
  /// The columns that an option lists; none where it is not given.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``, with the nearest names where one is not
  ///   there.
  func indices(_ arguments: ParsedArguments, _ option: String) throws(RecoveryError) -> [Int] {
    guard let text = arguments.text(ifGiven: option) else { return [] }
    return try indices(of: ColumnList(text, in: self), text, option)
  }

  /// The columns of a list, or of an item of the text of an option.
  ///
  /// - Parameter others: names of what else the item might have been.
  /// - Throws: what ``indices(_:_:)`` throws.
  func indices(
    of list: ColumnList, _ text: String, _ option: String, others: [String] = []
  ) throws(RecoveryError) -> [Int] {
    do throws(ColumnListError) {
      return try list.indices()
    } catch {
      throw refusal(of: text, for: error, option, others: others)
    }
  }

  /// The one column that an option names, or nil where it is not given.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)``, for several columns as well.
  func index(_ arguments: ParsedArguments, _ option: String) throws(RecoveryError) -> Int? {
    guard let text = arguments.text(ifGiven: option) else { return nil }
    do throws(ColumnListError) {
      return try ColumnList(text, in: self).index()
    } catch {
      throw refusal(of: text, for: error, option)
    }
  }

  private func refusal(
    of text: String, for error: ColumnListError, _ option: String, others: [String] = []
  ) -> RecoveryError {
    func refusal(_ expected: String, _ found: String) -> RecoveryError {
      .invalidOption(name: "--\(option)", value: found.oneLine(), expected: expected)
    }
    switch error {
    case .unknown where names == nil, .reversed where names == nil:
      let hint =
        text.contains(where: \.isLetter)
        ? ", since there is no line of names (--header says that there is)" : ""
      return refusal("columns such as 0,4,7-9\(hint)", text)
    case .unknown(let name):
      let near = nearest(3, to: name, among: distinctNames + others).map { TableColumns.quoted($0) }
      let hint = near.isEmpty ? "" : "; the nearest names are \(near.joined(separator: ", "))"
      return refusal("the name or the index of a column", "'\(name)'\(hint)")
    case .repeated(let name, let places):
      let list = places.map(String.init).joined(separator: ", ")
      return refusal(
        "an index in the place of a name that is there twice", "'\(name)', columns \(list)")
    case .outside(let index, let count):
      return refusal("columns from 0 to \(count - 1)", "column \(index)")
    case .indexAndName(let name):
      return refusal("an index, or a name in double quotes", "\(name), which may be either")
    case .reversed(let range):
      return refusal("a range from one column to a later one", range)
    case .several(let list):
      return refusal("one column", list)
    }
  }
}
