extension CommandTable {
  /// The completions for bash 4.4 and later, to be read by `source <(tool completions bash)`.
  package func bashCompletions() -> String {
    """
    # Completions of \(tool) for bash.
    _\(tool)() {
      local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
      # bash takes '--name=value' for three words.
      if [[ "$current" == "=" ]]; then
        current=""
      elif [[ "$previous" == "=" ]]; then
        previous="${COMP_WORDS[COMP_CWORD-2]}"
      fi
      COMPREPLY=()
      if [[ "$COMP_CWORD" -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "\(topLevelWords)" -- "$current")
        return
      fi
      case "${COMP_WORDS[1]}" in
    \(commands.map(bashCase).joined(separator: "\n"))
      esac
    }
    complete -F _\(tool) \(tool)

    """
  }

  private var topLevelWords: String {
    (commands.map(\.name) + ["--help", "--version"]).joined(separator: " ")
  }

  private func bashCase(_ command: Command) -> String {
    let values = command.options.filter(\.kind.takesValue).map { option in
      let names = ["--\(option.name)"] + (option.letter.map { ["-\($0)"] } ?? [])
      let reply = bashReply(option.kind).map { " \($0);" } ?? ""
      return "        \(names.joined(separator: "|")))\(reply) return ;;"
    }
    let words = command.options.flatMap(\.spellings) + ["--help"]
    let previous =
      values.isEmpty ? [] : ["      case \"$previous\" in"] + values + ["      esac"]
    let lines =
      ["    \(command.name))"] + previous + [
        "      if [[ \"$current\" == -* ]]; then",
        "        mapfile -t COMPREPLY < <(compgen -W \"\(words.joined(separator: " "))\""
          + " -- \"$current\")",
      ] + bashArguments(command) + ["      fi", "      ;;"]
    return lines.joined(separator: "\n")
  }

  /// The function does not count arguments: it offers the choices of all of them, or else files.
  private func bashArguments(_ command: Command) -> [String] {
    let kinds = command.arguments.map(\.kind)
    let choices = kinds.flatMap(\.choices)
    let reply =
      choices.isEmpty ? kinds.lazy.compactMap(bashReply).first : bashReply(.choice(choices))
    return reply.map { ["      else", "        \($0)"] } ?? []
  }

  /// What fills the list of completions for a value, if anything can.
  private func bashReply(_ kind: ValueKind) -> String? {
    if kind.isFile {
      return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$current\")"
    }
    guard !kind.choices.isEmpty else { return nil }
    let words = kind.choices.joined(separator: " ")
    return "mapfile -t COMPREPLY < <(compgen -W \"\(words)\" -- \"$current\")"
  }
}

extension CommandTable {
  /// The completions for zsh, to be put into a file `_tool` of a folder of `fpath`.
  package func zshCompletions() -> String {
    """
    #compdef \(tool)
    # Completions of \(tool) for zsh.
    _\(tool)() {
      local context state state_descr line
      local -a commands
      typeset -A opt_args
      commands=(
    \(commands.map { "    " + zshQuoted("\($0.name):\($0.summary)") }.joined(separator: "\n"))
      )
      _arguments -C \\
        '(- *)'{-h,--help}'[Show the help]' \\
        '(- *)--version[Show the version]' \\
        '1:command:->command' \\
        '*::argument:->argument'
      case "$state" in
        command) _describe command commands ;;
        argument)
          case "$words[1]" in
    \(commands.map(zshCase).joined(separator: "\n"))
          esac
          ;;
      esac
    }
    if [[ "$funcstack[1]" == _\(tool) ]]; then _\(tool) "$@"; else compdef _\(tool) \(tool); fi

    """
  }

  private func zshCase(_ command: Command) -> String {
    let specifications =
      ["'(- *)'{-h,--help}'[Show this help]'"]
      + command.options.flatMap(zshSpecifications)
      + command.arguments.map { argument in
        let separator = argument.isRequired ? ":" : "::"
        return zshQuoted(separator + argument.name + zshAction(argument.kind))
      }
    return """
            \(command.name))
              _arguments -s \\
      \(specifications.map { "          " + $0 }.joined(separator: " \\\n"))
              ;;
      """
  }

  /// One specification for every spelling of the option; `_arguments` excludes the other ones once
  /// one is given.
  private func zshSpecifications(_ option: Option) -> [String] {
    let letter = option.letter.map { ["-\($0)"] } ?? []
    let names = letter + option.spellings
    let value = option.kind.takesValue ? ":\(option.placeholder)" + zshAction(option.kind) : ""
    return names.map { name in
      let exclusion =
        option.isRepeatable ? "*" : names.count > 1 ? "(\(names.joined(separator: " ")))" : ""
      let suffix = !option.kind.takesValue ? "" : name.hasPrefix("--") ? "=" : "+"
      // Brackets would end the description.
      let help = option.help(ofSpelling: name).substituting(["[": "(", "]": ")"])
      return zshQuoted("\(exclusion)\(name)\(suffix)[\(help)]\(value)")
    }
  }

  private func zshAction(_ kind: ValueKind) -> String {
    if kind.isFile { return ":_files" }
    return kind.choices.isEmpty ? ":" : ":(\(kind.choices.joined(separator: " ")))"
  }

  private func zshQuoted(_ text: String) -> String {
    "'" + text.substituting(["'": "'\\''"]) + "'"
  }
}

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
