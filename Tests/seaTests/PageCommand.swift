/// A command line of `sea` on a page: `sea …` or `bin/sea …` at the start of a line, after `$ ` where what it prints
/// follows.
struct PageCommand: Sendable {
  /// The line of the page on which it begins, counted from one.
  let number: Int
  /// The words after `sea`.
  let words: [String]
  /// What the page shows that it prints, with the numbers of the lines; nil where there is no `$`.
  private(set) var output: [(number: Int, text: String)]?

  /// The words of a line as a shell splits them, double quotes being the only ones.
  static func words(of line: String) -> [String] {
    line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap {
      place, part in
      place % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
    }
  }

  /// The words after `sea`, or nil for another line.
  static func wordsAfterTool(in line: String) -> [String]? {
    let words = words(of: line)
    return ["sea", "bin/sea"].contains(words.first) ? Array(words.dropFirst()) : nil
  }

  /// The command lines of a block.
  static func all(in block: Page.Block) -> [PageCommand] {
    var commands: [PageCommand] = []
    var i = 0
    while i < block.lines.count {
      let number = block.start + i + 1
      var line = block.lines[i]
      while line.hasSuffix("\\"), i + 1 < block.lines.count {
        i += 1
        line = line.dropLast() + block.lines[i]
      }
      i += 1
      line = String(line.drop { $0 == " " })
      let isPrompted = line.hasPrefix("$ ")
      if let words = wordsAfterTool(in: isPrompted ? String(line.dropFirst(2)) : line) {
        commands.append(PageCommand(number: number, words: words, output: isPrompted ? [] : nil))
      } else if !commands.isEmpty {
        commands[commands.count - 1].output?.append((number, line))
      }
    }
    return commands
  }
}
