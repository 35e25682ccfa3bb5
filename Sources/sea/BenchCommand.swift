import Arguments
import Benchmarking
import SparseRecovery

/// `sea bench`: how fast the backends of this machine are, against each other and against memory.
struct BenchCommand {
  /// What `sea bench` understands.
  static let table = Command(
    name: "bench", summary: "Measure every backend of this machine on one problem",
    description: """
      Times the products with the matrix, the selection of the k largest magnitudes and a whole \
      solve, on the processor and on every OpenCL device, and compares their speed with that of \
      memory, measured in the same run, and their results with bounds on rounding errors. First calls, \
      which compile kernels, are shown apart.
      """,
    examples: [
      Example("The default problem, 500 × 5000", "sea bench"),
      Example(
        "A larger one in single precision, as JSON",
        "sea bench --rows 2000 --columns 20000 -k 50 --precision single --json"),
      Example(
        "Ten minutes on one GPU, with a file to keep",
        "sea bench --device 0 -m 4000 -n 50000 -k 100 --storage all --budget 600 --output report.json"
      ),
    ],
    groups: [
      OptionGroup(
        "Problem",
        [
          Option("rows", letter: "m", .integer(), placeholder: "m", default: "500", help: "Rows"),
          Option(
            "columns", letter: "n", .integer(), placeholder: "n", default: "5000",
            help: "Columns"),
          Option(
            "sparsity", letter: "k", .integer(), placeholder: "k", default: "25",
            help: "Columns to select"),
          Option(
            "seed", .natural, placeholder: "seed", default: "0",
            help: "The name of the random numbers"),
        ]),
      OptionGroup(
        "Measurement",
        [
          Option(
            "iterations", .integer(), placeholder: "count", default: "100",
            help: "Supports that a solve evaluates"),
          Option(
            "repetitions", .integer(), placeholder: "count", default: "10",
            help: "The fewest times that an operation is timed"),
          Option(
            "precision", .choice(of: Precision.self),
            help: "Only this precision; both unless given"),
          Option(
            "device", letter: "d", .text, placeholder: "number|name",
            help:
              "Only the processor and this OpenCL device, by its number in 'sea devices' or a part of "
              + "its name"),
          Option(
            "storage", .choice(of: StorageChoice.self), default: "full",
            help: "How precisely OpenCL devices keep the matrix"),
          Option(
            "budget", .number(1...86400), placeholder: "seconds",
            help: "Begin with no other device or precision after so long"),
          Option(
            "threads", .integer(1...4096), placeholder: "n",
            help: "How many threads the processor uses; one a core unless given"),
        ]),
      OptionGroup(
        "Output",
        [
          Option("json", letter: "j", .flag, help: "Write the figures as one JSON object"),
          Option(
            "output", letter: "o", .text, placeholder: "file",
            help: "Write the JSON object to this file as well, after each device and precision",
            details: "A run that is ended early leaves what it had measured."),
          OutputFiles.option,
          Option(
            "compare", .file, placeholder: "file",
            help: "Set the figures beside those of this file; of two files, measure nothing",
            isRepeatable: true),
        ]
      ),
    ])

  private let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  func run() throws {
    let others = try arguments.texts("compare").map { (path) throws(FileError) in
      try JSONFile.read(path, as: BenchmarkReport.self, expected: "a report of 'sea bench'")
    }
    if others.count > 1 {
      guard others.count == 2 else {
        throw RecoveryError.invalidOption(
          name: "--compare", value: "\(others.count) files", expected: "one or two")
      }
      return try write(others[1], beside: others[0])
    }
    let report = try measure()
    if let other = others.first { return try write(report, beside: other) }
    if arguments.flag("json") {
      try Console.write(json: report)
    } else {
      try Console.write(report.table(width: Console.width))
    }
  }

  private func write(_ report: BenchmarkReport, beside other: BenchmarkReport) throws {
    try Console.write(BenchmarkComparison(other, report).table(width: Console.width))
  }

  private func measure() throws -> BenchmarkReport {
    let output = arguments.text(ifGiven: "output")
    if let output { try OutputFiles(arguments).check(output) }
    let storage: StorageChoice = arguments.choice("storage")
    let places = try BenchmarkPlace.all(
      threads: arguments.int(ifGiven: "threads"), device: arguments.text(ifGiven: "device"),
      storages: storage.storages)
    var failure: (any Error)?
    let report = try Benchmark(options).run(
      on: places,
      progress: { step in
        if Console.isWatched { Console.status("measuring \(step)") }
      },
      partial: { report in
        guard let output, failure == nil else { return }
        do { try JSONFile.write(report, to: output, replacing: true) } catch {
          failure = error
        }
      })
    if Console.isWatched { Console.status("") }
    if let failure { throw failure }
    return report
  }

  /// The storages to measure.
  private enum StorageChoice: String, CaseIterable {
    case full, single, half, all

    var storages: [AtomStorage] {
      self == .all ? AtomStorage.allCases : AtomStorage.allCases.filter { $0.rawValue == rawValue }
    }
  }

  private var options: BenchmarkOptions {
    var options = BenchmarkOptions()
    options.rows = arguments.int("rows")
    options.columns = arguments.int("columns")
    options.sparsity = arguments.int("sparsity")
    options.seed = arguments.natural("seed")
    options.iterations = arguments.int("iterations")
    options.repetitions = arguments.int("repetitions")
    options.budget = arguments.number(ifGiven: "budget")
    if let precision: Precision = arguments.choice(ifGiven: "precision") {
      options.precisions = [precision]
    }
    return options
  }
}
