/// What the command line asks for.
struct Request {
  static let help = """
    usage: suite [--rows M] [--output FILE]

    Measures the backends of this machine on problems of 250 × 1000 to 2000 × 20000 numbers, prints
    tables, and writes all figures as JSON.

      --rows M        only the problem with M rows: 250, 500, 1000 or 2000
      --output FILE   where the JSON goes, instead of Benchmarks/results/DEVICE.json
    """

  private(set) var wantsHelp = false
  private(set) var output: String?
  private(set) var rows: Int?

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
      case "--output": output = try value()
      case "--rows":
        let text = try value()
        guard let number = Int(text), Suite.grid.contains(where: { $0.0 == number }) else {
          throw UsageError(description: "--rows is 250, 500, 1000 or 2000, not \(text)")
        }
        rows = number
      default: throw UsageError(description: "unknown argument \(argument); see --help")
      }
    }
  }
}

/// A command line that makes no sense, in words.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}
