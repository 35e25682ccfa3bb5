/// Everything a command-line tool understands, in one table: parsing, help, and shell completions
/// are all read from it, so that they cannot disagree.
///
/// Help refers to a command named `help`, which shows ``longHelp(for:width:)``.
package struct CommandTable: Sendable {
  /// The name of the tool, as it is typed.
  package let tool: String
  /// What the tool does, in one sentence.
  package let summary: String
  /// The version that `--version` prints.
  package let version: String
  /// The commands, in the order in which help lists them.
  package let commands: [Command]

  /// Collects the commands.
  ///
  /// - Precondition: command names are distinct.
  package init(tool: String, summary: String, version: String, commands: [Command]) {
    precondition(Set(commands.map(\.name)).count == commands.count, "two commands of one name")
    self.tool = tool
    self.summary = summary
    self.version = version
    self.commands = commands
  }

  /// The command of this name, or an error that suggests the nearest one.
  package func command(named name: String) throws(UsageError) -> Command {
    guard let command = commands.first(where: { $0.name == name }) else {
      throw .unknownCommand(found: name, suggestion: nearest(to: name, among: commands.map(\.name)))
    }
    return command
  }

  /// Reads the words after the name of the tool.
  ///
  /// `-h` or `--help` anywhere before a `--` asks for help, whatever else is wrong with the line; so
  /// does no word at all.
  package func parse(_ words: [String]) throws(UsageError) -> Invocation {
    guard let first = words.first else { return .help(nil) }
    if first == "--version" { return .version }
    let asksForHelp = words.prefix { $0 != "--" }.contains { $0 == "-h" || $0 == "--help" }
    if first.hasPrefix("-") {
      if asksForHelp { return .help(nil) }
      throw .unknownOption(
        found: first, command: nil,
        suggestion: nearest(to: first, among: ["--help", "--version"]))
    }
    let command = try command(named: first)
    if asksForHelp { return .help(command) }
    var parser = CommandParser(command: command, words: words.dropFirst())
    return .run(try parser.parse())
  }
}

/// What a command line asks for.
package enum Invocation: Sendable {
  /// Run a command.
  case run(ParsedArguments)
  /// Show the help of a command, or of the tool where there is none.
  case help(Command?)
  /// Show the version.
  case version
}

/// Reads the words after the name of a command.
private struct CommandParser {
  let command: Command
  var words: ArraySlice<String>
  var result: ParsedArguments
  var argumentsRead = 0

  init(command: Command, words: ArraySlice<String>) {
    self.command = command
    self.words = words
    result = ParsedArguments(command: command)
  }

  mutating func parse() throws(UsageError) -> ParsedArguments {
    var onlyArguments = false
    while let word = words.popFirst() {
      if onlyArguments || !looksLikeOption(word) {
        try readArgument(word)
      } else if word == "--" {
        onlyArguments = true
      } else if word.hasPrefix("--") {
        try readLongOption(word)
      } else {
        try readLetters(word)
      }
    }
    try checkNothingMissing()
    return result
  }

  /// A lone dash names a standard stream, and a negative number is a value.
  private func looksLikeOption(_ word: String) -> Bool {
    word.hasPrefix("-") && word != "-" && Double(word) == nil
  }

  private mutating func readArgument(_ word: String) throws(UsageError) {
    guard argumentsRead < command.arguments.count else {
      throw .unexpectedArgument(found: word, command: command.name)
    }
    let argument = command.arguments[argumentsRead]
    argumentsRead += 1
    let value = try value(of: word, kind: argument.kind, name: "<\(argument.name)>")
    result.add(value, to: argument.name)
  }

  /// `--name`, `--no-name`, `--name value` or `--name=value`.
  private mutating func readLongOption(_ word: String) throws(UsageError) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let spelling = String(parts[0])
    guard let option = command.options.first(where: { $0.spellings.contains(spelling) }) else {
      throw unknown(spelling, like: spelling)
    }
    let attached = parts.count == 2 ? String(parts[1]) : nil
    try read(option, spelling: spelling, attached: attached)
  }

  /// `-k value`, `-k=value` or `-kvalue`, after any number of flags: `-qjk value`.
  private mutating func readLetters(_ word: String) throws(UsageError) {
    var rest = word.dropFirst()
    while let letter = rest.popFirst() {
      guard let option = command.options.first(where: { $0.letter == letter }) else {
        throw unknown("-\(letter)", like: "-\(word)")
      }
      var attached: String?
      if rest.first == "=" || option.kind.takesValue && !rest.isEmpty {
        attached = String(rest.first == "=" ? rest.dropFirst() : rest)
        rest = ""
      }
      try read(option, spelling: "-\(letter)", attached: attached)
    }
  }

  private func unknown(_ found: String, like wanted: String) -> UsageError {
    let known = command.options.flatMap(\.spellings) + ["--help"]
    return .unknownOption(
      found: found, command: command.name, suggestion: nearest(to: wanted, among: known))
  }

  private mutating func read(
    _ option: Option, spelling: String, attached: String?
  ) throws(UsageError) {
    guard option.isRepeatable || !result.isGiven(option.name) else {
      throw .repeatedOption(option: "--\(option.name)")
    }
    guard option.kind.takesValue else {
      if let attached { throw .unwantedValue(option: spelling, found: attached) }
      result.add(.flag(spelling != "--no-\(option.name)"), to: option.name)
      return
    }
    guard let text = attached ?? nextValue() else {
      throw .missingValue(option: spelling, expected: option.kind.expectation)
    }
    result.add(try value(of: text, kind: option.kind, name: spelling), to: option.name)
  }

  private mutating func nextValue() -> String? {
    guard let word = words.first, !looksLikeOption(word) else { return nil }
    return words.popFirst()
  }

  private func value(
    of text: String, kind: ValueKind, name: String
  ) throws(UsageError) -> ValueKind.Value {
    guard let value = kind.value(of: text) else {
      throw .invalidValue(
        name: name, found: text, expected: kind.expectation,
        suggestion: nearest(to: text, among: kind.choices))
    }
    return value
  }

  private func checkNothingMissing() throws(UsageError) {
    for argument in command.arguments where argument.isRequired && !result.isGiven(argument.name) {
      throw .missingArgument(name: argument.name, expected: argument.kind.expectation)
    }
    let alternative = try alternative()
    for option in command.options
    where (option.isRequired || alternative.contains(option.name)) && !result.isGiven(option.name) {
      throw .missingOption(option: "--\(option.name)", expected: option.kind.expectation)
    }
  }

  /// The options of the alternative that was begun; none where there is no choice.
  private func alternative() throws(UsageError) -> [String] {
    let begun = command.alternatives.compactMap { names in
      names.first(where: result.isGiven).map { (names: names, first: $0) }
    }
    if begun.count > 1 {
      throw .excludedOption(option: "--\(begun[1].first)", by: "--\(begun[0].first)")
    }
    if begun.isEmpty, !command.alternatives.isEmpty {
      let choices = command.alternatives.compactMap { $0.first.map { "--\($0)" } }
      throw .missingOption(option: choices.joined(separator: " or "), expected: "one of them")
    }
    return begun.first?.names ?? []
  }
}
