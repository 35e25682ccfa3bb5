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
