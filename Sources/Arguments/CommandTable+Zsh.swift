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
