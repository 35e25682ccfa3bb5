extension CommandTable {
  /// The completions for fish, to be put into `~/.config/fish/completions/tool.fish`.
  package func fishCompletions() -> String {
    let lines =
      commands.map { command in
        "complete -c \(tool) -n __\(tool)_no_command -a \(command.name)"
          + " -d \(fishQuoted(command.summary))"
      }
      + commands.flatMap { command in
        command.arguments.map { fishLine(command, fishValue($0.kind), $0.help) }
          + command.options.flatMap { fishOption(command, $0) }
      }
    return """
      # Completions of \(tool) for fish.
      function __\(tool)_no_command
        test (count (commandline -opc)) -eq 1
      end
      function __\(tool)_command
        set -l words (commandline -opc)
        test (count $words) -gt 1; and test $words[2] = $argv[1]
      end
      complete -c \(tool) -f
      complete -c \(tool) -s h -l help -d 'Show the help'
      complete -c \(tool) -n __\(tool)_no_command -l version -d 'Show the version'
      \(lines.joined(separator: "\n"))

      """
  }

  private func fishOption(_ command: Command, _ option: Option) -> [String] {
    option.spellings.map { spelling in
      let letter = spelling == "--\(option.name)" ? option.letter : nil
      let value = option.kind.takesValue ? fishValue(option.kind) : ""
      let names = (letter.map { " -s \($0)" } ?? "") + " -l \(spelling.dropFirst(2))"
      return fishLine(command, names + value, option.help(ofSpelling: spelling))
    }
  }

  private func fishLine(_ command: Command, _ what: String, _ help: String) -> String {
    "complete -c \(tool) -n '__\(tool)_command \(command.name)'\(what) -d \(fishQuoted(help))"
  }

  /// A value is required; files are offered for paths only.
  private func fishValue(_ kind: ValueKind) -> String {
    if kind.isFile { return " -r -F" }
    return kind.choices.isEmpty
      ? " -x" : " -x -a \(fishQuoted(kind.choices.joined(separator: " ")))"
  }

  private func fishQuoted(_ text: String) -> String {
    "'" + text.substituting(["\\": "\\\\", "'": "\\'"]) + "'"
  }
}
