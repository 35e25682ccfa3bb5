import Arguments

enum Engine: String, CaseIterable { case auto, cpu, opencl }

/// A small table with every feature.
let fixture = CommandTable(
  tool: "sea", summary: "Find the few columns of a matrix that explain a vector",
  version: "1.2.3", commands: [solve, generate, help, completions])

private let solve = Command(
  name: "solve", summary: "Solve one problem",
  description: """
    The matrix is read once and never copied when it is a double precision file in column order.
    Data go to standard output, everything else to standard error.
    """,
  examples: [
    Example(
      "Find the 50 columns that explain y best", "sea solve -m A.npy --observation y.npy -k 50"),
    Example(
      "The same on the first GPU, as JSON",
      "sea solve -m A.npy --observation y.npy -k 50 --backend opencl --json"),
  ],
  groups: [
    OptionGroup(
      "Problem",
      [
        Option("matrix", letter: "m", .file, help: "The matrix A, m × n", isRequired: true),
        Option("observation", .file, help: "The vector y of length m", isRequired: true),
        Option(
          "sparsity", letter: "k", .integer(1...Int.max), placeholder: "k",
          help: "How many columns to find", isRequired: true),
        Option(
          "normalize", .negatableFlag(isOn: true), help: "Scale the columns to unit norm",
          details: "Coefficients are always those of the columns as given."),
      ]),
    OptionGroup(
      "Method",
      [
        Option(
          "iterations", letter: "n", .integer(0...1_000_000), placeholder: "count",
          default: "1000", help: "How many supports to evaluate at most"),
        Option("step-size", .number(0...1e6), placeholder: "eta", help: "The length of a step"),
        Option("shift", .number(), default: "-0.5", help: "A number of either sign"),
      ]),
    OptionGroup(
      "Machine",
      [
        Option(
          "backend", letter: "b", .choice(of: Engine.self), default: "auto",
          help: "Where the products with A are computed"),
        Option("device", .text, help: "The number of a device or a part of its name"),
        Option("avoid", .choice(of: Engine.self), help: "Backends not to use", isRepeatable: true),
      ]),
    OptionGroup(
      "Output",
      [
        Option("json", letter: "j", .flag, help: "Write one JSON object [it's long]"),
        Option("quiet", letter: "q", .flag, help: "Write nothing but the result"),
      ]),
  ])

private let generate = Command(
  name: "generate", summary: "Make a problem with known truth",
  arguments: [
    Argument(
      "kind", .choice(["gaussian", "deconvolution", "toeplitz", "bernoulli", "dct"]),
      help: "The family of the matrix"),
    Argument("folder", .file, help: "Where to write", isRequired: false),
  ],
  groups: [OptionGroup("Size", [Option("rows", .integer(1...10), default: "5", help: "Rows")])])

private let help = Command(
  name: "help", summary: "Explain a command",
  arguments: [
    Argument(
      "command", .choice(["solve", "generate", "completions"]), help: "The command to explain",
      isRequired: false)
  ])

private let completions = Command(
  name: "completions", summary: "Print the completions for a shell",
  arguments: [Argument("shell", .choice(["bash", "zsh", "fish"]), help: "The shell")])
