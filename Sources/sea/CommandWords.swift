/// The words that the tool was started with, to be shown to a person who may type them again.
enum CommandWords {
  /// All but the name of the tool.
  static var all: [String] { Array(CommandLine.arguments.dropFirst()) }

  /// A line for a shell that gives the tool these words.
  static func line(_ words: [String]) -> String {
    (["sea"] + words).map(quoted).joined(separator: " ")
  }

  /// One word as a shell reads it.
  static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { character in
      character.isASCII && (character.isLetter || character.isNumber)
        || "-_./,:=+@%".contains(character)
    }
    guard word.isEmpty || !isPlain else { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }
}
