/// How a text table is written, as far as that is said. What is not said is recognised, and said in
/// ``FileReading/guesses``.
public struct TableDialect: Equatable, Sendable {
  /// What stands between two cells of a row.
  public var separator: CellSeparator?
  /// What stands before the fraction of a number.
  public var decimalMark: DecimalMark?

  /// A dialect of which these are known.
  public init(separator: CellSeparator? = nil, decimalMark: DecimalMark? = nil) {
    self.separator = separator
    self.decimalMark = decimalMark
  }
}

/// What stands between two cells of a row of a text table.
public enum CellSeparator: String, CaseIterable, Sendable {
  case comma, semicolon, tab, bar
  /// Any number of blanks and tabs.
  case blank

  /// The byte, or nil for blanks.
  var byte: UInt8? {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: 0x09
    case .bar: UInt8(ascii: "|")
    case .blank: nil
    }
  }

  /// Those that a row is searched for, in this order: text and numbers hold commas more often than the others.
  static let searched: [CellSeparator] = [.tab, .semicolon, .bar, .comma]

  /// Several of them, for a message.
  var plural: String { "\(rawValue)s" }
}

/// What stands before the fraction of a number in text.
public enum DecimalMark: String, CaseIterable, Sendable {
  case point, comma

  var byte: UInt8 { self == .point ? UInt8(ascii: ".") : UInt8(ascii: ",") }

  /// In the place of the byte, what no byte is.
  static let none: UInt16 = 0x100
}

extension DecimalMark {
  /// What a cell, which may be in quotes, says of the mark of its table.
  enum Evidence {
    /// Nothing.
    case none
    /// A number that only this mark can be in.
    case certain(DecimalMark)
    /// Such as `1,234`, which may be one and a fraction or a thousand and more.
    case ambiguous
  }

  /// What all of `cell`, without quotes, says.
  static func evidence(in cell: some BidirectionalCollection<UInt8>) -> Evidence {
    if hasDecimalComma(cell) {
      let digits = cell.drop { "+-".utf8.contains($0) }
      let whole = digits.prefix { $0 != UInt8(ascii: ",") }
      let fraction = digits.dropFirst(whole.count + 1)
      let isGroup =
        (1...3).contains(whole.count) && whole.first != UInt8(ascii: "0")
        && fraction.count == 3 && fraction.allSatisfy { (0x30...0x39) ~= $0 }
      return isGroup ? .ambiguous : .certain(.comma)
    }
    let isNumber =
      cell.contains(UInt8(ascii: "."))
      && cell.contains { (0x30...0x39) ~= $0 }
      && cell.allSatisfy { "0123456789.+-eE".utf8.contains($0) }
    return isNumber ? .certain(.point) : .none
  }
}
