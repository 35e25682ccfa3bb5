/// How results are written for a person.
enum ResultText {
  /// A name and a value a line.
  static func lines(_ lines: [(name: String, value: String)]) -> String {
    let width = 20
    return lines.map { name, value in
      name + String(repeating: " ", count: width - name.count) + value + "\n"
    }.joined()
  }

  /// Items after each other, `none` where there are none.
  static func list(_ items: [String]) -> String {
    items.isEmpty ? "none" : items.joined(separator: ", ")
  }
}
