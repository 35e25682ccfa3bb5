/// Plain text in lines of limited width.
struct TextLayout {
  /// The most characters of a line; a longer word stands alone on its line.
  let width: Int

  /// At least 40 characters, so that two columns remain readable.
  init(width: Int) { self.width = max(width, 40) }

  /// The words of `text` in lines, the first one after `lead` and the others indented alike.
  func paragraph(_ text: String, after lead: String = "", indent: Int? = nil) -> String {
    let margin = String(repeating: " ", count: indent ?? lead.count)
    var lines = [String]()
    var line = lead
    var isEmpty = true
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = margin
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    lines.append(line)
    return lines.joined(separator: "\n")
  }

  /// Where the right column of a list starts: after the longest entry of the left one, unless that
  /// leaves too little room.
  func column(after entries: [String]) -> Int {
    min(entries.map(\.count).max() ?? 0, width * 3 / 8) + 4
  }

  /// An entry of a list of two columns. Each text on the right is a paragraph of its own.
  func entry(_ left: String, _ right: [String], column: Int) -> String {
    let lead = "  " + left
    let margin = String(repeating: " ", count: column)
    let texts = right.filter { !$0.isEmpty }
    guard lead.count + 2 <= column else {
      return ([lead] + texts.map { paragraph($0, after: margin) }).joined(separator: "\n")
    }
    let padded = lead + String(repeating: " ", count: column - lead.count)
    return texts.enumerated().map { paragraph($1, after: $0 == 0 ? padded : margin) }
      .joined(separator: "\n")
  }
}

extension String {
  /// The text with some characters written otherwise.
  func substituting(_ substitutes: [Character: String]) -> String {
    map { substitutes[$0] ?? String($0) }.joined()
  }
}
