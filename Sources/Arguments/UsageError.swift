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
  /// An option given beside one of another alternative.
  case excludedOption(option: String, by: String)
  /// An option that does nothing without something that is not there.
  case idleOption(option: String, needed: String)
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
    case .excludedOption(let option, let other):
      "\(option): expected none together with \(other)"
    case .idleOption(let option, let needed):
      "\(option): needs \(needed)"
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

/// The candidate that was probably meant by `word`: the only one that it begins, or else the one
/// with the fewest slips of the keyboard, as long as those are few. The first one wins a tie.
func nearest(to word: String, among candidates: [String]) -> String? {
  let word = word.lowercased()
  let begun = candidates.filter { $0.lowercased().hasPrefix(word) }
  if begun.count == 1, word.contains(where: \.isLetter) { return begun[0] }
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    // A third of the letters may be wrong.
    let limit = max(1, candidate.count / 3)
    guard abs(candidate.count - word.count) <= limit else { continue }
    let distance = editDistance(word, candidate.lowercased())
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// The `count` candidates that are fewest slips of the keyboard away from `word`, the nearest first.
package func nearest(_ count: Int, to word: String, among candidates: [String]) -> [String] {
  let word = word.lowercased()
  // Each letter that one has more is a slip, so that a long one is far without being compared.
  let near = candidates.enumerated().filter { $0.element.count <= 2 * word.count + 16 }
  let distances = near.map {
    (place: $0.offset, distance: editDistance(word, $0.element.lowercased()))
  }
  return distances.sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }.prefix(count)
    .map { candidates[$0.place] }
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to make one
/// word of the other, no place being changed twice. O(|a| · |b|).
func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a)
  let b = Array(b)
  var beforeLast = [Int]()
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
