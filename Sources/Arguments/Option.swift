/// A named setting: `--name value`, or `--name` for a flag.
package struct Option: Sendable {
  /// The name without dashes.
  package let name: String
  /// The one-letter form, if there is one.
  package let letter: Character?
  /// What its value may be.
  package let kind: ValueKind
  /// What help writes in the place of the value.
  package let placeholder: String
  /// The value when the option is not given, as it would be typed.
  package let defaultText: String?
  /// What the option means, in one sentence.
  package let help: String
  /// What a reader of the long help should know beyond that.
  package let details: String
  /// Whether it may not be left out.
  package let isRequired: Bool
  /// Whether it may be given several times, each time adding a value.
  package let isRepeatable: Bool

  /// Declares an option.
  ///
  /// - Precondition: the default is a value of this kind, and there is none where the option is
  ///   required, repeatable or a flag.
  package init(
    _ name: String, letter: Character? = nil, _ kind: ValueKind, placeholder: String? = nil,
    default defaultText: String? = nil, help: String, details: String = "",
    isRequired: Bool = false, isRepeatable: Bool = false
  ) {
    if let defaultText {
      precondition(
        kind.takesValue && !isRequired && !isRepeatable, "'\(name)' cannot have a default")
      precondition(kind.value(of: defaultText) != nil, "the default of '\(name)' is not allowed")
    }
    precondition(kind.takesValue || !isRequired && !isRepeatable, "'\(name)' is a flag")
    self.name = name
    self.letter = letter
    self.kind = kind
    self.placeholder = placeholder ?? kind.placeholder
    self.defaultText = defaultText
    self.help = help
    self.details = details
    self.isRequired = isRequired
    self.isRepeatable = isRepeatable
  }

  /// The long forms in which the option may be given: `--name`, and `--no-name` where it can be
  /// negated.
  var spellings: [String] {
    if case .negatableFlag = kind { ["--\(name)", "--no-\(name)"] } else { ["--\(name)"] }
  }

  /// What a shell says about one of the long forms.
  func help(ofSpelling spelling: String) -> String {
    spelling == "--no-\(name)" ? "Turn off --\(name)" : help
  }

  /// How help shows the option: `-k, --sparsity <k>`.
  var signature: String {
    let short = letter.map { "-\($0), " } ?? "    "
    return switch kind {
    case .flag: "\(short)--\(name)"
    case .negatableFlag: "\(short)--[no-]\(name)"
    default: "\(short)--\(name) <\(placeholder)>"
    }
  }

  /// What help says in parentheses after the meaning.
  var facts: [String] {
    var facts = [String]()
    if kind.isRestricted { facts.append(kind.expectation) }
    if case .negatableFlag(let isOn) = kind { facts.append("default: \(isOn ? "on" : "off")") }
    if let defaultText { facts.append("default: \(defaultText)") }
    if isRequired { facts.append("required") }
    if isRepeatable { facts.append("may be repeated") }
    return facts
  }
}
