import Arguments
import Benchmarking
import Charts
import Experiments
import SparseRecovery

/// `sea plot`: charts of results that are at hand.
struct PlotCommand {
  /// What `sea plot` understands.
  static let table = Command(
    name: "plot",
    summary: "Draw the results of an experiment or a benchmark, or the trace of a solve",
    description: """
      Takes results.jsonl of a phase transition, a deconvolution or a regression, also while it \
      grows; results.json of scaling; what 'sea bench --output' wrote; or what 'sea solve --trace' did.
      """,
    examples: [
      Example(
        "What a cluster computed", "sea plot results.jsonl --plot svg,png --output charts"),
      Example("How a solve went, in the terminal", "sea plot trace.csv --plot terminal -o trace"),
      Example("What a benchmark measured", "sea plot report.json --output page"),
    ],
    arguments: [Argument("file", .file, help: "Results, a report or a trace")],
    groups: [
      OptionGroup(
        "Charts",
        [
          Option(
            "success", .choice(of: PhaseTransition.Success.self),
            help: "What charts of a phase transition count; support unless given"),
          Option(
            "pictured", .integer(1...Int.max), placeholder: "k",
            help: "The spikes of the one deconvolution that is shown; 20 unless given"),
          Option(
            "output", letter: "o", .file, placeholder: "folder",
            help: "The folder for charts and report.html; that of the file unless given"),
          PlotFormats.option,
          OutputFiles.option,
        ])
    ])

  private let arguments: ParsedArguments
  private let path: String
  private let formats: PlotFormats

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    path = arguments.text("file")
    formats = try PlotFormats(arguments)
  }

  func run() throws {
    let command = CommandWords.line(CommandWords.all)
    let replacing = OutputFiles(arguments).areReplaced
    let kind = path.split(separator: ".").last
    if kind == "json" || kind == "csv" {
      for (option, experiment) in [
        ("success", PhaseTransition.name), ("pictured", Deconvolution.name),
      ] where arguments.isGiven(option) { throw foreign(option, experiment) }
    }
    switch kind {
    case "json":
      // What is no report of either kind is refused as the other.
      if let report: BenchmarkReport = try? JSONFile.read(path, expected: "a report") {
        return try formats.show(
          try BenchPage(report).draw(
            into: folder, command: command, formats: formats.pictures, replacing: replacing))
      }
      try formats.show(
        try ScalingPage(ScalingExperiment.read(path)).draw(
          into: folder, command: command, formats: formats.pictures, replacing: replacing))
    case "csv":
      try formats.show(
        try TraceFile(path).draw(
          into: folder, command: command, formats: formats.pictures, replacing: replacing))
    default:
      try formats.show(
        try experiment().draw(
          resultsAt: path, into: folder, command: command, formats: formats.pictures,
          replacing: replacing))
    }
  }

  /// The experiment that the results are of, to be drawn as asked for.
  private func experiment() throws -> any Experiment {
    let results = try ResultSet.read(path, onDamagedEnd: MergeCommand.warn)
    var experiment = try results.experiment(at: path)
    if let success: PhaseTransition.Success = arguments.choice(ifGiven: "success") {
      guard var transition = experiment as? PhaseTransition else {
        throw foreign("success", PhaseTransition.name)
      }
      transition.success = success
      experiment = transition
    }
    if let pictured = arguments.int(ifGiven: "pictured") {
      guard var deconvolution = experiment as? Deconvolution else {
        throw foreign("pictured", Deconvolution.name)
      }
      deconvolution.pictured = pictured
      experiment = deconvolution
    }
    return experiment
  }

  private func foreign(_ option: String, _ experiment: String) -> UsageError {
    .idleOption(option: "--\(option)", needed: "results of '\(experiment)'")
  }

  private var folder: String {
    arguments.text(ifGiven: "output")
      ?? path.lastIndex(of: "/").map { String(path[...$0].dropLast()) } ?? "."
  }
}
