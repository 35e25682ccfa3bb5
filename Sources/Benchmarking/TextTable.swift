/// Rows of cells in aligned columns: the first one to the left, the others to the right.
struct TextTable {
  let headings: [String]
  var rows: [[String]] = []

  init(_ headings: String...) { self.init(headings) }
  init(_ headings: [String]) { self.headings = headings }

  /// The table, a line each for the headings and the rows.
  var lines: [String] {
    let all = [headings] + rows
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { cells in
      cells.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - cells[column].count)
        return column == 0 ? cells[column] + padding : padding + cells[column]
      }.joined(separator: "  ")
    }
  }
}

/// The words of `text` in lines of at most `width` characters, where words are no longer than that;
/// all lines but the first start with `indent` spaces.
func wrapped(_ text: String, width: Int, indent: Int = 0) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = String(repeating: " ", count: indent) + word
    } else {
      line += (line.isEmpty ? "" : " ") + word
    }
  }
  return lines + [line]
}
