/// One thing that the tool can do: `tool command arguments --options`.
package struct Command: Sendable {
  /// The name, as it is typed.
  package let name: String
  /// What the command does, in one sentence.
  package let summary: String
  /// What a reader of the long help should know beyond the summary: a paragraph a line.
  package let description: String
  /// What the long help opens with.
  package let examples: [Example]
  /// The arguments without a name, in order.
  package let arguments: [Argument]
  /// The options, in groups of one subject each.
  package let groups: [OptionGroup]
  /// Sets of options, by name, of which one is given as a whole and none of the others; none where there is
  /// no such choice.
  package let alternatives: [[String]]

  /// All options, in the order in which help lists them.
  package var options: [Option] { groups.flatMap(\.options) }

  /// Collects the parts of a command.
  ///
  /// - Precondition: names and letters are distinct, none of them is the `help` or `h` that every
  ///   command has, no required argument follows an optional one, and alternatives are of options that
  ///   take a value.
  package init(
    name: String, summary: String, description: String = "", examples: [Example] = [],
    arguments: [Argument] = [], groups: [OptionGroup] = [], alternatives: [[String]] = []
  ) {
    self.name = name
    self.summary = summary
    self.description = description
    self.examples = examples
    self.arguments = arguments
    self.groups = groups
    self.alternatives = alternatives
    let names =
      ["help"] + arguments.map(\.name)
      + options.flatMap { $0.spellings.map { String($0.dropFirst(2)) } }
    precondition(Set(names).count == names.count, "two options of one name in '\(name)'")
    let letters = ["h"] + options.compactMap(\.letter)
    precondition(Set(letters).count == letters.count, "two options of one letter in '\(name)'")
    let firstOptional = arguments.firstIndex { !$0.isRequired } ?? arguments.endIndex
    precondition(
      arguments[firstOptional...].allSatisfy { !$0.isRequired },
      "a required argument after an optional one in '\(name)'")
    precondition(
      alternatives.joined().allSatisfy { name in
        options.contains { $0.name == name && $0.kind.takesValue }
      }, "an alternative of '\(name)' that is no option")
  }
}

/// A command line to imitate.
package struct Example: Sendable {
  /// What it does.
  package let purpose: String
  /// The line, as it is typed.
  package let line: String

  /// Explains a line.
  package init(_ purpose: String, _ line: String) {
    self.purpose = purpose
    self.line = line
  }
}

/// Options of one subject, under one heading.
package struct OptionGroup: Sendable {
  /// The heading.
  package let title: String
  /// The options under it.
  package let options: [Option]

  /// Puts options under a heading.
  package init(_ title: String, _ options: [Option]) {
    self.title = title
    self.options = options
  }
}

/// A value without a name, known by its place.
package struct Argument: Sendable {
  /// The name under which help shows it and the tool asks for it.
  package let name: String
  /// What may stand there.
  package let kind: ValueKind
  /// What it means, in one sentence.
  package let help: String
  /// Whether it may not be left out.
  package let isRequired: Bool

  /// Declares an argument.
  package init(_ name: String, _ kind: ValueKind, help: String, isRequired: Bool = true) {
    precondition(kind.takesValue, "an argument is not a flag: '\(name)'")
    self.name = name
    self.kind = kind
    self.help = help
    self.isRequired = isRequired
  }

  /// What help says in parentheses after the meaning.
  var facts: [String] {
    (kind.isRestricted ? [kind.expectation] : []) + (isRequired ? [] : ["optional"])
  }
}
