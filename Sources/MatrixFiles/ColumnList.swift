/// Columns that somebody lists: names, beginnings of names, indices, and ranges of names or indices.
///
///     age, "a, b", lab*, 4, 7-9, bmi:s6
///
/// A name holds whatever stands between commas, blanks around it aside, or between quotes. What reads
/// as an index is one, unless it is in quotes.
package struct ColumnList {
  private let text: [UInt8]
  private let columns: TableColumns

  /// A list that is about to be looked up in the columns of a table.
  package init(_ text: String, in columns: TableColumns) {
    self.text = Array(text.utf8)
    self.columns = columns
  }

  /// The columns listed, in the order of the list, each once.
  ///
  /// - Throws: ``ColumnListError`` for the first item that names no column, or not one alone.
  package func indices() throws(ColumnListError) -> [Int] {
    var found: [Int] = []
    for item in Self.items(of: text, separator: UInt8(ascii: ",")) {
      found.append(contentsOf: try indices(of: item))
    }
    var seen: Set<Int> = []
    return found.filter { seen.insert($0).inserted }
  }

  /// Every item as a list of its own.
  package var items: [ColumnList] {
    Self.items(of: text, separator: UInt8(ascii: ",")).map {
      ColumnList(String(decoding: $0, as: UTF8.self), in: columns)
    }
  }

  /// What a list of one item says, without the quotes.
  package var name: String { Self.name(text) }

  /// The one column that the list names.
  ///
  /// - Throws: ``ColumnListError/several(_:)`` for more of them, and what ``indices()`` throws.
  package func index() throws(ColumnListError) -> Int {
    let all = try indices()
    guard all.count == 1 else { throw .several(String(decoding: text, as: UTF8.self)) }
    return all[0]
  }

  private func indices(of item: [UInt8]) throws(ColumnListError) -> [Int] {
    if let column = try column(item) { return [column] }
    let word = String(decoding: item, as: UTF8.self)
    if let range = Self.range(word) { return try checked(range) }
    let ends = Self.items(of: item, separator: UInt8(ascii: ":"))
    if ends.count == 2, let first = try column(ends[0]), let last = try column(ends[1]) {
      guard first <= last else { throw .reversed(word) }
      return Array(first...last)
    }
    if ends.count == 2, columns.names != nil {
      throw .unknown(try column(ends[0]) == nil ? Self.name(ends[0]) : Self.name(ends[1]))
    }
    if word.hasSuffix("*"), let names = columns.names {
      let beginning = word.dropLast()
      let found = names.indices.filter { names[$0].hasPrefix(beginning) }
      if !found.isEmpty { return found }
    }
    throw .unknown(Self.name(item))
  }

  /// The column that one name or one index stands for, or nil.
  private func column(_ item: [UInt8]) throws(ColumnListError) -> Int? {
    let name = Self.name(item)
    let places = columns.places(of: name)
    let isQuoted = item.first == UInt8(ascii: "\"")
    if !isQuoted, let range = Self.range(name) {
      // A name such as 2019 or 0-4.
      guard places.isEmpty || range == places[0]...places[0] else { throw .indexAndName(name) }
      return try checked(range).count == 1 ? range.lowerBound : nil
    }
    guard places.count < 2 else { throw .repeated(name, at: places) }
    return places.first
  }

  /// The indices that `4` or `7-9` stand for, or nil.
  private static func range(_ word: String) -> ClosedRange<Int>? {
    let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { end in
      end.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(end) : nil
    }
    guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last
    else { return nil }
    return first...last
  }

  private func checked(_ range: ClosedRange<Int>) throws(ColumnListError) -> [Int] {
    guard range.upperBound < columns.count else {
      throw .outside(range.upperBound, count: columns.count)
    }
    return Array(range)
  }

  /// The bytes of each item, quotes included, without the blanks around it. A quote counts at the beginning of a name.
  private static func items(of text: [UInt8], separator: UInt8) -> [[UInt8]] {
    let (quote, blank, colon) = (UInt8(ascii: "\""), UInt8(ascii: " "), UInt8(ascii: ":"))
    var items: [[UInt8]] = [[]]
    var isQuoted = false
    var beginsName = true
    for byte in text {
      if byte == separator, !isQuoted {
        items.append([])
        beginsName = true
        continue
      }
      if byte == quote, isQuoted || beginsName {
        isQuoted.toggle()
        // Two quotes in a row stand for one.
        beginsName = !isQuoted
      } else if !isQuoted, byte != blank {
        beginsName = byte == colon
      }
      items[items.count - 1].append(byte)
    }
    return items.map { item in
      Array(item.drop { $0 == blank }.reversed().drop { $0 == blank }.reversed())
    }
  }

  /// An item without its quotes.
  private static func name(_ item: [UInt8]) -> String {
    cellTexts(of: item, separator: 0).first ?? ""
  }
}

/// Why an item of a list names no column, or not one alone.
package enum ColumnListError: Error, Equatable {
  /// No column has this name, and it is no index.
  case unknown(String)
  /// Several columns have this name.
  case repeated(String, at: [Int])
  /// There are only so many columns, counted from zero.
  case outside(Int, count: Int)
  /// An index or a range of indices that is the name of another column as well.
  case indexAndName(String)
  /// A range that ends before it begins.
  case reversed(String)
  /// More than one column where one is wanted.
  case several(String)
}
