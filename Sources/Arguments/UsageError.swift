/// What is wrong with a command line, in one line.
package enum UsageError: Error, Equatable, Sendable {
  /// No command of this name.
  case unknownCommand(found: String, suggestion: String?)
  /// No option of this name in the command, or in the tool itself where `command` is nil.
  case unknownOption(found: String, command: String?, suggestion: String?)
  /// An option that needs a value, without one.
  case missingValue(option: String, expected: String)
  /// A flag with a value.
  case unwantedValue(option: String, found: String)
  /// A value that the option or argument `name` does not allow.
  case invalidValue(name: String, found: String, expected: String, suggestion: String?)
  /// An option given twice that counts once.
  case repeatedOption(option: String)
  /// A required option left out.
  case missingOption(option: String, expected: String)
  /// A required argument left out.
  case missingArgument(name: String, expected: String)
  /// More arguments than the command has.
  case unexpectedArgument(found: String, command: String)
}

extension UsageError: CustomStringConvertible {
  /// One line for a person: what was expected, and what was found.
  package var description: String {
    switch self {
    case .unknownCommand(let found, let suggestion):
      "unknown command \(quoted(found))" + hint(suggestion)
    case .unknownOption(let found, let command, let suggestion):
      "unknown option \(quoted(found))" + (command.map { " of '\($0)'" } ?? "") + hint(suggestion)
    case .missingValue(let option, let expected):
      "\(option): expected \(expected), found nothing"
    case .unwantedValue(let option, let found):
      "\(option): expected no value, found \(quoted(found))"
    case .invalidValue(let name, let found, let expected, let suggestion):
      "\(name): expected \(expected), found \(quoted(found))" + hint(suggestion)
    case .repeatedOption(let option):
      "\(option): given more than once"
    case .missingOption(let option, let expected):
      "missing option \(option): expected \(expected)"
    case .missingArgument(let name, let expected):
      "missing argument <\(name)>: expected \(expected)"
    case .unexpectedArgument(let found, let command):
      "unexpected argument \(quoted(found)) of '\(command)'"
    }
  }

  private func hint(_ suggestion: String?) -> String {
    suggestion.map { "; did you mean '\($0)'?" } ?? ""
  }

  /// The text between quotes on one line, whatever it holds.
  private func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: scalar.escaped(asASCII: true)
      default: String(scalar)
      }
    }
    return "'\(escaped.joined())'"
  }
}
