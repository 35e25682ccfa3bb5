extension CommandTable {
  /// The help of the tool: its commands.
  package func overview(width: Int = 80) -> String {
    let layout = TextLayout(width: width)
    let entries = commands.map { ($0.name, $0.summary) }
    let flags = [
      ("-h, --help", "Show the help of the tool or of a command"),
      ("    --version", "Show the version"),
    ]
    let column = layout.column(after: (entries + flags).map(\.0))
    func list(_ title: String, _ entries: [(String, String)]) -> String {
      ([title + ":"] + entries.map { layout.entry($0.0, [$0.1], column: column) })
        .joined(separator: "\n")
    }
    return sections([
      layout.paragraph(summary),
      layout.paragraph("<command> [<arguments>] [<options>]", after: "Usage: \(tool) "),
      list("Commands", entries),
      list("Options", flags),
      layout.paragraph("Run '\(tool) help <command>' for examples and details of a command."),
    ])
  }

  /// The short help of a command: what `--help` shows.
  package func shortHelp(for command: Command, width: Int = 80) -> String {
    let layout = TextLayout(width: width)
    return sections(
      [layout.paragraph(command.summary), usage(of: command, layout)]
        + lists(of: command, layout, withDetails: false)
        + [layout.paragraph("Run '\(tool) help \(command.name)' for examples and details.")])
  }

  /// The long help of a command, which opens with examples.
  package func longHelp(for command: Command, width: Int = 80) -> String {
    let layout = TextLayout(width: width)
    let examples = command.examples.map { example in
      layout.paragraph(example.purpose, after: "  ") + ":\n    " + example.line
    }
    return sections(
      [
        examples.isEmpty ? "" : "Examples:\n" + examples.joined(separator: "\n\n"),
        usage(of: command, layout), layout.paragraph(command.summary),
      ]
        + command.description.split(separator: "\n").map { layout.paragraph(String($0)) }
        + lists(of: command, layout, withDetails: true))
  }

  /// How a command is called: everything that may not be left out, and a sign for the rest.
  private func usage(of command: Command, _ layout: TextLayout) -> String {
    let arguments = command.arguments.map { $0.isRequired ? "<\($0.name)>" : "[<\($0.name)>]" }
    // A name and its value stay on one line: the space between them is set at the end.
    func value(_ option: Option) -> String { "--\(option.name)\0<\(option.placeholder)>" }
    let alternatives = command.alternatives.map { names in
      names.compactMap { name in command.options.first { $0.name == name }.map(value) }
        .joined(separator: " ")
    }
    let choice = alternatives.isEmpty ? [] : ["(\(alternatives.joined(separator: " | ")))"]
    let required = command.options.filter(\.isRequired).map(value)
    let words = arguments + choice + required + ["[<options>]"]
    return layout.paragraph(
      words.joined(separator: " "), after: "Usage: \(tool) \(command.name) "
    ).substituting(["\0": " "])
  }

  /// The arguments and the groups of options, their texts aligned in one column.
  private func lists(
    of command: Command, _ layout: TextLayout, withDetails: Bool
  ) -> [String] {
    let help = Option("help", letter: "h", .flag, help: "Show this help")
    let groups = command.groups + [OptionGroup("Help", [help])]
    let column = layout.column(
      after: command.arguments.map { "<\($0.name)>" }
        + groups.flatMap { $0.options.map(\.signature) })
    let arguments = command.arguments.map { argument in
      layout.entry(
        "<\(argument.name)>", [annotated(argument.help, argument.facts)], column: column)
    }
    let options = groups.map { group in
      let entries = group.options.map { option in
        layout.entry(
          option.signature,
          [annotated(option.help, option.facts), withDetails ? option.details : ""],
          column: column)
      }
      return ([group.title + ":"] + entries).joined(separator: "\n")
    }
    return (arguments.isEmpty ? [] : [(["Arguments:"] + arguments).joined(separator: "\n")])
      + options
  }

  private func annotated(_ help: String, _ facts: [String]) -> String {
    facts.isEmpty ? help : "\(help) (\(facts.joined(separator: "; ")))"
  }

  private func sections(_ sections: [String]) -> String {
    sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }
}

/// Plain text in lines of limited width.
private struct TextLayout {
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
