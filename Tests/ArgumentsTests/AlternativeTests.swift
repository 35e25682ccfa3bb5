import Arguments
import Testing

/// Sets of options of which one is given.
@Suite struct AlternativeTests {
  private let table = CommandTable(
    tool: "sea", summary: "Solve", version: "1",
    commands: [
      Command(
        name: "solve", summary: "Solve",
        groups: [
          OptionGroup(
            "Problem",
            [
              Option("matrix", .file, help: "A"), Option("observation", .file, help: "y"),
              Option("table", .file, help: "Both"),
              Option("target", .text, placeholder: "column", help: "y"),
              Option("sparsity", letter: "k", .integer(), help: "k", isRequired: true),
            ])
        ], alternatives: [["matrix", "observation"], ["table", "target"]])
    ])

  @Test(arguments: ["--matrix A --observation y -k 1", "-k 1 --target c --table t"])
  func oneIsTaken(words: String) throws {
    let invocation = try table.parse(["solve"] + words.split(separator: " ").map(String.init))
    guard case .run(let arguments) = invocation else {
      Issue.record("expected a command")
      return
    }
    #expect(arguments.isGiven("table") != arguments.isGiven("matrix"))
  }

  @Test(arguments: [
    ("-k 1", "missing option --matrix or --table: expected one of them"),
    ("-k 1 --observation y", "missing option --matrix: expected the path of a file"),
    ("-k 1 --table t", "missing option --target: expected some text"),
    ("--table t --target c", "missing option --sparsity: expected an integer"),
    (
      "-k 1 --matrix A --observation y --table t",
      "--table: expected none together with --matrix"
    ),
    ("-k 1 --target c --observation y", "--target: expected none together with --observation"),
  ])
  func othersAreRefused(words: String, message: String) {
    let error = #expect(throws: UsageError.self) {
      try table.parse(["solve"] + words.split(separator: " ").map(String.init))
    }
    #expect(error?.description == message)
  }

  @Test func helpShowsTheChoice() throws {
    let help = table.shortHelp(for: try table.command(named: "solve"), width: 200)
    #expect(
      help.contains(
        "sea solve (--matrix <file> --observation <file> | --table <file> --target <column>) "
          + "--sparsity <n> [<options>]\n"))
  }
}
