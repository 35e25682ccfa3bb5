import Benchmarking

/// What the command line asks for.
struct Request {
  static let help = """
    usage: suite [--quick] [--budget SECONDS] [--section NAME] [--output FILE]
           suite --draw FILE

    Measures the backends of this machine: every operation, whole solves, how the time of an
    iteration grows, and the choice of --gradient auto. Prints tables, writes all figures as JSON,
    and draws charts beside it with gnuplot.

      --quick           few and small problems, within a minute: to see that everything works
      --budget SECONDS  begin nothing more after so long; 540 unless given, 45 with --quick
      --section NAME    only this part: \(names); may be given again
      --output FILE     where the JSON goes, instead of Benchmarks/results/DEVICE.json, or
                        .build/DEVICE.json with --quick
      --draw FILE       measure nothing, and draw the charts of this JSON
    """

  private static let names = BenchmarkSuite.Section.allCases.map(\.rawValue).joined(separator: ", ")

  private(set) var wantsHelp = false
  private(set) var isQuick = false
  private(set) var seconds: Double?
  private(set) var sections: Set<BenchmarkSuite.Section> = []
  private(set) var output: String?
  private(set) var drawing: String?

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var rest = Array(arguments)[...]
    while let argument = rest.popFirst() {
      func value() throws(UsageError) -> String {
        guard let value = rest.popFirst() else {
          throw UsageError(description: "\(argument) needs a value")
        }
        return value
      }
      switch argument {
      case "--help", "-h": wantsHelp = true
      case "--quick": isQuick = true
      case "--output": output = try value()
      case "--draw": drawing = try value()
      case "--budget":
        let text = try value()
        guard let number = Double(text), 1...86400 ~= number else {
          throw UsageError(description: "--budget is 1 to 86400 seconds, not \(text)")
        }
        seconds = number
      case "--section":
        let text = try value()
        guard let section = BenchmarkSuite.Section(rawValue: text) else {
          throw UsageError(description: "--section is one of \(Self.names), not \(text)")
        }
        sections.insert(section)
      default: throw UsageError(description: "unknown argument \(argument); see --help")
      }
    }
  }
}

/// A command line that makes no sense, in words.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}
