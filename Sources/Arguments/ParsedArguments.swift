/// The values given to a command, checked against its table.
///
/// Asking for a name that the command does not declare, or reading a value as what it is not,
/// is a mistake of the program and stops it.
package struct ParsedArguments: Sendable {
  /// The command that was named.
  package let command: Command
  private(set) var given: [String: [ValueKind.Value]] = [:]

  init(command: Command) { self.command = command }

  mutating func add(_ value: ValueKind.Value, to name: String) {
    given[name, default: []].append(value)
  }

  /// Whether the option or argument was given on the command line.
  package func isGiven(_ name: String) -> Bool {
    _ = kind(of: name)
    return given[name] != nil
  }

  /// Whether a flag is on.
  package func flag(_ name: String) -> Bool {
    switch given[name]?.last {
    case .flag(let isOn): return isOn
    default: break
    }
    switch kind(of: name) {
    case .flag: return false
    case .negatableFlag(let isOn): return isOn
    default: preconditionFailure("'\(name)' is not a flag")
    }
  }

  /// The text, path or choice of an option or argument that is required or has a default.
  package func text(_ name: String) -> String { one(name, texts(name)) }

  /// The text, path or choice of an option or argument, or nil when it was left out and has no
  /// default.
  package func text(ifGiven name: String) -> String? { texts(name).last }

  /// The texts, paths or choices of a repeatable option, in the order given.
  package func texts(_ name: String) -> [String] {
    values(name, "a text") { if case .text(let value) = $0 { value } else { nil } }
  }

  /// The text or number of an option or argument as text, for those who take any kind, or nil when it was left
  /// out and has no default.
  package func spelling(ifGiven name: String) -> String? {
    values(name, "a value") {
      switch $0 {
      case .text(let value): value
      case .integer(let value): "\(value)"
      case .natural(let value): "\(value)"
      case .number(let value): "\(value)"
      case .flag: nil
      }
    }.last
  }

  /// The whole number of an option or argument that is required or has a default.
  package func int(_ name: String) -> Int { one(name, ints(name)) }

  /// The whole number of an option or argument, or nil when it was left out and has no default.
  package func int(ifGiven name: String) -> Int? { ints(name).last }

  /// The whole numbers of a repeatable option, in the order given.
  package func ints(_ name: String) -> [Int] {
    values(name, "an integer") { if case .integer(let value) = $0 { value } else { nil } }
  }

  /// The whole number without a sign of an option or argument that is required or has a default.
  package func natural(_ name: String) -> UInt64 {
    one(
      name,
      values(name, "a natural number") { if case .natural(let value) = $0 { value } else { nil } })
  }

  /// The number of an option or argument that is required or has a default.
  package func number(_ name: String) -> Double { one(name, numbers(name)) }

  /// The number of an option or argument, or nil when it was left out and has no default.
  package func number(ifGiven name: String) -> Double? { numbers(name).last }

  /// The numbers of a repeatable option, in the order given.
  package func numbers(_ name: String) -> [Double] {
    values(name, "a number") { if case .number(let value) = $0 { value } else { nil } }
  }

  /// The choice of an option or argument that is required or has a default, declared by
  /// ``ValueKind/choice(of:)`` of the same enumeration.
  package func choice<Choice: RawRepresentable<String>>(
    _ name: String, as type: Choice.Type = Choice.self
  ) -> Choice {
    one(name, choices(name, as: type))
  }

  /// The choice of an option or argument, or nil when it was left out and has no default.
  package func choice<Choice: RawRepresentable<String>>(
    ifGiven name: String, as type: Choice.Type = Choice.self
  ) -> Choice? {
    choices(name, as: type).last
  }

  /// The choices of a repeatable option, in the order given.
  package func choices<Choice: RawRepresentable<String>>(
    _ name: String, as type: Choice.Type = Choice.self
  ) -> [Choice] {
    texts(name).map { text in
      guard let choice = Choice(rawValue: text) else {
        preconditionFailure("'\(text)' of '\(name)' is not a \(type)")
      }
      return choice
    }
  }

  /// The values given, or else the default, as `extract` takes them out of the table's kind.
  private func values<Element>(
    _ name: String, _ what: String, extract: (ValueKind.Value) -> Element?
  ) -> [Element] {
    let kind = kind(of: name)
    let defaultText = command.options.first { $0.name == name }?.defaultText
    let defaults = defaultText.flatMap { kind.value(of: $0) }.map { [$0] } ?? []
    return (given[name] ?? defaults).map { value in
      guard let element = extract(value) else { preconditionFailure("'\(name)' is not \(what)") }
      return element
    }
  }

  private func one<Element>(_ name: String, _ values: [Element]) -> Element {
    guard let value = values.last else {
      preconditionFailure("'\(name)' may be left out: ask for it by 'ifGiven'")
    }
    return value
  }

  private func kind(of name: String) -> ValueKind {
    if let option = command.options.first(where: { $0.name == name }) { return option.kind }
    if let argument = command.arguments.first(where: { $0.name == name }) { return argument.kind }
    preconditionFailure("'\(command.name)' declares no '\(name)'")
  }
}
