import Testing

@testable import Arguments

/// What a command line without errors gives.
func parse(_ line: String) throws -> ParsedArguments {
  let invocation = try fixture.parse(line.split(separator: " ").map(String.init))
  guard case .run(let arguments) = invocation else {
    throw UsageError.unknownCommand(found: line, suggestion: nil)
  }
  return arguments
}

private let required = "--matrix A.npy --observation y.npy --sparsity 3"

@Suite struct ParsingTests {
  @Test(arguments: [
    "solve --matrix A.npy --observation y.npy --sparsity 3",
    "solve --sparsity=3 --observation=y.npy --matrix=A.npy",
    "solve -m A.npy -k 3 --observation y.npy",
    "solve -mA.npy -k=3 --observation y.npy",
    "solve --observation y.npy -k3 -m=A.npy",
  ])
  func formsOfOptions(line: String) throws {
    let arguments = try parse(line)
    #expect(arguments.command.name == "solve")
    #expect(arguments.text("matrix") == "A.npy")
    #expect(arguments.text("observation") == "y.npy")
    #expect(arguments.int("sparsity") == 3)
  }

  @Test func defaults() throws {
    let arguments = try parse("solve \(required)")
    #expect(arguments.int("iterations") == 1000)
    #expect(arguments.number("shift") == -0.5)
    #expect(arguments.choice("backend", as: Engine.self) == .auto)
    #expect(arguments.text("backend") == "auto")
    #expect(arguments.number(ifGiven: "step-size") == nil)
    #expect(arguments.text(ifGiven: "device") == nil)
    #expect(arguments.choices("avoid", as: Engine.self) == [])
    #expect(!arguments.flag("json"))
    #expect(arguments.flag("normalize"))
    #expect(!arguments.isGiven("iterations"))
  }

  @Test(arguments: [
    ("--normalize", true, false, false), ("--no-normalize", false, false, false),
    ("-q", true, false, true), ("-qj", true, true, true), ("--json", true, true, false),
  ])
  func flags(word: String, normalize: Bool, json: Bool, quiet: Bool) throws {
    let arguments = try parse("solve \(required) \(word)")
    #expect(arguments.flag("normalize") == normalize)
    #expect(arguments.flag("json") == json)
    #expect(arguments.flag("quiet") == quiet)
  }

  @Test func flagsBundledWithAValue() throws {
    let arguments = try parse("solve \(required) -qjn 7")
    #expect(arguments.flag("quiet") && arguments.flag("json"))
    #expect(arguments.int("iterations") == 7)
    #expect(try parse("solve \(required) -qn7").int("iterations") == 7)
  }

  @Test(arguments: [
    ("--shift -2", -2.0), ("--shift=-2.5", -2.5), ("--shift -.5e-3", -0.0005),
    ("--shift 1e3", 1000),
    ("--shift +4", 4),
  ])
  func numbersOfEitherSign(words: String, value: Double) throws {
    #expect(try parse("solve \(required) \(words)").number("shift") == value)
  }

  @Test func boundsAreIncluded() throws {
    #expect(try parse("solve \(required) -n 0").int("iterations") == 0)
    #expect(try parse("solve \(required) -n 1000000").int("iterations") == 1_000_000)
    #expect(try parse("solve \(required) --step-size 1e6").number(ifGiven: "step-size") == 1e6)
  }

  @Test(
    arguments: [
      ("0", 0), ("9223372036854775808", 1 << 63), ("18446744073709551615", .max),
      ("18446744073709551616", nil), ("-1", nil), ("1.0", nil), ("", nil),
    ] as [(String, UInt64?)])
  func naturalsHaveAllBits(text: String, value: UInt64?) {
    #expect(ValueKind.natural.value(of: text) == value.map { .natural($0) })
  }

  @Test func repeatedOptionsKeepTheirOrder() throws {
    let arguments = try parse("solve \(required) --avoid cpu --avoid=auto")
    #expect(arguments.choices("avoid", as: Engine.self) == [.cpu, .auto])
    #expect(arguments.isGiven("avoid"))
  }

  @Test func argumentsByPlace() throws {
    let arguments = try parse("generate dct --rows 3 out")
    #expect(arguments.text("kind") == "dct")
    #expect(arguments.text(ifGiven: "folder") == "out")
    #expect(arguments.int("rows") == 3)
    #expect(try parse("generate dct").text(ifGiven: "folder") == nil)
  }

  @Test func dashesThatAreNoOptions() throws {
    #expect(try parse("generate dct -- --help").text(ifGiven: "folder") == "--help")
    #expect(try parse("generate dct -").text(ifGiven: "folder") == "-")
    #expect(try parse("generate dct -5").text(ifGiven: "folder") == "-5")
    #expect(try parse("solve -m - --observation y.npy -k 1").text("matrix") == "-")
    #expect(try parse("solve \(required) --device=").text(ifGiven: "device") == "")
    #expect(try parse("solve \(required) --device=a=b").text(ifGiven: "device") == "a=b")
  }

  @Test(arguments: [
    ("", nil), ("--help", nil), ("-h", nil), ("--help solve", nil), ("solve --help", "solve"),
    ("solve --bogus -h", "solve"), ("solve --sparsity --help", "solve"),
    ("generate -h --", "generate"),
  ])
  func asksForHelp(line: String, command: String?) throws {
    let invocation = try fixture.parse(line.split(separator: " ").map(String.init))
    guard case .help(let asked) = invocation else {
      Issue.record("no help for '\(line)'")
      return
    }
    #expect(asked?.name == command)
  }

  @Test func asksForVersion() throws {
    guard case .version = try fixture.parse(["--version"]) else {
      Issue.record("no version")
      return
    }
  }

  @Test func mistakesOfTheProgramStopIt() async {
    await #expect(processExitsWith: .failure) { _ = try parse("generate dct").flag("bogus") }
    await #expect(processExitsWith: .failure) { _ = try parse("generate dct").int("kind") }
    await #expect(processExitsWith: .failure) { _ = try parse("generate dct").text("folder") }
    await #expect(processExitsWith: .failure) {
      _ = Option("rows", .integer(1...3), default: "4", help: "")
    }
    await #expect(processExitsWith: .failure) {
      _ = Command(
        name: "a", summary: "", groups: [OptionGroup("", [Option("help", .flag, help: "")])])
    }
  }

  /// Several names with commas: each must be one of them.
  @Test func severalChoices() {
    let kind = ValueKind.choices(of: Engine.self)
    for text in ["cpu", "cpu,auto", "auto,cpu,auto"] {
      #expect(kind.value(of: text) == .text(text))
    }
    for text in ["", ",", "cpu,", "cpu,none", "cpu, auto"] { #expect(kind.value(of: text) == nil) }
    #expect(kind.choices == ["auto", "cpu", "opencl"] && kind.isRestricted)
    #expect(
      kind.expectation == "one of auto, cpu, opencl, or several with commas between them")
  }
}
