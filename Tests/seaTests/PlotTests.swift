import Foundation
import Testing

/// Charts from the command line, with gnuplot and without, and folders that cannot hold them.
@Suite(.serialized) final class PlotTests {
  private let tool: Tool
  private static let signature = Data([0x89, 0x50, 0x4E, 0x47])

  init() throws {
    tool = try Tool()
    _ = try tool.run(
      "generate", "gaussian", "--rows", "20", "--columns", "40", "-k", "3", "--snr", "20", "-o", "p"
    )
    _ = try run("solve -m p/A.npy -y p/y.npy -k 3 --start omp --trace t.csv --iterations 20")
  }

  deinit { tool.cleanUp() }

  private func run(
    _ words: String, environment: [String: String] = [:]
  ) throws -> Tool.Outcome {
    try tool.run(words.split(separator: " ").map(String.init), environment: environment)
  }

  private func files(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: tool.folder.path + "/" + folder).sorted()
  }

  /// A chart for each solver of the trace, and one for all.
  @Test func aTraceIsDrawnForEachSolver() throws {
    let outcome = try run("plot t.csv --plot terminal -o charts")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.hasSuffix("page      charts/report.html\n"))
    #expect(
      try files(in: "charts") == [
        "report.html", "trace-exploration.gp", "trace-residual-omp.gp", "trace-residual-sea.gp",
      ])
  }

  @Test(arguments: [["LC_ALL": "C"], ["LC_ALL": "", "LC_CTYPE": "", "LANG": "C.UTF-8"]])
  func terminalsGetWhatTheyCanShow(locale: [String: String]) throws {
    let text = try run("plot t.csv --plot terminal -o charts", environment: locale).output
    let drawing = text.split(separator: "\n").filter { $0.contains("|") || $0.contains("│") }
    #expect(!drawing.isEmpty)
    #expect(text.contains("│") == (locale["LC_ALL"] == ""))
  }

  @Test func withoutGnuplotThereAreScriptsAndAHint() throws {
    let none = ["PATH": "/nowhere"]
    let trace = try run("plot t.csv --plot svg,png -o charts", environment: none)
    #expect(trace.exitCode == 0 && trace.errors.contains("gnuplot charts/"))
    #expect(try files(in: "charts").allSatisfy { $0.hasSuffix(".gp") || $0 == "report.html" })
    let path = try run(
      "path -m p/A.npy -y p/y.npy -k 3 --plot c.svg", environment: none)
    #expect(path.exitCode == 73)
    #expect(path.errors == "sea: cannot write c.svg: gnuplot was not found\n")
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot")))
  func picturesAreDrawn() throws {
    #expect(try run("plot t.csv --plot png -o charts").errors.isEmpty)
    let path = try run("path -m p/A.npy -y p/y.npy -k 3 --criterion cv --folds 3 --plot c.png")
    #expect(path.exitCode == 0, "\(path.errors)")
    for name in ["charts/trace-exploration.png", "c.png"] {
      let picture = try Data(contentsOf: tool.folder.appendingPathComponent(name))
      #expect(picture.prefix(4) == Self.signature, "\(name)")
    }
  }

  /// Without a folder of its own, the page lies beside the results.
  @Test func thePageLiesBesideTheResults() throws {
    let made = try run(
      "experiment deconvolution --quick --size 40 --sparsities 2,3 --trials 1 --solvers omp "
        + "-o d --plot none")
    #expect(made.exitCode == 0, "\(made.errors)")
    let drawn = try run("plot d/results.jsonl --pictured 3 --plot none")
    #expect(drawn.output == "page      d/report.html\n")
    #expect(try Set(files(in: "d")) == ["results.jsonl", "report.html"])
  }

  @Test(arguments: [
    "experiment deconvolution -o /dev/null/x", "experiment scaling --quick -o /dev/null/x",
    "plot t.csv -o /dev/null/x",
  ])
  func aFolderThatCannotBeMade(words: String) throws {
    let outcome = try run(words)
    #expect(outcome.exitCode == 73, "\(outcome.errors)")
    #expect(outcome.errors == "sea: cannot write /dev/null/x: Not a directory\n")
  }
}
